using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Tests;

/// <summary>The envelope (RFC 5228 §5.4).</summary>
internal static class EnvelopeTest
{
    internal static readonly CommandSpec Spec = new("envelope")
    {
        Extension = "envelope",
        Tags = [.. MatchTags.Match, .. MatchTags.AddressPart],
        Positionals = [new(ArgumentKind.TextList, "envelope parts"), new(ArgumentKind.TextList, "key list")],
        Test = Make,
    };

    private static Condition? Make(BoundCommand bound)
    {
        var (parts, keys) = (bound.Texts(0), bound.Texts(1));
        foreach (var part in parts)
        {
            if (part.Constant is not { } name || name.ToLowerInvariant() is "from" or "to" or "auth") continue;
            bound.Fail($"the envelope test knows the parts from, to and auth, but not '{name}'");
            return null;
        }
        if (MatchTags.Read(bound, keys) is not { } match) return null;
        var addressPart = AddressPart.Read(bound);
        return run => match.Test(run, parts.SelectMany(part => Values(run, part.Of(run).ToLowerInvariant(), addressPart)), keys);
    }

    private static IEnumerable<string> Values(ScriptRun run, string part, AddressPart of)
    {
        switch (part)
        {
            case "auth":
                if (run.Host.EnvelopeAuth is { } login) yield return login;
                break;
            case "from":
                // RFC 5228 §5.4: the null sender is the empty string, whatever part is asked for.
                if (run.Host.EnvelopeFrom is not { } sender) yield return "";
                else if (Split(sender) is { } from && of.Of(run, from) is { } value) yield return value;
                break;
            case "to":
                if (run.Host.EnvelopeTo is { } recipient && Split(recipient) is { } address && of.Of(run, address) is { } to) yield return to;
                break;
        }
    }

    // RFC 5321 §4.1.2: a path, with or without its brackets, whose route means nothing (§3.6.1). Null for what is none.
    private static SieveAddress? Split(string address)
    {
        if (address.StartsWith('<') != address.EndsWith('>')) return null;
        if (address.StartsWith('<')) address = address[1..^1];
        if (address.StartsWith('@'))
        {
            var colon = address.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !address[..colon].Split(',').All(host => host.StartsWith('@') && IsHost(host[1..]))) return null;
            address = address[(colon + 1)..];
        }
        var at = address.LastIndexOf('@');
        if (at < 0) return address.Length > 0 && IsLocal(address) ? new SieveAddress(address, "", null) : null;
        var local = address[..at];
        if (at == address.Length - 1 || !(local is ['"', .., '"'] || IsLocal(local)) || !IsHost(address[(at + 1)..])) return null;
        if (local is ['"', .., '"'] && local.Length >= 2) local = local[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
        return new SieveAddress(local, address[(at + 1)..], null);
    }

    private static bool IsLocal(string text) => text.Length > 0 && text.All(c => c > '\x7f' || char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~.".Contains(c, StringComparison.Ordinal));

    private static bool IsHost(string text) => text is ['[', .., ']'] || text.Split('.').All(label => label.Length > 0 && label.All(c => c > '\x7f' || char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
}
