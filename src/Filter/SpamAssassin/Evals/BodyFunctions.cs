using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Evals;

/// <summary>Functions on the text.</summary>
internal static partial class BodyFunctions
{
    internal static readonly (string Name, EvalFunction Function)[] All =
    [
        ("multipart_alternative_difference", AlternativeDifference),
        ("multipart_alternative_difference_count", (scan, arguments) => Alternatives(scan) is var found && found.Html > (arguments.NumberAt(1) ?? 0) && (double)found.Text / found.Html > (arguments.NumberAt(0) ?? 0)),
        ("check_blank_line_ratio", BlankLines),
        ("tvd_vertical_words", VerticalWords),
        ("check_stock_info", (scan, arguments) => arguments.NumberAt(0) is not { } least || least == 0 || StockWords(scan) >= least),
        ("check_body_length", (scan, arguments) => scan.Message.BodyLength <= (arguments.NumberAt(0) ?? -1)),
        ("plaintext_body_length", (scan, arguments) => Signature(scan) is { } found && Within(found.Body, arguments)),
        ("plaintext_sig_length", (scan, arguments) => Signature(scan) is { } found && Within(found.Signature, arguments)),
        ("plaintext_body_sig_ratio", (scan, arguments) => Signature(scan) is { } found && Within(found.Signature > 0 ? (double)found.Body / found.Signature : 1_000_000, arguments)),
    ];

    private static bool Within(double value, string[] arguments) => value >= (arguments.NumberAt(0) ?? 0) && value <= (arguments.NumberAt(1) ?? double.MaxValue);

    private sealed record Difference(double Percent, int Html, int Text);

    private static bool AlternativeDifference(MessageScan scan, string[] arguments)
    {
        var percent = Alternatives(scan).Percent;
        return (arguments.NumberAt(0) is not { } least || least == 0 || percent > least) && (arguments.NumberAt(1) is not { } most || percent <= most);
    }

    private static Difference Alternatives(MessageScan scan) => scan.Note("alternatives", () =>
    {
        var (percent, htmlWords, textWords) = (0.0, 0, 0);
        if (IsCalendar(scan.Message.Root)) return new Difference(0, 0, 0);
        foreach (var part in scan.Message.Root.Walk().Where(part => part.Type == "multipart/alternative"))
        {
            var html = new Dictionary<string, int>(StringComparer.Ordinal);
            var text = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var alternative in part.Walk().Where(inner => inner.Type.StartsWith("text", StringComparison.Ordinal)))
            {
                if (alternative.Rendered is not { } rendered) continue;
                Count(rendered.Text, rendered.Html is null ? text : html);
                if (rendered.Html is not null && html.Count == 0 && rendered.Html.Inside.ContainsKey("img")) html["\n"] = 1;
            }
            if (html.Count == 0) continue;
            (htmlWords, textWords) = (html.Count, text.Count);
            var missing = html.Count(word => !text.TryGetValue(word.Key, out var times) || word.Value - times >= 1);
            percent = Math.Max(percent, 100.0 * missing / html.Count);
        }
        return new Difference(percent, htmlWords, textWords);
    });

    // An invitation: the text is only said twice.
    private static bool IsCalendar(MessagePart root) =>
        root is { Type: "multipart/alternative", Parts: [{ Type: "text/html", Parts: null }, { Type: "text/calendar", Parts: null }] };

    private static void Count(DecodedText text, Dictionary<string, int> words)
    {
        foreach (var word in text.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!word.Any(c => c == '_' || char.IsAsciiLetterOrDigit(c) || (text.Wide && char.IsLetterOrDigit(c)))) continue;
            if (words.Count < 20_000 || words.ContainsKey(word)) words[word] = words.GetValueOrDefault(word) + 1;
        }
    }

    private static bool BlankLines(MessageScan scan, string[] arguments)
    {
        var least = Math.Max(1, arguments.NumberAt(2) ?? 1);
        int blank = 0, lines = 0;
        foreach (var line in scan.Markup.SelectMany(piece => PartReader.Lines(piece)))
        {
            lines++;
            if (line.Span.Trim(MessagePart.Blank).IsEmpty) blank++;
        }
        var ratio = lines < least ? -1 : 100.0 * blank / lines;
        var (low, high) = (arguments.NumberAt(0) ?? 0, arguments.NumberAt(1) ?? 100);
        return (low == 0 || ratio > low) && ratio <= high;
    }

    private static bool VerticalWords(MessageScan scan, string[] arguments)
    {
        var highest = -1;
        foreach (var line in scan.Body)
        {
            if (line.Length <= 5) continue;
            var spaces = line.AsSpan().Count(' ');
            var others = line.Length - spaces;
            highest = Math.Max(highest, spaces > others || others == 0 ? 100 : 100 * spaces / others);
        }
        var most = arguments.NumberAt(1) ?? 101;
        return highest >= (arguments.NumberAt(0) ?? 0) && highest < (most >= 100 ? 101 : most);
    }

    private static int StockWords(MessageScan scan)
    {
        if (scan.Message.Root.Walk().FirstOrDefault(part => part.Type == "text/plain")?.Rendered is not { } rendered) return 0;
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match match in Label().Matches(rendered.Text.Text))
        {
            var label = string.Concat(match.Groups[1].Value.ToLowerInvariant().Where(char.IsAsciiLetterLower));
            if (StockLabel().Match(label) is { Success: true } stock) found.Add(stock.Groups[1].Value);
        }
        return found.Count;
    }

    private sealed record SignatureLengths(int Body, int Signature);

    private static SignatureLengths? Signature(MessageScan scan)
    {
        if (scan.Message.Root.Walk().FirstOrDefault(part => part.Type.StartsWith("text/plain", StringComparison.Ordinal)) is not { } part) return null;
        var text = part.Decoded;
        var lengths = new SignatureLengths(text.Length, 0);
        // RFC 3676 §4.3.
        foreach (Match match in SignatureLine().Matches(text))
        {
            var end = match.Index + match.Length;
            if (text.Length - end > 4) lengths = new SignatureLengths(match.Index, text.Length - end);
        }
        return lengths;
    }

    [GeneratedRegex(@"^\s*([^:\s][^:\n]{2,29})\s*:\s*\S", RegexOptions.Multiline)]
    private static partial Regex Label();

    [GeneratedRegex(@"(^trad(?:e|ing)date|company(?:name)?|s\w?(?:t\w?o\w?c\w?k|y\w?m(?:\w?b\w?o\w?l)?)|t(?:arget|icker)|(?:opening|current)p(?:rice)?|p(?:rojected|osition)|expectations|weeks?high|marketperformance|(?:year|week|month|day|price)(?:target|estimates?)|sector|r(?:ecommendation|ating))$")]
    private static partial Regex StockLabel();

    [GeneratedRegex(@"^-- ?\r?$", RegexOptions.Multiline)]
    private static partial Regex SignatureLine();
}
