using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Evals;

/// <summary>Functions on the MIME parts.</summary>
internal static partial class MimeFunctions
{
    internal static readonly (string Name, EvalFunction Function)[] All =
    [
        ("check_for_mime", (scan, arguments) => Findings(scan).Has(arguments.At(0))),
        ("check_for_mime_html", (scan, _) => IsHtml(scan) || Findings(scan).HtmlParts > 0),
        ("check_for_mime_html_only", (scan, _) => IsHtml(scan) || (Findings(scan).HtmlParts > 0 && Findings(scan).TextParts == 0)),
        ("check_mime_multipart_ratio", (scan, arguments) => Findings(scan).TextToHtml is var ratio && ratio >= (arguments.NumberAt(0) ?? 0) && ratio < (arguments.NumberAt(1) ?? double.MaxValue)),
        ("check_for_ascii_text_illegal", (scan, _) => Findings(scan).IllegalAscii),
        ("check_abundant_unicode_ratio", (scan, arguments) => Findings(scan).UnicodeRatio >= (arguments.NumberAt(0) ?? double.MaxValue)),
        ("check_qp_ratio", (scan, arguments) => Findings(scan).QuotedRatio >= (arguments.NumberAt(0) ?? 0)),
        ("check_for_faraway_charset", (_, _) => false),
        ("check_for_uppercase", Uppercase),
        ("check_ma_non_text", NonTextAlternative),
        ("check_base64_length", Base64Length),
    ];

    private static bool IsHtml(MessageScan scan) => scan.Header.Text("Content-Type").StartsWith("text/html", StringComparison.OrdinalIgnoreCase);

    private static MimeFindings Findings(MessageScan scan) => scan.Note("mime", () => MimeFindings.Of(scan.Message));

    private static bool Uppercase(MessageScan scan, string[] arguments)
    {
        var percent = scan.Note("uppercase", () => (object)UpperPercent(scan)) is double value ? value : 0;
        return percent > (arguments.NumberAt(0) ?? 0) && percent <= (arguments.NumberAt(1) ?? 100);
    }

