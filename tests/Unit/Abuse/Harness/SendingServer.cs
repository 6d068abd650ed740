using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Accounts;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Network;
using Sternpost.Queue;
using Sternpost.Unit.Queue;

namespace Sternpost.Unit.Abuse.Harness;

/// <summary>
/// The whole server in this process, as <c>serve</c> composes it, on real sockets and on a clock that only the test moves. What leaves goes
/// to a sink; clients may come from any address of 127.0.0.0/8, each of which is a network of its own.
/// </summary>
internal sealed class SendingServer : IAsyncDisposable
{
    internal const string Password = "correct horse battery staple";

    private readonly string folder;
    private readonly Action<ServerConfiguration> adjust;
    private ServerHost host = null!;
    private MailListeners doors = null!;

    private SendingServer(string folder, Action<ServerConfiguration> adjust)
    {
        this.folder = folder;
        this.adjust = adjust;
    }

    private static X509Certificate2 Certificate { get; } = MakeCertificate();

    internal JumpingClock Time { get; } = new(new DateTimeOffset(2026, 5, 4, 8, 0, 0, TimeSpan.Zero));

    internal MailSink Sink { get; } = new();

    internal ServerParts Parts => host.Parts;

    internal static async Task<SendingServer> StartAsync(Action<ServerConfiguration>? adjust = null, params string[] accounts)
    {
        var server = new SendingServer(Directory.CreateTempSubdirectory("sternpost-sending-").FullName, adjust ?? (_ => { }));
        WriteCertificate(server.folder);
        await server.OpenAsync();
        await server.Parts.Directory.AddDomainAsync(DomainName.Parse("here.test"), default);
        foreach (var account in accounts) await server.AddAsync(account);
        return server;
    }

    internal async Task<Account> AddAsync(string address, bool administrator = false) =>
        await Parts.Directory.AddAccountAsync(EmailAddress.Parse(address), Password, "", administrator, 0, default);

    internal int Port(string door) => doors.Bound.Single(bound => bound.Name == door).EndPoint.Port;

    /// <summary>A signed-in client at the submission port.</summary>
    internal Task<SubmittingClient> SignInAsync(string account, string from = "127.0.0.1", string password = Password) => SubmittingClient.OpenAsync(Port("submissions"), account, password, from);

    /// <summary>Stops and starts on the same folder.</summary>
    internal async Task RestartAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    internal async Task<IReadOnlyList<QueueEntry>> QueueAsync() => await new QueueInspection(Parts.Database, Time).ListAsync(new QueueSelection(), 100_000, default);

    /// <summary>Waits on the real clock until something is so.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var started = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(started.Elapsed < TimeSpan.FromSeconds(45), "Waited in vain: " + what);
            await Task.Delay(10);
        }
    }

    /// <summary>Moves the clock on in steps until something is so, no further than <paramref name="most"/>.</summary>
    internal async Task AdvanceUntilAsync(TimeSpan step, TimeSpan most, Func<Task<bool>> condition, string what)
    {
        var end = Time.GetUtcNow() + most;
        await UntilAsync(async () =>
        {
            if (await condition()) return true;
            // At the end the clock stands still, and the server has the time it takes on the real one: a busy machine is no late server.
            if (Time.GetUtcNow() < end) Time.Advance(step);
            // The server's loops run on other threads; they are given the processor before the clock moves on.
            await Task.Delay(5);
            return await condition();
        }, $"{what}, within {most} of the server's time");
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await Sink.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task OpenAsync()
    {
        var configuration = ConfigurationFile.Defaults();
        configuration.Server.Hostname = DomainName.Parse("mail.here.test");
        foreach (var (_, listener) in configuration.Listeners.All) listener.Port = 0;
        configuration.Limits.Exempt = [IPNetwork.Parse("127.0.0.0/8")];
        configuration.Limits.MessagesPerConnection = 1_000_000;
        configuration.Queue.Smarthost = DomainName.Parse("localhost");
        configuration.Queue.SmarthostPort = Sink.Port;
        configuration.Queue.SmarthostTls = "none";
        adjust(configuration);
        var zone = new ZoneResolver();
        host = await ServerHost.StartAsync(configuration, folder, new HostOptions { Resolver = zone, LoopbackOnly = true }, Time, NullLoggerFactory.Instance, default);
        doors = host.MoreDoors();
        IReadOnlyList<IPEndPoint> any = [new IPEndPoint(IPAddress.Loopback, 0)];
        await doors.ListenAsync(new ListenerDefinition("mx", any, TlsMode.Upgrade, Parts.Smtp.ServeMxAsync), default);
        await doors.ListenAsync(new ListenerDefinition("submissions", any, TlsMode.Implicit, Parts.Smtp.ServeSubmissionAsync), default);
        await doors.ListenAsync(new ListenerDefinition("imaps", any, TlsMode.Implicit, Parts.Imap.ServeAsync), default);
        await doors.ListenAsync(new ListenerDefinition("pop3s", any, TlsMode.Implicit, Parts.Pop3.ServeAsync), default);
        await doors.ListenAsync(new ListenerDefinition("managesieve", any, TlsMode.Upgrade, Parts.ManageSieve.ServeAsync), default);
    }

    private async Task CloseAsync()
    {
        // What drains measures its patience on this clock, so it is moved on until all is closed.
        var closing = Task.Run(async () =>
        {
            await doors.StopAsync(TimeSpan.FromSeconds(1));
            await doors.DisposeAsync();
            await host.DisposeAsync();
        });
        while (await Task.WhenAny(closing, Task.Delay(20)) != closing) Time.Advance(TimeSpan.FromSeconds(10));
        await closing;
    }

    /// <summary>The server's certificate and no other.</summary>
    internal static bool Trusts(object sender, X509Certificate? certificate, X509Chain? chain, System.Net.Security.SslPolicyErrors errors) =>
        certificate is not null && certificate.GetCertHashString() == Certificate.GetCertHashString();

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mail.here.test", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2036, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private static void WriteCertificate(string folder)
    {
        using var key = Certificate.GetECDsaPrivateKey()!;
        Directory.CreateDirectory(Path.Combine(folder, "tls"));
        File.WriteAllText(Path.Combine(folder, "tls", "certificate.pem"), Certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "tls", "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }
}
