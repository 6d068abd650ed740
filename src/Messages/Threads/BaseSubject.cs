using System.Text.RegularExpressions;
using Sternpost.Messages.Content;

namespace Sternpost.Messages.Threads;

/// <summary>The base subject (RFC 5256 §2.1): a subject without what replies, forwards and lists put around it.</summary>
public static partial class BaseSubject
{
    // Each step takes something away, so the loops end; this bounds what a subject of ten thousand "Re:" costs.
    private const int Longest = 1000;

    /// <summary>The base subject in upper case, for comparison, and whether something showed it to be a reply or a forward.</summary>
    public static (string Base, bool IsReply) Of(string? subject)
    {
        // Step 1: encoded words undone, white space to single spaces.
        var text = EncodedWords.Decode(subject);
        if (text.Length > Longest) text = text[..Longest];
        text = WhiteSpace().Replace(text, " ").Trim();
        var reply = false;
        while (true)
        {
            var before = text;
            // Step 2: subj-trailer.
            while (text.EndsWith("(fwd)", StringComparison.OrdinalIgnoreCase))
            {
                text = text[..^5].TrimEnd();
                reply = true;
            }
            // Steps 3 to 5: leaders and blobs, until none is left.
            while (true)
            {
                var leader = Leader().Match(text);
                if (leader.Success)
                {
                    text = text[leader.Length..].TrimStart();
                    reply = true;
                    continue;
                }
                var blob = Blob().Match(text);
                // A subject that is nothing but a blob keeps it.
                if (!blob.Success || blob.Length == text.Length) break;
                text = text[blob.Length..];
            }
            // Step 6: "[fwd: … ]" around the rest.
            if (text.StartsWith("[fwd:", StringComparison.OrdinalIgnoreCase) && text.EndsWith(']'))
            {
                text = text[5..^1].Trim();
                reply = true;
            }
            if (text == before) return (text.ToUpperInvariant(), reply);
        }
    }

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex WhiteSpace();

    // subj-leader = (*subj-blob subj-refwd) / WSP; subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":" (RFC 5256 §5).
    [GeneratedRegex(@"^(?:\[[^\[\]]*\]\s*)*(?:re|fwd?)\s*(?:\[[^\[\]]*\]\s*)?:", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Leader();

    // subj-blob = "[" *BLOBCHAR "]" *WSP (RFC 5256 §5).
    [GeneratedRegex(@"^\[[^\[\]]*\]\s*", RegexOptions.NonBacktracking)]
    private static partial Regex Blob();
}
