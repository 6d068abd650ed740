namespace Sternpost.Messages.Content;

/// <summary>Decodes quoted-printable as RFC 2045 §6.7 says, white space at the ends of lines included, which a stream decoder leaves.</summary>
internal static class QuotedPrintable
{
    /// <summary>The decoded octets. What is no encoding stays as it is (§6.7 note 2).</summary>
    internal static ReadOnlyMemory<byte> Decode(ReadOnlySpan<byte> body)
    {
        var decoded = new byte[body.Length];
        var length = 0;
        while (body.Length > 0)
        {
            var feed = body.IndexOf((byte)'\n');
            var line = feed < 0 ? body : body[..feed];
            var end = feed < 0 ? default : feed > 0 && body[feed - 1] == '\r' ? "\r\n"u8 : "\n"u8;
            body = feed < 0 ? default : body[(feed + 1)..];
            // Rule 3: white space at the end of a line was added on the way.
            line = line.TrimEnd(" \t\r"u8);
            // Rule 5: a last "=" joins the next line.
            var soft = line.Length > 0 && line[^1] == '=';
            length = Line(soft ? line[..^1] : line, decoded, length);
            if (soft) continue;
            end.CopyTo(decoded.AsSpan(length));
            length += end.Length;
        }
        return decoded.AsMemory(0, length);
    }

    private static int Line(ReadOnlySpan<byte> line, byte[] decoded, int length)
    {
        while (line.IndexOf((byte)'=') is >= 0 and var at)
        {
            line[..at].CopyTo(decoded.AsSpan(length));
            length += at;
            if (at + 2 < line.Length && char.IsAsciiHexDigit((char)line[at + 1]) && char.IsAsciiHexDigit((char)line[at + 2]))
            {
                decoded[length++] = (byte)((Value(line[at + 1]) << 4) | Value(line[at + 2]));
                line = line[(at + 3)..];
            }
            else
            {
                decoded[length++] = (byte)'=';
                line = line[(at + 1)..];
            }
        }
        line.CopyTo(decoded.AsSpan(length));
        return length + line.Length;
    }

    private static int Value(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