    private static double UpperPercent(MessageScan scan)
    {
        var charsets = new List<string>(Findings(scan).Charsets);
        if (CharsetInField().Match(scan.Header.Text("Content-Type")) is { Success: true } match) charsets.Add(match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Success ? match.Groups[2].Value : match.Groups[3].Value);
        if (charsets.Exists(charset => CapitalCharset().IsMatch(charset))) return 0;
        int length = 0, lower = 0, upper = 0;
        foreach (var line in scan.Body)
        {
            if (!TwoWords(line) || EncodedLine().IsMatch(line)) continue;
            var text = line.Contains("\x1b$B", StringComparison.Ordinal) ? Japanese().Replace(line, "") : line;
            length += text.Length;
            foreach (var c in text)
            {
                if (char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)) lower++;
                else if (char.IsAsciiLetterUpper(c)) upper++;
            }
        }
        return length < 200 || upper + lower == 0 ? 0 : 100.0 * upper / (upper + lower);
    }

    private static bool TwoWords(string line) => line.AsSpan().Trim(MessagePart.Blank).IndexOfAny(MessagePart.Blank) >= 0;

    private static bool NonTextAlternative(MessageScan scan, string[] arguments) =>
        scan.Message.Root.Walk().Where(part => part.Type == "multipart/alternative" && part.Parts is not null).SelectMany(part => part.Parts!)
            .Any(part => part.IsLeaf && part.Type is not ("multipart/related" or "application/rtf") && !part.Type.StartsWith("text/", StringComparison.Ordinal));

    private static bool Base64Length(MessageScan scan, string[] arguments)
    {
        var longest = scan.Note("base64 length", () => (object)scan.Message.Root.Leaves()
            .Where(part => part.Field("content-transfer-encoding") is { } encoding && encoding.Equals("base64", StringComparison.OrdinalIgnoreCase) && ContentType.Of(part.Field("content-type")).Type != "application/ics")
            .SelectMany(part => part.Lines).Select(line => line.Length).DefaultIfEmpty(0).Max()) is int value ? value : 0;
        return longest >= (arguments.NumberAt(0) ?? 0) && longest <= (arguments.NumberAt(1) ?? double.MaxValue);
    }

    [GeneratedRegex("""charset="([^"]+)"|charset='([^']+)'|charset=(\S+)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CharsetInField();

    [GeneratedRegex("^[-_a-z0-9]*(?:koi|jp|jis|euc|gb|big5|isoir|cp1251|windows-1251|georgianps|pt154|tis)[-_a-z0-9]*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CapitalCharset();

    [GeneratedRegex("^(?:[A-Za-z0-9+/=]{60,76} ){2}")]
    private static partial Regex EncodedLine();

    [GeneratedRegex(@"\x1b\$B.*\x1b\(B", RegexOptions.Singleline)]
    private static partial Regex Japanese();
}

/// <summary>What the parts of a message came to.</summary>
internal sealed partial class MimeFindings
{
    private readonly HashSet<string> flags = new(StringComparer.Ordinal);

    internal int HtmlParts { get; private set; }

    internal int TextParts { get; private set; }

    /// <summary>Length of the plain alternative against the HTML one; 1 where there are not both.</summary>
    internal double TextToHtml { get; private set; } = 1;

    internal bool IllegalAscii { get; private set; }

    internal double UnicodeRatio { get; private set; }

    internal double QuotedRatio { get; private set; }

    internal List<string> Charsets { get; } = [];

    internal bool Has(string name) => flags.Contains(name);

    internal static MimeFindings Of(RuleMessage message)
    {
        var findings = new MimeFindings();
        var alternatives = new List<(string Type, long Length)>();
        long quoted = 0, quotedCount = 0, plain = 0, references = 0;
        var alternative = false;
        foreach (var part in message.Root.Walk())
        {
            var type = ContentType.Of(part.Field("content-type"));
            alternative |= type.Type == "multipart/alternative";
            var encoding = part.Field("content-transfer-encoding")?.ToLowerInvariant() ?? "";
            var disposition = part.Field("content-disposition")?.ToLowerInvariant() ?? "";
            findings.Note(type, encoding, disposition);
            if (!part.IsLeaf) continue;
            var attached = disposition.Contains("attachment", StringComparison.Ordinal);
            var charset = type.Charset?.ToLowerInvariant();
            var isPlain = type.Type == "text/plain";
            var length = 0L;
            foreach (var line in part.Lines)
            {
                length += line.Length;
                if (encoding == "quoted-printable" && !line.Span.StartsWith("SPAM: ")) findings.CountQuoted(line.Span, ref quoted, ref quotedCount);
                if (isPlain && charset is null or "us-ascii" && !findings.IllegalAscii) findings.IllegalAscii = IsIllegal(line.Span);
                if (isPlain && encoding is "" or "7bit" or "8bit") CountReferences(line.Span, ref plain, ref references);
            }
            if (alternative && !attached && type.Type is "text/plain" or "text/html") alternatives.Add((type.Type, length));
            else if (!attached) alternatives.Add((type.Type, 0));
        }
        findings.Finish(message, alternative ? alternatives : [], quoted, quotedCount, plain, references);
        return findings;
    }

    private void Note(ContentType type, string encoding, string disposition)
    {
        var charset = type.Charset?.ToLowerInvariant() ?? "";
        if (type.Type == "text/html") HtmlParts++;
        else if (type.Type.StartsWith("text", StringComparison.Ordinal)) TextParts++;
        if (encoding.Contains("base64", StringComparison.Ordinal)) flags.Add("mime_base64_count");
        else if (encoding.Contains("quoted-printable", StringComparison.Ordinal)) flags.Add("mime_qp_count");
        if (disposition.Contains("attachment", StringComparison.Ordinal)) flags.Add("mime_attachment");
        if (type.Type.StartsWith("text", StringComparison.Ordinal) && encoding.Contains("base64", StringComparison.Ordinal) && (charset.Length == 0 || AsciiCharset().IsMatch(charset)) && !(disposition.StartsWith("attachment", StringComparison.Ordinal) || disposition.StartsWith("inline", StringComparison.Ordinal))) flags.Add("mime_base64_encoded_text");
        if (IsoCharset().IsMatch(charset) && !KnownIsoCharset().IsMatch(charset)) flags.Add("mime_bad_iso_charset");
        if (charset.Any(char.IsAsciiLetter)) Charsets.AddRange(charset.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    private static bool IsIllegal(ReadOnlySpan<char> line) => line.IndexOfAny('\0', '\r') >= 0 || ByteText.HasHigh(line);

    private void CountQuoted(ReadOnlySpan<char> line, ref long bytes, ref long count)
    {
        // RFC 5322 §2.1.1: 78 and the line end.
        if (line.Length > 79) flags.Add("mime_qp_long_line");
        bytes += line.Length;
        if (line.IndexOf('=') < 0) return;
        var found = 0;
        foreach (var _ in NeedlesslyQuoted().EnumerateMatches(line)) found++;
        if (found == 0) return;
        count += found;
        foreach (var match in TrailingQuoted().EnumerateMatches(line))
        {
            count -= line.Slice(match.Index, match.Length).Count('=');
            break;
        }
    }

    private static void CountReferences(ReadOnlySpan<char> line, ref long plain, ref long references)
    {
        plain += line.Length;
        if (line.IndexOf("&#x") < 0) return;
        foreach (var match in HexadecimalReference().EnumerateMatches(line))
        {
            plain -= match.Length;
            references++;
        }
    }

    private void Finish(RuleMessage message, List<(string Type, long Length)> alternatives, long quoted, long quotedCount, long plain, long references)
    {
        if (quoted > 0) QuotedRatio = (double)quotedCount / quoted;
        // The count of encoded octets takes the place of that of parts.
        if (quoted > 0 && quotedCount == 0) flags.Remove("mime_qp_count");
        if (plain > 0) UnicodeRatio = (double)references / plain;
        var html = alternatives.FindLast(part => part.Type == "text/html");
        var text = alternatives.FindLast(part => part.Type == "text/plain");
        if (html.Type is not null && text.Type is not null && html.Length > 0) TextToHtml = (double)text.Length / html.Length;
        if (message.Boundaries.Values.Any(state => state != 0)) flags.Add("mime_missing_boundary");
        foreach (var fault in message.Faults) flags.Add(fault);
        flags.Remove("mimepart_limit_exceeded");
    }

    [GeneratedRegex(@"us-ascii|ansi_x3\.4-1968|iso-ir-6|ansi_x3\.4-1986|iso_646\.irv:1991|ascii|iso646-us|us|ibm367|cp367|csascii")]
    private static partial Regex AsciiCharset();

    [GeneratedRegex(@"iso-\S+-\S+\b")]
    private static partial Regex IsoCharset();

    [GeneratedRegex(@"iso-(?:8859-\d{1,2}|2022-(?:jp|kr))\b")]
    private static partial Regex KnownIsoCharset();

    [GeneratedRegex("=(?:09|3[0-9ABCEF]|[2456][0-9A-F]|7[0-9A-E])")]
    private static partial Regex NeedlesslyQuoted();

    [GeneratedRegex(@"(?:=09|=20)+\s*$")]
    private static partial Regex TrailingQuoted();

    [GeneratedRegex("&#x[0-9A-F]{4};")]
    private static partial Regex HexadecimalReference();
}
