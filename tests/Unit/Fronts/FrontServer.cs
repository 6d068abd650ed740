using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Fronts;
using Sternpost.Network;
using Sternpost.Network.Tls;

namespace Sternpost.Unit.Fronts;

/// <summary>A front on a free loopback port, in front of the shipped filter without DNS.</summary>
internal sealed class FrontServer : IAsyncDisposable
{
    private readonly MailListeners listeners;

    private FrontServer(MailListeners listeners, int port)
    {
        this.listeners = listeners;
        Port = port;
    }

    public int Port { get; }

    public static FilterOptions Filter { get; } = new();

    public static FrontOptions Options { get; } = new()
    {
        HostName = Name("filter.example"),
        JunkThreshold = Filter.JunkThreshold,
        RejectThreshold = Filter.RejectThreshold,
        MaxMessage = 200_000,
        Idle = TimeSpan.FromSeconds(20),
    };

    public static JudgePanel Panel() =>
        new(Filter, StandardJudges.All(Filter, null, new StatisticalClassifier(DayZeroModel.Shipped)), null, TimeProvider.System);

    public static DomainName Name(string name) => DomainName.TryParse(name, out var parsed) ? parsed : throw new FormatException(name);

    public static async Task<FrontServer> StartAsync(MailSession session)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=unused", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var listeners = new MailListeners(new TlsCertificates((certificate, [])), new ConnectionLimits(), TimeProvider.System, NullLoggerFactory.Instance);
        await listeners.ListenAsync(new ListenerDefinition("front", [new IPEndPoint(IPAddress.Loopback, 0)], TlsMode.Upgrade, session), default);
        return new FrontServer(listeners, listeners.Bound[0].EndPoint.Port);
    }

    public async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, Port);
        return client;
    }

    /// <summary>Sends everything, closes the sending side, and reads until the server closes.</summary>
    public async Task<string> AskAsync(byte[] request)
    {
        using var client = await ConnectAsync();
        var stream = client.GetStream();
        await stream.WriteAsync(request);
        client.Client.Shutdown(SocketShutdown.Send);
        var reply = new MemoryStream();
        await stream.CopyToAsync(reply).WaitAsync(TimeSpan.FromSeconds(30));
        return Encoding.Latin1.GetString(reply.ToArray());
    }

    public ValueTask DisposeAsync() => listeners.DisposeAsync();
}

/// <summary>Mail for the fronts' tests.</summary>
internal static class FrontMail
{
    public const string Wanted =
        "Received: from mail.wanted.example (mail.wanted.example [203.0.113.10])\n\tby mx.example.net with ESMTPS; Tue, 24 Nov 2026 10:00:00 +0000\n"
        + "From: Clara Winter <clara@wanted.example>\nTo: alice@example.net\nSubject: Minutes of Tuesday\nDate: Tue, 24 Nov 2026 09:59:58 +0000\n"
        + "Message-ID: <m1@wanted.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
        + "Hi Alice,\n\nhere are the minutes you asked for. Shall we go through the open points on Friday?\n\nBest wishes,\nClara\n";

    // In two pieces, because scanners take a source file with the whole string for an infected one.
    public static string Virus =>
        "From: Accounts <accounts@office.example>\nTo: alice@example.net\nSubject: Invoice 20991\nDate: Tue, 24 Nov 2026 09:59:58 +0000\n"
        + "Message-ID: <v1@office.example>\nX-Spam-Status: No, forged\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee the invoice.\n--b\n"
        + "Content-Type: application/octet-stream; name=invoice.com\nContent-Disposition: attachment; filename=invoice.com\nContent-Transfer-Encoding: base64\n\n"
        + Convert.ToBase64String(Encoding.ASCII.GetBytes(@"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*")) + "\n--b--\n";
}
