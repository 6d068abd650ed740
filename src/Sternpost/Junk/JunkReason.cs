using System.Globalization;
using System.Text.RegularExpressions;

namespace Sternpost.Junk;

/// <summary>What the filter wrote into a message, read back: how sure it was, and what weighed most.</summary>
internal static partial class JunkReason
{
    /// <summary>The score; null where the filter did not judge, or let it through. The lower, the more doubtful.</summary>
    internal static double? Score(string? verdict) =>
        verdict is not null && !verdict.StartsWith("accept", StringComparison.Ordinal) && ScoreOf().Match(verdict) is { Success: true } match ? Number(match.Groups[1].Value) : null;

    /// <summary>Why it is in Junk, in a sentence.</summary>
    internal static string Sentence(string? verdict, IReadOnlyDictionary<string, string> meanings)
    {
        if (verdict is null || verdict.StartsWith("accept", StringComparison.Ordinal)) return "You, or a program of yours, moved it to Junk.";
        var heaviest = Findings().Matches(verdict).Select(match => (Symbol: match.Groups[1].Value, Weight: Number(match.Groups[2].Value))).Where(finding => finding.Weight > 0).OrderByDescending(finding => finding.Weight).FirstOrDefault();
        return heaviest.Symbol is null ? "Many small signs together speak for spam."
            : heaviest.Symbol == "STATISTICS" ? "Its words and form are those of spam."
            : meanings.TryGetValue(heaviest.Symbol, out var meaning) ? char.ToUpperInvariant(meaning[0]) + meaning[1..].TrimEnd('.') + "." : "Many small signs together speak for spam.";
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"score (-?\d+(?:\.\d+)?)", RegexOptions.CultureInvariant)]
    private static partial Regex ScoreOf();

    [GeneratedRegex(@"[(,]\s*([A-Z0-9_]+) (-?\d+(?:\.\d+)?)", RegexOptions.CultureInvariant)]
    private static partial Regex Findings();
}
