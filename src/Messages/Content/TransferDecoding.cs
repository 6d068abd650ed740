using MimeKit.Encodings;

namespace Sternpost.Messages.Content;

/// <summary>Undoes Content-Transfer-Encoding (RFC 2045 §6), as BINARY and searches need it.</summary>
public static class TransferDecoding
{
    /// <summary>The decoded octets; false where the encoding is none we know. Octets that do not belong in the encoding are passed over.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> body, string encoding, out ReadOnlyMemory<byte> decoded)
    {
        decoded = body;
        switch (encoding.ToLowerInvariant())
        {
            case "" or "7bit" or "8bit" or "binary":
                return true;
            case "base64":
                decoded = Decode(new Base64Decoder(), body.Span);
                return true;
            case "quoted-printable":
                decoded = QuotedPrintable.Decode(body.Span);
                return true;
            case "x-uuencode" or "uuencode" or "x-uue":
                decoded = Decode(new UUDecoder(), body.Span);
                return true;
            default:
                return false;
        }
    }

    private static unsafe ReadOnlyMemory<byte> Decode(IMimeDecoder decoder, ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return default;
        var decoded = new byte[decoder.EstimateOutputLength(body.Length)];
        fixed (byte* input = body, output = decoded)
        {
            return decoded.AsMemory(0, decoder.Decode(input, body.Length, output));
        }
    }
}
