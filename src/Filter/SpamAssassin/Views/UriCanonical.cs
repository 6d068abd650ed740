using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>The forms a link may be meant in: decoded, its redirections followed where they stand in it, its host written plainly. Rules match any of them.</summary>
internal static partial class UriCanonical
{
    private const int MostForms = 40;

    /// <summary>The link and its other forms; none where it leads nowhere.</summary>
    internal static HashSet<string> Of(string link, IReadOnlyList<RuleRegex> redirectors, RegisteredDomains domains, RunBudget budget)
    {
        var forms = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new List<string> { link };
        for (var i = 0; i < waiting.Count && forms.Count < MostForms; i++)
        {
            var uri = waiting[i].Replace("\n", "", StringComparison.Ordinal).Trim(MessagePart.Blank).Replace("\r", "", StringComparison.Ordinal);
            if (uri.Length > HtmlRendering.LongestUri * 2) uri = uri[..(HtmlRendering.LongestUri * 2)];
            forms.Add(uri);
            if (uri.Length <= 1 || uri[0] is '#' or '?' or '&' || (uri[0] == '/' && uri[1] != '/')) continue;
            if (MailLink().IsMatch(uri)) AddMail(uri, forms);
            else AddWeb(uri, forms, waiting, redirectors, domains, budget);
        }
        return forms;
    }

    private static void AddMail(string uri, HashSet<string> forms)
    {
        if (BeforeQuestion().Match(uri) is { Success: true } question) forms.Add(question.Groups[1].Value);
        if (BeforeAmpersand().Match(uri) is { Success: true } ampersand) forms.Add(ampersand.Groups[1].Value);
        if (uri.Contains("%20", StringComparison.Ordinal) && WithoutSpaces().Match(uri) is { Success: true } spaced) forms.Add("mailto:" + spaced.Groups[1].Value);
        if (InBrackets().Match(uri) is { Success: true } bracketed) forms.Add("mailto:" + bracketed.Groups[1].Value);
    }

    private static void AddWeb(string uri, HashSet<string> forms, List<string> waiting, IReadOnlyList<RuleRegex> redirectors, RegisteredDomains domains, RunBudget budget)
    {
        var plain = Plain(uri);
        forms.Add(plain);
        var match = Web().Match(plain);
        if (!match.Success) return;
        var (scheme, host, rest) = (match.Groups[1].Value, match.Groups[3].Value, match.Groups[4].Value);
        var port = match.Groups[6].Value;
        string? withoutPort = null;
        if (port.Length == 0) port = scheme == "http://" ? "80" : "443";
        else
        {
            withoutPort = rest;
            var usual = scheme == "http://" ? ":80" : ":443";
            if (rest.StartsWith(usual, StringComparison.Ordinal) && (rest.Length == usual.Length || !(char.IsAsciiLetterOrDigit(rest[usual.Length]) || rest[usual.Length] == '_')))
            {
                withoutPort = rest[usual.Length..];
                forms.Add(scheme + host + withoutPort);
            }
        }
        var ascii = HostNames.ToAscii(host);
        if (ascii != ByteText.Lower(host))
        {
            forms.Add(scheme + ascii + rest);
            if (!string.IsNullOrEmpty(withoutPort)) forms.Add(scheme + ascii + withoutPort);
            host = ascii;
        }
        var visible = string.Concat(host.Where(c => c > ' '));
        if (visible.Length < host.Length) forms.Add(scheme + (host = visible) + rest);
        if (Redirection(scheme + host + rest, rest, redirectors, budget) is { } target && waiting.Count < MostForms) waiting.Add(target);
        var trimmed = TrailingSigns().Replace(host, "");
        if (trimmed.Length < host.Length) forms.Add(scheme + (host = trimmed) + rest);
        AddNumeric(scheme, host, rest, forms);
        if (scheme == "http://" && !match.Groups[2].Success && port == "80" && ascii != "localhost" && SingleLabel().Match(ascii) is { Success: true } label && !domains.IsValid(ascii) && !IsNumeric(host))
        {
            forms.Add($"{scheme}www.{label.Groups[1].Value}.com{rest}");
        }
    }

    private static bool IsNumeric(string host) => DottedNumbers().IsMatch(host) || HexadecimalNumber().IsMatch(host) || (host.Length > 0 && host.All(char.IsAsciiDigit));

