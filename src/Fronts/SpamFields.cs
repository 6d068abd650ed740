using System.Globalization;
using System.Text;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Fronts;

/// <summary>The header fields that mail programs and Sieve scripts of SpamAssassin users look for, and ours beside them.</summary>
internal static class SpamFields
{
    // RFC 5322 §2.1.1.
    private const int FoldAt = 78;

    /// <summary>Names whose earlier fields are removed: a sender could have written them.</summary>
    internal static readonly string[] Ours = ["X-Spam-Flag", "X-Spam-Level", "X-Spam-Status", "X-Spam-Checker-Version", "X-Spam-Report", "X-Sternpost-Verdict"];

    /// <summary>Name and value of each field; values folded with LF and a tab.</summary>
    internal static IReadOnlyList<(string Name, string Value)> Of(Verdict verdict, ScoreScale scale)
    {
        var fields = new List<(string, string)>(4);
        var spam = verdict.Disposition != Disposition.Accept;
        var score = scale.Of(verdict);
        if (spam) fields.Add(("X-Spam-Flag", "YES"));
        if (score >= 1) fields.Add(("X-Spam-Level", new string('*', (int)Math.Min(score, 50))));
        var tests = verdict.Findings.Count == 0 ? "none" : string.Join(',', verdict.Findings.Select(finding => finding.Symbol));
        fields.Add(("X-Spam-Status", Folded(string.Create(CultureInfo.InvariantCulture, $"{(spam ? "Yes" : "No")}, score={score:0.0} required={scale.Mark:0.0} tests={tests} version=Sternpost"))));
        fields.Add(("X-Sternpost-Verdict", Folded(verdict.ToHeaderValue())));
        return fields;
    }

    /// <summary>The fields as lines, ended as <paramref name="newLine"/> says.</summary>
    internal static string Lines(IReadOnlyList<(string Name, string Value)> fields, string newLine)
    {
        var text = new StringBuilder(256);
        foreach (var (name, value) in fields) text.Append(name).Append(": ").Append(value.ReplaceLineEndings(newLine)).Append(newLine);
        return text.ToString();
    }

    // Breaks after a comma or before a word where the line would grow too long.
    private static string Folded(string value)
    {
        var folded = new StringBuilder(value.Length + 16);
        var line = 20;
        var start = 0;
        for (var i = 0; i <= value.Length; i++)
        {
            if (i < value.Length && value[i] is not (',' or ' ')) continue;
            var end = i < value.Length && value[i] == ',' ? i + 1 : i;
            var word = value.AsSpan(start, end - start);
            if (line + word.Length > FoldAt && folded.Length > 0)
            {
                folded.Append("\n\t");
                line = 8;
                word = word.TrimStart(' ');
            }
            folded.Append(word);
            line += word.Length;
            start = end;
        }
        return folded.ToString();
    }
}
