using System.Buffers.Text;

namespace Sternpost.Filter.Views;

/// <summary>Content-Transfer-Encoding undone (RFC 2045 §6), tolerantly and into a bounded buffer.</summary>
internal static class TransferDecoding
{
    /// <summary>Decodes at most <paramref name="budget"/> octets; the answer may be a slice of the input where nothing had to be decoded.</summary>
    internal static ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> body, TransferEncoding encoding, int budget)
    {
        switch (encoding)
        {
            case TransferEncoding.Base64:
                // Four octets hold three; line ends are about one in forty.
                var source = body.Span[..(int)Math.Min(body.Length, (budget * 4L / 3) + (budget / 20) + 80)];
                var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(source.Length)];
                var written = DecodeBase64(source, decoded);
                return decoded.AsMemory(0, Math.Min(written, budget));
            case TransferEncoding.QuotedPrintable:
                var quoted = body.Span[..Math.Min(body.Length, budget)];
                var plain = new byte[quoted.Length];
                return plain.AsMemory(0, DecodeQuotedPrintable(quoted, plain));
            default:
                return body[..Math.Min(body.Length, budget)];
        }
    }

    private static int DecodeBase64(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var total = 0;
        while (!source.IsEmpty)
        {
            Base64.DecodeFromUtf8(source, target[total..], out var consumed, out var written, isFinalBlock: false);
            total += written;
            source = source[consumed..];
            // Padding in the middle or a foreign character: step over it, as mail readers do, but at most four octets a time.
            var skip = Math.Min(source.Length, 4);
            if (written == 0 && consumed == 0 && source.Length <= 4)
            {
                Base64.DecodeFromUtf8(source, target[total..], out _, out written, isFinalBlock: true);
                return total + written;
            }
            if (consumed == 0) source = source[skip..];
        }
        return total;
    }

    private static int DecodeQuotedPrintable(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var total = 0;
        while (true)
        {
            var escape = source.IndexOf((byte)'=');
            var run = escape < 0 ? source : source[..escape];
            run.CopyTo(target[total..]);
            total += run.Length;
            if (escape < 0) return total;
            source = source[(escape + 1)..];
            if (source.Length >= 2 && Hex(source[0]) is >= 0 and var high && Hex(source[1]) is >= 0 and var low)
            {
                target[total++] = (byte)((high << 4) | low);
                source = source[2..];
            }
            else if (source.StartsWith("\r\n"u8)) source = source[2..];
            else if (source.StartsWith("\n"u8)) source = source[1..];
            else if (source.StartsWith(" "u8) && source.IndexOf((byte)'\n') is >= 0 and < 8 and var feed) source = source[(feed + 1)..];
            else target[total++] = (byte)'=';
        }
    }

    private static int Hex(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        _ => -1,
    };
}

/// <summary>The encodings mail has (RFC 2045 §6.1); the three identities are one here.</summary>
internal enum TransferEncoding
{
    Identity,
    Base64,
    QuotedPrintable,
}
