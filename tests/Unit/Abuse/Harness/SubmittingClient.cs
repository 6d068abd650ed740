using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Unit.Abuse.Harness;

/// <summary>A user's mail program, or a thief's: signs in from an address of its choice and sends.</summary>
internal sealed class SubmittingClient : IAsyncDisposable
{
    private readonly TcpClient client;
    private readonly SslStream stream;
    private readonly StreamReader reader;
    private readonly string account;

    private SubmittingClient(TcpClient client, SslStream stream, string account)
    {
        this.client = client;
        this.stream = stream;
        this.account = account;
        reader = new StreamReader(stream, Encoding.UTF8);
    }

    internal static async Task<SubmittingClient> OpenAsync(int port, string account, string password, string from)
    {
        var submitting = await ConnectAsync(port, account, from);
        var reply = await submitting.AuthAsync(account, password);
        if (!reply.StartsWith("235", StringComparison.Ordinal)) throw new InvalidOperationException("Not signed in: " + reply);
        return submitting;
    }

    internal static async Task<SubmittingClient> ConnectAsync(int port, string account, string from)
    {
        var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0)) { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        var tls = new SslStream(client.GetStream(), false, SendingServer.Trusts);
        await tls.AuthenticateAsClientAsync("mail.here.test");
        var submitting = new SubmittingClient(client, tls, account);
        await submitting.ReplyAsync();
        await submitting.CommandAsync("EHLO client.example");
        return submitting;
    }

    internal Task<string> AuthAsync(string name, string password) => CommandAsync("AUTH PLAIN " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{name}\0{password}")));

    /// <summary>Sends one message; answers the reply to its end, or the first refusal.</summary>
    internal async Task<string> SendAsync(IReadOnlyList<string> recipients, string subject = "Hello", string body = "As agreed.", string header = "", string? sender = null)
    {
        var from = sender ?? account;
        var envelope = new StringBuilder($"MAIL FROM:<{from}>\r\n");
        foreach (var recipient in recipients) envelope.Append($"RCPT TO:<{recipient}>\r\n");
        await WriteAsync(envelope.Append("DATA\r\n").ToString());
        string? refusal = null;
        for (var i = 0; i < recipients.Count + 2; i++)
        {
            var reply = await ReplyAsync();
            if (reply.StartsWith("421", StringComparison.Ordinal)) return reply;
            if (i == recipients.Count + 1 && reply.StartsWith("354", StringComparison.Ordinal))
            {
                await WriteAsync($"From: <{from}>\r\nTo: <{recipients[0]}>\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():n}@here.test>\r\n{header}\r\n{body}\r\n.\r\n");
                var taken = await ReplyAsync();
                return refusal ?? taken;
            }
            if (reply[0] != '2') refusal ??= reply;
        }
        await CommandAsync("RSET");
        return refusal!;
    }

    internal Task<string> SendAsync(string recipient, string subject = "Hello", string body = "As agreed.", string header = "", string? sender = null) => SendAsync([recipient], subject, body, header, sender);

    internal async Task<string> CommandAsync(string line)
    {
        await WriteAsync(line + "\r\n");
        return await ReplyAsync();
    }

    /// <summary>The next reply, its lines joined; throws where the server has closed.</summary>
    internal async Task<string> ReplyAsync()
    {
        var reply = new StringBuilder();
        while (true)
        {
            var line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) ?? throw new EndOfStreamException("The server closed the connection.");
            reply.Append(line).Append('\n');
            if (line.Length < 4 || line[3] != '-') return reply.ToString();
        }
    }

    public async ValueTask DisposeAsync()
    {
        reader.Dispose();
        await stream.DisposeAsync();
        client.Dispose();
    }

    private async Task WriteAsync(string text) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
}
