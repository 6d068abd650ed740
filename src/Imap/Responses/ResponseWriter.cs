using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using Sternpost.Network;

namespace Sternpost.Imap.Responses;

/// <summary>
/// Writes responses into the connection's pipe. Small pieces gather there; <see cref="FlushIfFullAsync"/> between messages and
/// between the chunks of a large literal waits until the client has taken them, so memory stays bounded however much is fetched.
/// </summary>
internal sealed class ResponseWriter(MailConnection connection, TimeSpan patience)
{
    private const int FlushAt = 32 * 1024;
    private const int Chunk = 32 * 1024;
    private bool atLineStart = true;

    private PipeWriter Output => connection.Output;

    /// <summary>False while a response is half written: then nothing else can be said on this connection.</summary>
    internal bool AtLineStart => atLineStart;

    /// <summary>True where strings beyond ASCII may be quoted: after ENABLE UTF8=ACCEPT or IMAP4rev2 (RFC 6855 §3).</summary>
    internal bool Utf8 { get; set; }

    /// <summary>Text as it is, in UTF-8.</summary>
    internal ResponseWriter Text(string text)
    {
        if (text.Length == 0) return this;
        var span = Output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        Output.Advance(Encoding.UTF8.GetBytes(text, span));
        atLineStart = false;
        return this;
    }

    /// <summary>A number in decimal.</summary>
    internal ResponseWriter Number(long number)
    {
        var span = Output.GetSpan(20);
        Utf8Formatter.TryFormat(number, span, out var length);
        Output.Advance(length);
        atLineStart = false;
        return this;
    }

    /// <summary>One ASCII character.</summary>
    internal ResponseWriter Char(char character)
    {
        Output.GetSpan(1)[0] = (byte)character;
        Output.Advance(1);
        atLineStart = false;
        return this;
    }

    /// <summary>CRLF.</summary>
    internal ResponseWriter End()
    {
        var span = Output.GetSpan(2);
        span[0] = (byte)'\r';
        span[1] = (byte)'\n';
        Output.Advance(2);
        atLineStart = true;
        return this;
    }

    /// <summary>A whole response line.</summary>
    internal void Line(string line) => Text(line).End();

    /// <summary>nstring (RFC 9051 §9): NIL, a quoted string, or a literal where quoting cannot carry the text.</summary>
    internal ResponseWriter NString(string? value) => value is null ? Text("NIL") : String(value);

    /// <summary>string (RFC 9051 §9).</summary>
    internal ResponseWriter String(string value)
    {
        if (!IsQuotable(value)) return Literal(Encoding.UTF8.GetBytes(value));
        Char('"');
        var rest = value.AsSpan();
        while (rest.IndexOfAny('"', '\\') is >= 0 and var special)
        {
            Text(rest[..special].ToString()).Char('\\').Char(rest[special]);
            rest = rest[(special + 1)..];
        }
        return Text(rest.ToString()).Char('"');
    }

    /// <summary>astring: an atom where the value is one, else a string.</summary>
    internal ResponseWriter AString(string value) =>
        value.Length > 0 && Ascii.IsValid(value) && Encoding.ASCII.GetBytes(value).AsSpan().IndexOfAnyExcept(Grammar.ImapOctets.AString) < 0
            && !value.Equals("NIL", StringComparison.OrdinalIgnoreCase) ? Text(value) : String(value);

    /// <summary>A small literal, written at once.</summary>
    internal ResponseWriter Literal(ReadOnlySpan<byte> octets)
    {
        Char('{').Number(octets.Length).Char('}').End();
        atLineStart = false;
        Write(octets);
        return this;
    }

    /// <summary>
    /// A literal of any size, in chunks, each waited for. <paramref name="binary"/> writes literal8 (RFC 9051 §9), which alone may hold NUL.
    /// </summary>
    internal async ValueTask LiteralAsync(ReadOnlyMemory<byte> octets, bool binary)
    {
        if (binary) Char('~');
        Char('{').Number(octets.Length).Char('}').End();
        atLineStart = false;
        for (var at = 0; at < octets.Length; at += Chunk)
        {
            Write(octets.Span.Slice(at, Math.Min(Chunk, octets.Length - at)));
            await FlushIfFullAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sends what has gathered, once it is worth a write.</summary>
    internal ValueTask FlushIfFullAsync() => Output.UnflushedBytes >= FlushAt ? FlushAsync() : ValueTask.CompletedTask;

    /// <summary>Sends what has gathered and waits until the client takes it.</summary>
    /// <exception cref="IOException">The client has gone.</exception>
    /// <exception cref="OperationCanceledException">The client did not read in time.</exception>
    internal async ValueTask FlushAsync()
    {
        if (Output.UnflushedBytes == 0) return;
        var result = await Output.FlushAsync(connection.Within(patience)).ConfigureAwait(false);
        if (result.IsCompleted) throw new IOException("The client has gone.");
    }

    /// <summary>A last word for a client whose deadline has passed: tried for a moment, then given up.</summary>
    internal async ValueTask FarewellAsync(string line)
    {
        if (!atLineStart) return;
        Line(line);
        using var moment = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await Output.FlushAsync(moment.Token).ConfigureAwait(false);
    }

    // Quoted strings hold no CR, LF or NUL, and 8-bit text only as UTF-8 after ENABLE (RFC 9051 §9, RFC 6855 §3).
    private bool IsQuotable(string value)
    {
        if (value.Length > 1000) return false;
        foreach (var character in value)
        {
            if (character < ' ' || character == '\u007F') return false;
            if (character > '~' && !Utf8) return false;
        }
        return true;
    }

    private void Write(ReadOnlySpan<byte> octets)
    {
        while (octets.Length > 0)
        {
            var span = Output.GetSpan(Math.Min(octets.Length, Chunk));
            var count = Math.Min(span.Length, octets.Length);
            octets[..count].CopyTo(span);
            Output.Advance(count);
            octets = octets[count..];
        }
    }
}
