using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Sternpost.Smtp.Grammar;

/// <summary>base64 as an AUTH exchange carries it (RFC 4954 §8), without anything that is not of the alphabet.</summary>
internal static class SaslText
{
    internal static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? decoded)
    {
        decoded = null;
        // The decoder skips white space, the grammar has none.
        if (text.Contains((byte)' ')) return false;
        var buffer = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, buffer, out var consumed, out var written) != OperationStatus.Done || consumed != text.Length) return false;
        decoded = buffer[..written];
        return true;
    }
}
