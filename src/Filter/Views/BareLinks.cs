using System.Buffers;

namespace Sternpost.Filter.Views;

/// <summary>Addresses written out in plain text.</summary>
internal static class BareLinks
{
    private const int MaxLinks = 300;
    private const int MaxLength = 500;
    private static readonly SearchValues<char> Ends = SearchValues.Create(" \t\r\n<>\"'()[]{}|^`\u3000");

    internal static void Collect(ReadOnlySpan<char> text, List<Link> links)
    {
        while (links.Count < MaxLinks && text.IndexOf("://") is >= 0 and var at)
        {
            var start = at;
            while (start > 0 && at - start < 5 && char.IsAsciiLetter(text[start - 1])) start--;
            var scheme = text[start..at];
            var rest = text[start..];
            var end = rest.IndexOfAny(Ends);
            var url = end < 0 ? rest : rest[..end];
            if (url.Length > MaxLength) url = url[..MaxLength];
            if (scheme.StartsWith("http", StringComparison.OrdinalIgnoreCase))
            {
                var target = url.TrimEnd(".,;:!?").ToString();
                links.Add(new Link(target, target));
            }
            text = text[(at + 3)..];
        }
    }
}
