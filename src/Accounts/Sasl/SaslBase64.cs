using System.Buffers;
using System.Buffers.Text;

namespace Sternpost.Accounts.Sasl;

/// <summary>Base64 as the protocols carry the messages of SASL (RFC 4422 §4).</summary>
public static class SaslBase64
{
    /// <summary>Decodes a client's message; false where it is not base64, or holds white space, which base64 in a protocol must not.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> base64, out byte[] octets)
    {
        octets = [];
        if (base64.IndexOfAny(" \t\r\n"u8) >= 0 || !Base64.IsValid(base64, out var length)) return false;
        octets = new byte[length];
        return Base64.DecodeFromUtf8(base64, octets, out _, out _) == OperationStatus.Done;
    }
}
