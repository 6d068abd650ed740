using System.Text;
using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>A header field's value decoded to the octets of UTF-8.</summary>
internal static partial class EncodedWords
{
    /// <summary>Unfolded and trimmed, encoded words undone except in fields that are made of tokens.</summary>
    internal static string Decode(string value, string lowerName)
    {
        if (value.Length == 0) return value;
        if (value.Contains('\n', StringComparison.Ordinal)) value = LineEnd().Replace(Fold().Replace(value, "\n "), "");
        value = DecodedText.OfHeader(value);
        if (!value.Contains("=?", StringComparison.Ordinal) || Tokens().IsMatch(lowerName)) return value;
        value = BetweenWords().Replace(value, "$1");
        var result = new StringBuilder(value.Length);
        var at = 0;
        var held = "";
        var charset = "";
        // Octets of neighbouring words of one charset are one text: a character may be split between them.
        foreach (Match word in Word().Matches(value))
        {
            var plain = value[at..word.Index];
            var encoding = word.Groups[1].Value.ToLowerInvariant();
            if (plain.Length > 0 || encoding != charset)
            {
                Flush(result, ref held, charset);
                result.Append(plain);
            }
            charset = encoding;
            held += word.Groups[2].Value is "b" or "B" ? TransferText.Base64(word.Groups[3].Value) : TransferText.QuotedPrintable(word.Groups[3].Value.Replace("_", "=20", StringComparison.Ordinal));
            at = word.Index + word.Length;
        }
        Flush(result, ref held, charset);
        return result.Append(value.AsSpan(at)).ToString();
    }

    private static void Flush(StringBuilder result, ref string held, string charset)
    {
        if (held.Length == 0) return;
        var star = charset.IndexOf('*', StringComparison.Ordinal);
        result.Append(DecodedText.OfWord(held, star < 0 ? charset : charset[..star]));
        held = "";
    }

    [GeneratedRegex(@"\n[ \t]")]
    private static partial Regex Fold();

    [GeneratedRegex(@"\r?\n")]
    private static partial Regex LineEnd();

    [GeneratedRegex(@"^(?:received|(?:resent-)?(?:message-id|date)|mime-version|references|in-reply-to|list-.*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Tokens();

    [GeneratedRegex(@"(=\?[A-Za-z0-9*_-]+\?[bqBQ]\?[^?]*\?=)\s+(?==\?[A-Za-z0-9*_-]+\?[bqBQ]\?[^?]*\?=)")]
    private static partial Regex BetweenWords();

    [GeneratedRegex(@"=\?([A-Za-z0-9*_-]+)\?([bqBQ])\?([^?]*)\?=")]
    private static partial Regex Word();
}
