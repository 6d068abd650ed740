using System.Buffers;
using System.Text;
using Sternpost.Network;

namespace Sternpost.Pop3;

/// <summary>
/// What goes to the client: status lines, and multi-line responses ended by a dot (RFC 1939 §3). Gathered until flushed, so that the
/// answers to pipelined commands leave together, but never more than one portion.
/// </summary>
internal sealed class Pop3Output(MailConnection connection, TimeSpan sendTimeout)
{
    private const int Portion = 64 * 1024;

    private int pending;

    internal ValueTask LineAsync(string line)
    {
        Put(Encoding.UTF8.GetBytes(line));
        Put("\r\n"u8);
        return FlushPortionAsync();
    }

    /// <summary>Ends a multi-line response.</summary>
    internal ValueTask EndAsync() => LineAsync(".");

    /// <summary>
    /// A message, its lines byte-stuffed, ended by CRLF and the dot. A line feed without its carriage return, which only an IMAP client
    /// can have stored, leaves as CRLF: otherwise a client that takes it for a line's end could see the dot behind it as the message's.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="bodyLines">Lines of the body to send after the header (TOP); null for all.</param>
    internal async ValueTask MessageAsync(ReadOnlyMemory<byte> message, int? bodyLines)
    {
        var inBody = false;
        var left = bodyLines ?? int.MaxValue;
        while (!message.IsEmpty && !(inBody && left == 0))
        {
            var end = message.Span.IndexOf((byte)'\n');
            var line = end < 0 ? message : message[..end];
            message = end < 0 ? default : message[(end + 1)..];
            if (line.Span is [.., (byte)'\r']) line = line[..^1];
            if (line.Span is [(byte)'.', ..]) Put("."u8);
            await PutAsync(line).ConfigureAwait(false);
            Put("\r\n"u8);
            if (inBody) left--;
            else if (line.IsEmpty) inBody = true;
        }
        await EndAsync().ConfigureAwait(false);
    }

    internal async ValueTask FlushAsync()
    {
        if (pending == 0) return;
        pending = 0;
        await connection.Output.FlushAsync(connection.Within(sendTimeout)).ConfigureAwait(false);
    }

    private async ValueTask PutAsync(ReadOnlyMemory<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            var part = octets[..Math.Min(octets.Length, Portion)];
            Put(part.Span);
            octets = octets[part.Length..];
            await FlushPortionAsync().ConfigureAwait(false);
        }
    }

    private void Put(ReadOnlySpan<byte> octets)
    {
        connection.Output.Write(octets);
        pending += octets.Length;
    }

    private ValueTask FlushPortionAsync() => pending >= Portion ? FlushAsync() : ValueTask.CompletedTask;
}
