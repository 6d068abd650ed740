using System.Text;
using Sternpost.Queue.Intake;

namespace Sternpost.Queue.Gateway;

/// <summary>Takes what servers behind have written above a message off again.</summary>
internal static class PassedCopy
{
    /// <summary>
    /// From our Authentication-Results and Received fields on; the copy as it is where they are not there any more. Some servers sort a header
    /// anew, so ours are looked for one by one.
    /// </summary>
    internal static ReadOnlyMemory<byte> Cut(ReadOnlyMemory<byte> copy, string hostName)
    {
        var span = copy.Span;
        var header = HeaderBlock.Of(span);
        (int Start, int End) results = default, received = default;
        for (var at = 0; at < header.Length && received.End == 0;)
        {
            var end = EndOfField(header, at);
            var field = header[at..end];
            if (StartsWith(field, "received:"u8) && HeaderBlock.SessionOf(field, hostName) is not null) received = (at, end);
            else if (results.End == 0 && StartsWith(field, "authentication-results:"u8) && IsOurs(field[23..], hostName)) results = (at, end);
            at = end;
        }
        return received.End == 0 ? copy : (byte[])[.. span[results.Start..results.End], .. span[received.Start..]];
    }

    private static bool IsOurs(ReadOnlySpan<byte> value, string hostName)
    {
        var name = value.TrimStart(" \t\r\n"u8);
        var end = name.IndexOfAny("; \t\r\n"u8);
        return end > 0 && Ascii.EqualsIgnoreCase(name[..end], hostName);
    }

    private static bool StartsWith(ReadOnlySpan<byte> field, ReadOnlySpan<byte> lowerCase) => field.Length >= lowerCase.Length && Ascii.EqualsIgnoreCase(field[..lowerCase.Length], lowerCase);

    private static int EndOfField(ReadOnlySpan<byte> header, int at)
    {
        while (true)
        {
            var feed = header[at..].IndexOf((byte)'\n');
            if (feed < 0) return header.Length;
            at += feed + 1;
            if (at >= header.Length || header[at] is not ((byte)' ' or (byte)'\t')) return at;
        }
    }
}
