using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sternpost.Unit.Queue;

/// <summary>A message as a sink took it.</summary>
internal sealed record SunkMessage(string From, IReadOnlyList<string> Recipients, string Data, int Connection, bool IsTls = false, string MailCommand = "", IPAddress? Client = null)
{
    internal string Header(string name) => Data.Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..] ?? "";
}

/// <summary>
/// A receiving mail server for tests of the sending side. <see cref="Answer"/> decides what it says; null lets it say the usual.
/// The special answers <c>CLOSE</c> and <c>HANG</c> end the connection at once or only when the client does.
/// </summary>
internal sealed class MailSink : IAsyncDisposable
{
    private readonly TcpListener listener;
    private readonly CancellationTokenSource ended = new();
    private readonly ConcurrentBag<Task> sessions = [];
    private readonly Task accepting;
    private int connections;
    private int open;

    internal MailSink(string address = "127.0.0.1", int port = 0)
    {
        listener = new TcpListener(IPAddress.Parse(address), port);
        listener.Start(1000);
        accepting = AcceptAsync();
    }

    internal int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Commands as they come ("connect" first, "." for the end of a message), and the reply.</summary>
    internal Func<string, string?> Answer { get; set; } = _ => null;

    internal string Extensions { get; set; } = "PIPELINING";

    /// <summary>Offers STARTTLS with this certificate, and REQUIRETLS inside it where <see cref="TakesRequireTls"/>.</summary>
    internal SslStreamCertificateContext? Certificate { get; set; }

    internal bool TakesRequireTls { get; set; }

    internal ConcurrentQueue<SunkMessage> Messages { get; } = new();

    internal int Connections => Volatile.Read(ref connections);

    internal int MostOpen { get; private set; }

    internal IEnumerable<string> RecipientsTaken => Messages.SelectMany(message => message.Recipients);

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        listener.Stop();
        await accepting;
        await Task.WhenAll(sessions);
        ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(ended.Token);
                sessions.Add(Task.Run(() => ServeAsync(client, Interlocked.Increment(ref connections))));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The sink is disposed.
        }
    }

    private async Task ServeAsync(TcpClient client, int number)
    {
        var now = Interlocked.Increment(ref open);
        lock (listener) MostOpen = Math.Max(MostOpen, now);
        try
        {
            using (client) await ConverseAsync(client.GetStream(), number, (client.Client.RemoteEndPoint as IPEndPoint)?.Address);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or System.Security.Authentication.AuthenticationException)
        {
            // The client has gone, or the sink is disposed.
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }

    private async Task ConverseAsync(NetworkStream plain, int number, IPAddress? client)
    {
        Stream stream = plain;
        var reader = new StreamReader(stream, Encoding.UTF8);
        var mailCommand = "";
        if (!await SayAsync(Answer("connect") ?? "220 sink")) return;
        var (from, recipients) = ("", new List<string>());
        while (await reader.ReadLineAsync(ended.Token) is { } line)
        {
            var reply = Answer(line);
            switch (line.Split(' ')[0].ToUpperInvariant())
            {
                case "EHLO":
                    reply ??= "250-sink\r\n" + string.Concat(Offered().Split(' ').Select(word => $"250-{word}\r\n")) + "250 ENHANCEDSTATUSCODES";
                    break;
                case "STARTTLS" when Certificate is not null && reply is null:
                    if (!await SayAsync("220 Go")) return;
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = Certificate }, ended.Token);
                    stream = tls;
                    reader = new StreamReader(stream, Encoding.UTF8);
                    continue;
                case "MAIL":
                    mailCommand = line;
                    (from, recipients) = (Path(line), []);
                    break;
                case "RCPT":
                    reply ??= "250 2.1.5 Ok";
                    if (reply.StartsWith('2')) recipients.Add(Path(line));
                    break;
                case "DATA":
                    reply ??= recipients.Count == 0 ? "503 5.5.1 No recipients" : "354 Go";
                    if (reply[0] != '3') break;
                    if (!await SayAsync(reply)) return;
                    var data = new StringBuilder();
                    while (await reader.ReadLineAsync(ended.Token) is { } text && text != ".") data.Append(text.StartsWith('.') ? text[1..] : text).Append("\r\n");
                    reply = Answer(".") ?? "250 2.0.0 Taken";
                    // What is not answered may have been taken all the same.
                    if (reply[0] is '2' or 'C' or 'H') Messages.Enqueue(new SunkMessage(from, recipients, data.ToString(), number, stream is SslStream, mailCommand, client));
                    break;
                case "QUIT":
                    await SayAsync("221 2.0.0 Bye");
                    return;
            }
            if (!await SayAsync(reply ?? "250 2.0.0 Ok")) return;
        }

        string Offered() => Extensions + (Certificate is null ? "" : stream is not SslStream ? " STARTTLS" : TakesRequireTls ? " REQUIRETLS" : "");

        async Task<bool> SayAsync(string reply)
        {
            if (reply == "CLOSE") return false;
            if (reply == "HANG")
            {
                while (await reader.ReadLineAsync(ended.Token) is not null) { }
                return false;
            }
            await stream.WriteAsync(Encoding.UTF8.GetBytes(reply + "\r\n"), ended.Token);
            return !reply.StartsWith("421");
        }
    }

    private static string Path(string line) => line[(line.IndexOf('<') + 1)..line.IndexOf('>')];
}
