using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Scenarios.Harness;

/// <summary>An SMTP client that sends exactly the octets it is given: nothing is tidied, so what comes back can be compared.</summary>
public sealed class RawSmtp : IAsyncDisposable
{
    private readonly TcpClient client;
    private readonly byte[] buffer = new byte[16 * 1024];
    private readonly Stream stream;
    private int start;
    private int end;

    private RawSmtp(TcpClient client, Stream stream)
    {
        this.client = client;
        this.stream = stream;
    }

    public static async Task<RawSmtp> ConnectAsync(int port, string helo = "client.example")
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", port);
        var smtp = new RawSmtp(client, client.GetStream());
        Expect("220", await smtp.ReplyAsync());
        Expect("250", await smtp.CommandAsync("EHLO " + helo));
        return smtp;
    }

    /// <summary>To the submissions port: implicit TLS and AUTH PLAIN.</summary>
    public static async Task<RawSmtp> SubmitAsync(IMailServer server, string account)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", server.Ports["submissions"]);
        var tls = new SslStream(client.GetStream(), false, (_, certificate, _, _) => certificate is System.Security.Cryptography.X509Certificates.X509Certificate2 leaf && server.Trusts(leaf));
        await tls.AuthenticateAsClientAsync("localhost");
        var smtp = new RawSmtp(client, tls);
        Expect("220", await smtp.ReplyAsync());
        Expect("250", await smtp.CommandAsync("EHLO client.example"));
        var plain = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{account}\0{server.Passwords[account]}"));
        Expect("235", await smtp.CommandAsync("AUTH PLAIN " + plain));
        return smtp;
    }

    /// <summary>Sends one message in two round trips; answers the reply to the final dot, or the first refusal.</summary>
    public async Task<string> SendAsync(string from, string recipient, ReadOnlyMemory<byte> message)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"MAIL FROM:<{from}> BODY=8BITMIME\r\nRCPT TO:<{recipient}>\r\nDATA\r\n"));
        var mail = await ReplyAsync();
        // RFC 5321 §3.8: behind a 421 comes nothing more.
        if (mail.StartsWith("421", StringComparison.Ordinal)) return mail;
        var rcpt = await ReplyAsync();
        var data = await ReplyAsync();
        if (!data.StartsWith("354", StringComparison.Ordinal))
        {
            await CommandAsync("RSET");
            return mail[0] != '2' ? mail : rcpt[0] != '2' ? rcpt : data;
        }
        await stream.WriteAsync(DotStuffed(message.Span));
        return await ReplyAsync();
    }

    public async Task<string> CommandAsync(string line)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"));
        return await ReplyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        client.Dispose();
    }

    private static void Expect(string code, string reply)
    {
        if (!reply.StartsWith(code, StringComparison.Ordinal)) throw new InvalidOperationException($"Expected {code}, got: {reply}");
    }

    // RFC 5321 §4.5.2; a message that does not end in CRLF gets one, as any client must add.
    private static byte[] DotStuffed(ReadOnlySpan<byte> message)
    {
        var stuffed = new MemoryStream(message.Length + 64);
        var lineStart = true;
        foreach (var octet in message)
        {
            if (lineStart && octet == '.') stuffed.WriteByte((byte)'.');
            stuffed.WriteByte(octet);
            lineStart = octet == '\n';
        }
        if (!lineStart) stuffed.Write("\r\n"u8);
        stuffed.Write(".\r\n"u8);
        return stuffed.ToArray();
    }

    private async Task<string> ReplyAsync()
    {
        var reply = new StringBuilder();
        while (true)
        {
            var line = await LineAsync();
            reply.Append(line).Append('\n');
            if (line.Length < 4 || line[3] != '-') return reply.ToString();
        }
    }

    private async Task<string> LineAsync()
    {
        while (true)
        {
            var newline = Array.IndexOf(buffer, (byte)'\n', start, end - start);
            if (newline >= 0)
            {
                var line = Encoding.UTF8.GetString(buffer, start, newline - start).TrimEnd('\r');
                start = newline + 1;
                return line;
            }
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
            var read = await stream.ReadAsync(buffer.AsMemory(end));
            if (read == 0) throw new EndOfStreamException("The server closed the connection.");
            end += read;
        }
    }
}
