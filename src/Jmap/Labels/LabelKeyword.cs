using System.Text;

namespace Sternpost.Jmap.Labels;

/// <summary>
/// The keyword of a new label, made of its name: programs that show keywords as they are then show something that can be read. Every IMAP server and client
/// takes letters, digits, '-' and '_'.
/// </summary>
internal static class LabelKeyword
{
    private const int Longest = 40;

    /// <summary>A keyword that is not taken.</summary>
    internal static string Of(string name, IReadOnlySet<string> taken)
    {
        var made = new StringBuilder();
        foreach (var c in name.Trim())
        {
            if (char.IsAsciiLetterOrDigit(c)) made.Append(char.ToLowerInvariant(c));
            else if (made.Length > 0 && made[^1] != '_') made.Append(c == '-' ? '-' : '_');
            if (made.Length == Longest) break;
        }
        var plain = made.ToString().Trim('_', '-');
        // Names of another script, and those that mean something by themselves (junk, nonjunk, forwarded).
        if (plain.Length < 2 || Meaning.Contains(plain)) plain = plain.Length == 0 ? "label" : "label_" + plain;
        var keyword = plain;
        for (var n = 2; taken.Contains(keyword); n++) keyword = $"{plain}_{n}";
        return keyword;
    }

    private static readonly HashSet<string> Meaning = new(StringComparer.Ordinal)
    {
        "junk", "nonjunk", "notjunk", "forwarded", "seen", "flagged", "answered", "draft", "deleted", "recent", "redirected",
    };
}
