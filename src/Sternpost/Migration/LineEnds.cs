using System.Buffers;

namespace Sternpost.Migration;

/// <summary>Lines end with CRLF in mail and with LF in the files people keep it in.</summary>
internal static class LineEnds
{
    private static readonly SearchValues<byte> LineFeed = SearchValues.Create((byte)'\n');

    /// <summary>The text with every line ended by CRLF; the same array where that is so already.</summary>
    internal static byte[] ToCrLf(byte[] text)
    {
        var bare = 0;
        for (var at = 0; text.AsSpan(at).IndexOfAny(LineFeed) is >= 0 and var next; at += next + 1)
        {
            if (at + next == 0 || text[at + next - 1] != '\r') bare++;
        }
        if (bare == 0) return text;
        var mended = new byte[text.Length + bare];
        var to = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) mended[to++] = (byte)'\r';
            mended[to++] = text[i];
        }
        return mended;
    }
}
