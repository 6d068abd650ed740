using MimeKit.Encodings;

namespace Sternpost.Reports.Reading;

/// <summary>Takes a part's body out of its Content-Transfer-Encoding (RFC 2045 §6).</summary>
internal static class TransferDecoding
{
    internal static ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> body, string encoding)
    {
        IMimeDecoder decoder;
        switch (encoding)
        {
            case "base64": decoder = new Base64Decoder(); break;
            case "quoted-printable": decoder = new QuotedPrintableDecoder(); break;
            default: return body;
        }
        var output = new byte[decoder.EstimateOutputLength(body.Length)];
        var length = decoder.Decode(body.ToArray(), 0, body.Length, output);
        return output.AsMemory(0, length);
    }
}
