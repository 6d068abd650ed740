namespace Sternpost.Wire;

/// <summary>Line ends as the wire has them. Programs that keep mail in files end lines with LF; signatures are made over CRLF.</summary>
public static class CrlfText
{
    /// <summary>The same octets where every line already ends with CRLF, otherwise a copy in which a lone LF or CR has become CRLF.</summary>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> text)
    {
        var span = text.Span;
        var lone = CountLone(span);
        if (lone == 0) return text;
        var whole = new byte[span.Length + lone];
        var at = 0;
        for (var i = 0; i < span.Length;)
        {
            var run = span[i..].IndexOfAny((byte)'\r', (byte)'\n');
            if (run < 0) run = span.Length - i;
            span.Slice(i, run).CopyTo(whole.AsSpan(at));
            at += run;
            i += run;
            if (i == span.Length) break;
            i += span[i] == '\r' && i + 1 < span.Length && span[i + 1] == '\n' ? 2 : 1;
            whole[at++] = (byte)'\r';
            whole[at++] = (byte)'\n';
        }
        return whole.AsMemory(0, at);
    }

    private static int CountLone(ReadOnlySpan<byte> text)
    {
        var lone = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var next = text[i..].IndexOfAny((byte)'\r', (byte)'\n');
            if (next < 0) return lone;
            i += next;
            if (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n') i++;
            else lone++;
        }
        return lone;
    }
}
