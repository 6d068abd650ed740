using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Dialogue;

/// <summary>A reply as the server gave it; the lines of a long one joined by a space.</summary>
internal readonly record struct SmtpReplyText(int Code, string Text)
{
    public bool IsPositive => Code is >= 200 and < 400;

    public override string ToString() => $"{Code} {Text}";
}

/// <summary>
/// The sending side of SMTP as the demo's scene and the load test need it: cleartext, one server, no queue, commands pipelined
/// (RFC 2920). Mail of users goes out through the queue's client, never through this.
/// </summary>
internal sealed class SmtpDialogue : IDisposable
{
    private readonly Socket socket;
    private readonly byte[] buffer = new byte[4096];
    private int start;
    private int end;

    private SmtpDialogue(Socket socket) => this.socket = socket;

    /// <summary>Connects, reads the greeting and says EHLO.</summary>
    /// <param name="server">The server.</param>
    /// <param name="helo">Our name.</param>
    /// <param name="proxied">Where not null, a PROXY protocol header is sent first that names this client.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="IOException">The server is not there or does not greet.</exception>
    public static async Task<SmtpDialogue> OpenAsync(IPEndPoint server, string helo, IPEndPoint? proxied, CancellationToken cancellation)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var dialogue = new SmtpDialogue(socket);
        try
        {
            await socket.ConnectAsync(server, cancellation);
            if (proxied is not null) await dialogue.SendAsync(ProxyHeader.Version2(proxied, server), cancellation);
            await dialogue.ExpectAsync("the greeting", cancellation);
            await dialogue.SendAsync(Encoding.ASCII.GetBytes($"EHLO {helo}\r\n"), cancellation);
            await dialogue.ExpectAsync("EHLO", cancellation);
            return dialogue;
        }
        catch (SocketException failure)
        {
            dialogue.Dispose();
            throw new IOException($"No SMTP server answers at {server}: {failure.Message}", failure);
        }
        catch
        {
            dialogue.Dispose();
            throw;
        }
    }

    /// <summary>Sends one message; answers the first refusal, or the reply to the message.</summary>
    /// <param name="from">The reverse-path; empty for the null one.</param>
    /// <param name="recipient">The forward-path.</param>
    /// <param name="dotted">The message dot-stuffed, its end mark included (<see cref="Dotted"/>).</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async ValueTask<SmtpReplyText> SendMessageAsync(string from, string recipient, ReadOnlyMemory<byte> dotted, CancellationToken cancellation)
    {
        await SendAsync(Encoding.UTF8.GetBytes($"MAIL FROM:<{from}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n"), cancellation);
        var mail = await ReadReplyAsync(cancellation);
        // RFC 5321 §3.8: behind a 421 comes nothing more.
        if (mail.Code == 421) return mail;
        var to = await ReadReplyAsync(cancellation);
        var data = await ReadReplyAsync(cancellation);
        if (data.Code != 354)
        {
            await ResetAsync(cancellation);
            return !mail.IsPositive ? mail : !to.IsPositive ? to : data;
        }
        await SendAsync(dotted, cancellation);
        return await ReadReplyAsync(cancellation);
    }

    /// <summary>Says goodbye and waits for the answer.</summary>
    public async ValueTask QuitAsync(CancellationToken cancellation)
    {
        await SendAsync("QUIT\r\n"u8.ToArray(), cancellation);
        await ReadReplyAsync(cancellation);
    }

    /// <summary>A message with CRLF line ends made ready for DATA (RFC 5321 §4.5.2).</summary>
    public static byte[] Dotted(ReadOnlySpan<byte> message)
    {
        var stuffed = new MemoryStream(message.Length + 64);
        var atLineStart = true;
        foreach (var octet in message)
        {
            if (atLineStart && octet == '.') stuffed.WriteByte((byte)'.');
            stuffed.WriteByte(octet);
            atLineStart = octet == '\n';
        }
        if (!atLineStart) stuffed.Write("\r\n"u8);
        stuffed.Write(".\r\n"u8);
        return stuffed.ToArray();
    }

    public void Dispose() => socket.Dispose();

    private async ValueTask ResetAsync(CancellationToken cancellation)
    {
        await SendAsync("RSET\r\n"u8.ToArray(), cancellation);
        await ReadReplyAsync(cancellation);
    }

    private async ValueTask ExpectAsync(string step, CancellationToken cancellation)
    {
        var reply = await ReadReplyAsync(cancellation);
        if (!reply.IsPositive) throw new IOException($"The server refused {step}: {reply}");
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellation)..];
    }

    private async ValueTask<SmtpReplyText> ReadReplyAsync(CancellationToken cancellation)
    {
        var text = "";
        while (true)
        {
            var line = await ReadLineAsync(cancellation);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), out var code)) throw new IOException($"The server sent what is no SMTP reply: {line}");
            text = text.Length == 0 ? line[Math.Min(4, line.Length)..] : text + " " + line[Math.Min(4, line.Length)..];
            if (line.Length == 3 || line[3] != '-') return new SmtpReplyText(code, text);
        }
    }

    private async ValueTask<string> ReadLineAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var lineEnd = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (lineEnd >= 0)
            {
                var line = Encoding.UTF8.GetString(buffer, start, lineEnd).TrimEnd('\r');
                start += lineEnd + 1;
                return line;
            }
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end == buffer.Length) throw new IOException("The server sent a reply line of more than 4096 octets.");
            var read = await socket.ReceiveAsync(buffer.AsMemory(end), SocketFlags.None, cancellation);
            if (read == 0) throw new IOException("The server closed the connection.");
            end += read;
        }
    }
}
