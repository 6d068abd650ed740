using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Sternpost.MailAuth.Spf;

/// <summary>
/// An SPF record read whole before anything of it is evaluated: RFC 7208 §4.6 makes a syntax error anywhere in the record a
/// permanent error, also behind a mechanism that would have matched.
/// </summary>
internal sealed class SpfRecord
{
    // RFC 7208 §3.4 asks for records that fit a UDP packet; far longer ones are real, this much is not.
    private const int MaxLength = 16 * 1024;
    private const int MaxTerms = 500;
    private const string Version = "v=spf1";

    private SpfRecord(IReadOnlyList<SpfTerm> terms, string? redirect, string? explanation)
    {
        Terms = terms;
        Redirect = redirect;
        Explanation = explanation;
    }

    public IReadOnlyList<SpfTerm> Terms { get; }

    public string? Redirect { get; }

    public string? Explanation { get; }

    /// <summary>RFC 7208 §4.5: the version is followed by a space or the end; version 10 is another thing.</summary>
    public static bool IsSpf(string text) =>
        text.StartsWith(Version, StringComparison.OrdinalIgnoreCase) && (text.Length == Version.Length || text[Version.Length] == ' ');

    public static bool TryParse(string text, [NotNullWhen(true)] out SpfRecord? record, out string problem)
    {
        record = null;
        problem = "it is not an SPF record";
        if (!IsSpf(text)) return false;
        problem = "the record is too long";
        if (text.Length > MaxLength) return false;
        var terms = new List<SpfTerm>();
        string? redirect = null, explanation = null;
        // RFC 7208 §4.6.1: terms stand between spaces; no other white space will do.
        foreach (var word in text[Version.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            problem = $"the term '{Shown(word)}' cannot be understood";
            var name = NameEnd(word);
            if (name > 0 && name < word.Length && word[name] == '=')
            {
                var value = word[(name + 1)..];
                switch (word[..name].ToLowerInvariant())
                {
                    // RFC 7208 §6: redirect and exp stand at most once.
                    case "redirect" when redirect is null && SpfMacro.IsDomainSpec(value): redirect = value; break;
                    case "exp" when explanation is null && SpfMacro.IsDomainSpec(value): explanation = value; break;
                    case "redirect" or "exp": return false;
                    default:
                        if (!SpfMacro.IsMacroString(value, SpfMacro.AnyLetter)) return false;
                        break;
                }
            }
            else if (!TryDirective(word, out var term)) return false;
            else if (terms.Count == MaxTerms) return false;
            else terms.Add(term);
        }
        record = new SpfRecord(terms, redirect, explanation);
        return true;
    }

    private static bool TryDirective(string word, [NotNullWhen(true)] out SpfTerm? term)
    {
        term = null;
        var meaning = word[0] switch
        {
            '-' => SpfKind.Fail,
            '~' => SpfKind.SoftFail,
            '?' => SpfKind.Neutral,
            _ => SpfKind.Pass,
        };
        var rest = word[0] is '+' or '-' or '~' or '?' ? word[1..] : word;
        var name = NameEnd(rest);
        if (name == 0 || (name < rest.Length && rest[name] is not (':' or '/'))) return false;
        var argument = rest[name..];
        term = rest[..name].ToLowerInvariant() switch
        {
            "all" when argument.Length == 0 => new(SpfMechanism.All, meaning, null, null, 32, 128, word),
            "include" => WithDomain(SpfMechanism.Include, argument),
            "exists" => WithDomain(SpfMechanism.Exists, argument),
            "ptr" when argument.Length == 0 => new(SpfMechanism.Pointer, meaning, null, null, 32, 128, word),
            "ptr" => WithDomain(SpfMechanism.Pointer, argument),
            "a" => WithCidr(SpfMechanism.A, argument),
            "mx" => WithCidr(SpfMechanism.Mx, argument),
            "ip4" => WithNetwork(SpfMechanism.Ip4, AddressFamily.InterNetwork, argument),
            "ip6" => WithNetwork(SpfMechanism.Ip6, AddressFamily.InterNetworkV6, argument),
            _ => null,
        };
        return term is not null;

        SpfTerm? WithDomain(SpfMechanism mechanism, string text) =>
            text is [':', .. var spec] && SpfMacro.IsDomainSpec(spec) ? new(mechanism, meaning, spec, null, 32, 128, word) : null;

        SpfTerm? WithCidr(SpfMechanism mechanism, string text)
        {
            int four = 32, six = 128;
            // RFC 7208 §5.6 dual-cidr-length, taken off the end because a domain-spec may hold slashes in a macro.
            if (text.LastIndexOf("//", StringComparison.Ordinal) is var two and >= 0 && IsDigits(text[(two + 2)..]))
            {
                if (!TryPrefix(text[(two + 2)..], 128, out six)) return null;
                text = text[..two];
            }
            if (text.LastIndexOf('/') is var one and >= 0 && IsDigits(text[(one + 1)..]))
            {
                if (!TryPrefix(text[(one + 1)..], 32, out four)) return null;
                text = text[..one];
            }
            if (text.Length == 0) return new(mechanism, meaning, null, null, four, six, word);
            return text is [':', .. var spec] && SpfMacro.IsDomainSpec(spec) ? new(mechanism, meaning, spec, null, four, six, word) : null;
        }

        SpfTerm? WithNetwork(SpfMechanism mechanism, AddressFamily family, string text)
        {
            if (text is not [':', .. var network]) return null;
            var bits = family == AddressFamily.InterNetwork ? 32 : 128;
            var prefix = bits;
            if (network.IndexOf('/') is var slash and >= 0)
            {
                if (!TryPrefix(network[(slash + 1)..], bits, out prefix)) return null;
                network = network[..slash];
            }
            // .NET also takes "1", "0x7f.1" and scope ids; RFC 7208 §5.6 takes dotted quads and RFC 4291 text only.
            if (family == AddressFamily.InterNetwork ? !IsDottedQuad(network) : !network.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')) return null;
            if (!IPAddress.TryParse(network, out var address) || address.AddressFamily != family) return null;
            return new(mechanism, meaning, null, address, prefix, prefix, word);
        }
    }

    // name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
    private static int NameEnd(string word)
    {
        var i = 0;
        while (i < word.Length && (char.IsAsciiLetter(word[i]) || (i > 0 && (char.IsAsciiDigit(word[i]) || word[i] is '-' or '_' or '.')))) i++;
        return i;
    }

    private static bool IsDigits(string text) => text.Length == 0 || text.All(char.IsAsciiDigit);

    // RFC 7208 §5.6: no leading zero.
    private static bool TryPrefix(string text, int max, out int prefix)
    {
        prefix = 0;
        if (text.Length is 0 or > 3 || (text[0] == '0' && text.Length > 1) || !text.All(char.IsAsciiDigit)) return false;
        prefix = int.Parse(text);
        return prefix <= max;
    }

    private static bool IsDottedQuad(string text)
    {
        var parts = text.Split('.', 5);
        return parts.Length == 4 && parts.All(part => TryPrefix(part, 255, out _));
    }

    private static string Shown(string word) =>
        new(word.Take(40).Select(c => c is > ' ' and <= '~' ? c : '?').ToArray());
}
