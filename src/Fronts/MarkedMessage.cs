using System.Text;
using Sternpost.Filter.Corpora;

namespace Sternpost.Fronts;

/// <summary>A message with our fields put before its own, and fields of the same names that came with it removed. Line ends stay as they were.</summary>
internal static class MarkedMessage
{
    internal static byte[] Whole(ReadOnlySpan<byte> message, IReadOnlyList<(string Name, string Value)> fields)
    {
        var bodyAt = BodyOffset(message);
        return [.. Header(message, fields), .. message[bodyAt..]];
    }

    /// <summary>The header with its closing empty line.</summary>
    internal static byte[] Header(ReadOnlySpan<byte> message, IReadOnlyList<(string Name, string Value)> fields)
    {
        var newLine = message.IndexOf("\r\n"u8) is var crlf && crlf >= 0 && crlf < message.IndexOf((byte)'\n') ? "\r\n" : "\n";
        var header = new MemoryStream(2048);
        var rest = message[..BodyOffset(message)];
        // A separator of mbox files stays first, or it is no separator any more.
        var separator = DeliveryTrace.SeparatorLength(rest);
        header.Write(rest[..separator]);
        header.Write(Encoding.ASCII.GetBytes(SpamFields.Lines(fields, newLine)));
        rest = rest[separator..];
        var dropping = false;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n') + 1;
            var line = end == 0 ? rest : rest[..end];
            // A folded line belongs to the field above it.
            if (line[0] is not ((byte)' ' or (byte)'\t')) dropping = IsOurs(line);
            if (!dropping) header.Write(line);
            rest = rest[line.Length..];
        }
        return header.ToArray();
    }

    private static int BodyOffset(ReadOnlySpan<byte> message)
    {
        for (var at = 0; at < message.Length;)
        {
            var end = message[at..].IndexOf((byte)'\n');
            if (end < 0) return message.Length;
            if (end == 0 || (end == 1 && message[at] == '\r')) return at + end + 1;
            at += end + 1;
        }
        return message.Length;
    }

    private static bool IsOurs(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0) return false;
        var name = line[..colon].TrimEnd((byte)' ');
        foreach (var ours in SpamFields.Ours)
        {
            if (Ascii.EqualsIgnoreCase(name, ours)) return true;
        }
        return false;
    }
}
