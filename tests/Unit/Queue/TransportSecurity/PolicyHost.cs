using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Unit.Queue.TransportSecurity;

/// <summary>A policy host (RFC 8461 §3.3) that serves one document over HTTPS, or does one of the things such a host must not do.</summary>
internal sealed class PolicyHost : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly SslStreamCertificateContext certificate;
    private readonly CancellationTokenSource ended = new();
    private readonly Task serving;
    private int requests;

    internal PolicyHost(TestAuthority authority, string domain)
    {
        certificate = authority.Shown(authority.Leaf("mta-sts." + domain));
        listener.Start();
        serving = Task.Run(ServeAsync);
    }

    internal int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>The document; null answers 404.</summary>
    internal string? Policy { get; set; }

    internal string Fault { get; set; } = "";

    /// <summary>What was posted last.</summary>
    internal byte[]? Posted { get; private set; }

    internal int Requests => Volatile.Read(ref requests);

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        listener.Stop();
        await serving;
        ended.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync(ended.Token);
                await AnswerAsync(client);
            }
            catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
            {
                // The client has gone, or turned the certificate down.
            }
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = certificate }, ended.Token);
        using var reader = new StreamReader(tls, Encoding.Latin1, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        var first = await reader.ReadLineAsync(ended.Token);
        var length = 0;
        while (await reader.ReadLineAsync(ended.Token) is { Length: > 0 } line)
        {
            if (line.StartsWith("Content-Length: ", StringComparison.Ordinal)) length = int.Parse(line[16..], System.Globalization.CultureInfo.InvariantCulture);
        }
        if (first?.StartsWith("POST ", StringComparison.Ordinal) == true)
        {
            var octets = new char[length];
            await reader.ReadBlockAsync(octets, ended.Token);
            Posted = Encoding.Latin1.GetBytes(octets);
        }
        Interlocked.Increment(ref requests);
        if (Fault == "silent")
        {
            await reader.ReadLineAsync(ended.Token);
            return;
        }
        var (status, type, body) = (Fault, Policy) switch
        {
            ("redirect", _) => ("301 Moved\r\nLocation: /.well-known/mta-sts.txt?again", "text/plain", ""),
            ("wrong type", { } policy) => ("200 OK", "text/html", policy),
            ("too long", { } policy) => ("200 OK", "text/plain", policy + new string('\n', 70_000)),
            ("busy", _) => ("503 Later", "text/plain", ""),
            (_, _) when first == "POST /reports HTTP/1.1" => ("200 OK", "text/plain", "thanks"),
            (_, { } policy) when first == "GET /.well-known/mta-sts.txt HTTP/1.1" => ("200 OK", "text/plain", policy),
            _ => ("404 Not Found", "text/plain", "no"),
        };
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"), ended.Token);
        await tls.FlushAsync(ended.Token);
    }
}
