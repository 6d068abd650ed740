using System.Buffers;
using System.Text;

namespace Sternpost.Messages.Structure;

/// <summary>The value of a header field as text: unfolded, trimmed, free of CR, LF and NUL.</summary>
internal static class FieldText
{
    private static readonly SearchValues<byte> Unwanted = SearchValues.Create("\r\n\0"u8);

    internal static string Unfold(ReadOnlySpan<byte> value)
    {
        value = value.Trim(" \t\r\n"u8);
        if (value.IsEmpty) return "";
        if (value.IndexOfAny(Unwanted) < 0) return Decode(value);
        var rented = ArrayPool<byte>.Shared.Rent(value.Length);
        var length = 0;
        while (!value.IsEmpty)
        {
            var next = value.IndexOfAny(Unwanted);
            var run = next < 0 ? value.Length : next;
            value[..run].CopyTo(rented.AsSpan(length));
            length += run;
            if (next < 0) break;
            // RFC 5322 §2.2.3: unfolding removes the line end and keeps the white space after it. Everything else of the kind
            // has no business in a header and must not reach a line of a protocol.
            var isLineEnd = value[next] == '\n' || (value[next] == '\r' && next + 1 < value.Length && value[next + 1] == '\n');
            if (!isLineEnd) rented[length++] = (byte)' ';
            value = value[(next + 1)..];
        }
        var text = Decode(rented.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(rented);
        return text;
    }

    // Octets beyond ASCII are UTF-8 (RFC 6532) or, in old mail, most often Latin-1; either way none is lost.
    private static string Decode(ReadOnlySpan<byte> value) =>
        System.Text.Unicode.Utf8.IsValid(value) ? Encoding.UTF8.GetString(value) : Encoding.Latin1.GetString(value);
}