    private static string Plain(string uri)
    {
        var plain = SchemeSlashes().Replace(uri.Replace('\\', '/'), "$1//");
        if (PerCent().IsMatch(plain)) plain = Unescape(plain);
        if (!SchemeStart().IsMatch(plain)) plain = (plain.StartsWith("ftp.", StringComparison.Ordinal) ? "ftp://" : "http://") + plain;
        plain = HostThenQuery().Replace(plain, "$1/$2");
        if (!plain.Contains("&#", StringComparison.Ordinal)) return plain;
        plain = DecimalReference().Replace(plain, match => ((char)int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToString());
        plain = HexadecimalReference().Replace(plain, match => ((char)int.Parse(match.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());
        return FullStopReference().Replace(plain, ".");
    }

    /// <summary>Escapes of printable ASCII undone, and what must be escaped escaped.</summary>
    internal static string Unescape(string uri)
    {
        var result = new StringBuilder(uri.Length);
        for (var i = 0; i < uri.Length; i++)
        {
            var c = uri[i];
            if (c == '%' && i + 2 < uri.Length && char.IsAsciiHexDigit(uri[i + 1]) && char.IsAsciiHexDigit(uri[i + 2]))
            {
                var octet = Convert.ToInt32(uri.Substring(i + 1, 2), 16);
                if (octet is > 0x20 and < 0x7F) result.Append((char)octet);
                else result.Append(uri, i, 3);
                i += 2;
            }
            else if (c <= ' ' || c >= '\x7F' || c is '"' or '%' or '<' or '>') result.Append('%').Append(ByteText.Octet(c).ToString("x2", CultureInfo.InvariantCulture));
            else result.Append(c);
        }
        return result.ToString();
    }

    private static string? Redirection(string uri, string rest, IReadOnlyList<RuleRegex> redirectors, RunBudget budget)
    {
        foreach (var redirector in redirectors)
        {
            if (redirector.Match(uri, budget)?.Groups["g1"] is { Success: true } group && group.Value.Contains('.', StringComparison.Ordinal)) return group.Value;
        }
        return Embedded().Match(rest) is { Success: true } embedded && embedded.Value.Contains('.', StringComparison.Ordinal) ? embedded.Value : null;
    }

    // Hosts written as one number, or as four in other bases.
    private static void AddNumeric(string scheme, string host, string rest, HashSet<string> forms)
    {
        if (DottedNumbers().Match(host) is { Success: true } dotted)
        {
            forms.Add(scheme + string.Join('.', Enumerable.Range(1, 4).Select(i => Octet(dotted.Groups[i].Value))) + rest);
            return;
        }
        if (HexadecimalNumber().Match(host) is { Success: true } hexadecimal)
        {
            var digits = hexadecimal.Groups[1].Value;
            if (digits.Length > 8) digits = digits[^8..];
            if (uint.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value)) forms.Add(scheme + Dotted(value) + rest);
        }
        else if (host.Length > 0 && host.All(char.IsAsciiDigit) && ulong.TryParse(host, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) forms.Add(scheme + Dotted((uint)number) + rest);
    }

    private static string Octet(string text)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) return uint.TryParse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value) ? value.ToString(CultureInfo.InvariantCulture) : text;
        if (text.Length > 1 && text[0] == '0' && text.All(c => c is >= '0' and <= '7') && text.Length < 12) return Convert.ToInt64(text, 8).ToString(CultureInfo.InvariantCulture);
        return text.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : text.Length > 1 ? "" : text;
    }

    private static string Dotted(uint value) => string.Create(CultureInfo.InvariantCulture, $"{value >> 24}.{(value >> 16) & 255}.{(value >> 8) & 255}.{value & 255}");

    [GeneratedRegex(@"^(?:[Mm][Aa][Ii][Ll][Tt][Oo]:|[^:]*@)")]
    private static partial Regex MailLink();

    [GeneratedRegex(@"^([^@]+@[^?]+)\?")]
    private static partial Regex BeforeQuestion();

    [GeneratedRegex("^([^@]+@[^?&]+)&")]
    private static partial Regex BeforeAmpersand();

    [GeneratedRegex("^(?:mailto:)?(?:%20)*([^@]+@[^?&%]+)")]
    private static partial Regex WithoutSpaces();

    [GeneratedRegex("^[^?&]*<([^@>]+@[^>]+)>")]
    private static partial Regex InBrackets();

    [GeneratedRegex("^([Hh][Tt][Tt][Pp][Ss]?:)/{0,2}")]
    private static partial Regex SchemeSlashes();

    [GeneratedRegex("%[0-9a-fA-F]{2}")]
    private static partial Regex PerCent();

    [GeneratedRegex("^[-_A-Za-z0-9]+:")]
    private static partial Regex SchemeStart();

    [GeneratedRegex("^([Hh][Tt][Tt][Pp][Ss]?://[^/?#]+)([?#])")]
    private static partial Regex HostThenQuery();

    [GeneratedRegex(@"&#0*(3[3-9]|[4-9]\d|1[01]\d|12[0-6]);")]
    private static partial Regex DecimalReference();

    [GeneratedRegex("&#x0*(2[1-9]|[3-6][a-fA-F0-9]|7[0-9a-eA-E]);")]
    private static partial Regex HexadecimalReference();

    [GeneratedRegex("&#(?:x2e|12290|x3002|65294|xff0e|65377|xff61);", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FullStopReference();

    [GeneratedRegex(@"^([Hh][Tt][Tt][Pp][Ss]?://)([^@/?#]*@)?([^/?#:]+)((:(\d*))?.*)$")]
    private static partial Regex Web();

    [GeneratedRegex("[Hh][Tt][Tt][Pp][Ss]?:/{0,2}[^&#]+")]
    private static partial Regex Embedded();

    [GeneratedRegex("[^0-9A-Za-z]+$")]
    private static partial Regex TrailingSigns();

    [GeneratedRegex(@"^(0[Xx][0-9A-Fa-f]+|\d+)\.(0[Xx][0-9A-Fa-f]+|\d+)\.(0[Xx][0-9A-Fa-f]+|\d+)\.(0[Xx][0-9A-Fa-f]+|\d+)$")]
    private static partial Regex DottedNumbers();

    [GeneratedRegex("^0[Xx]([0-9A-Fa-f]+)$")]
    private static partial Regex HexadecimalNumber();

    [GeneratedRegex(@"^(?:www\.)?([^.]+)$")]
    private static partial Regex SingleLabel();
}
