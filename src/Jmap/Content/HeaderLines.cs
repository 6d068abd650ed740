using System.Text;

namespace Sternpost.Jmap.Content;

/// <summary>One header field as it stands in a message.</summary>
/// <param name="Name">As written.</param>
/// <param name="Raw">Everything between the colon and the line end, folds included, as text: what is no UTF-8 is U+FFFD, NUL is dropped (RFC 8621 §4.1.2.1).</param>
internal sealed record HeaderLine(string Name, string Raw)
{
    /// <summary>The value unfolded (RFC 5322 §2.2.3) and without space around it.</summary>
    internal string Unfolded => Raw.Replace("\r\n", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Trim();
}

/// <summary>The fields of a header section, in their order.</summary>
internal static class HeaderLines
{
    private const int Most = 10_000;

    internal static List<HeaderLine> Read(ReadOnlySpan<byte> header)
    {
        var lines = new List<HeaderLine>();
        while (header.Length > 0 && lines.Count < Most && header[0] is not (byte)'\n' && !(header[0] == '\r' && (header.Length == 1 || header[1] == '\n')))
        {
            var end = 0;
            do
            {
                var feed = header[end..].IndexOf((byte)'\n');
                end = feed < 0 ? header.Length : end + feed + 1;
            }
            while (end < header.Length && header[end] is (byte)' ' or (byte)'\t');
            var field = header[..end];
            header = header[end..];
            var colon = field.IndexOf((byte)':');
            var name = colon <= 0 ? [] : field[..colon].TrimEnd(" \t"u8);
            // A line that is no field is passed over.
            if (name.IsEmpty || name.IndexOfAnyExceptInRange((byte)'!', (byte)'~') >= 0) continue;
            var value = field[(colon + 1)..];
            if (value.EndsWith("\r\n"u8)) value = value[..^2];
            else if (value.EndsWith("\n"u8)) value = value[..^1];
            lines.Add(new HeaderLine(Encoding.ASCII.GetString(name), Text(value)));
        }
        return lines;
    }

    private static string Text(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value);
        return text.Contains('\0', StringComparison.Ordinal) ? text.Replace("\0", "", StringComparison.Ordinal) : text;
    }
}
