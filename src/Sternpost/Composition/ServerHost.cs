using Microsoft.Extensions.Logging;
using Sternpost.Administration;
using Sternpost.Certificates;
using Sternpost.Commands;
using Sternpost.Configuration;
using Sternpost.Fronts.Rspamd;
using Sternpost.Network;
using Sternpost.Queue.Quarantine;
using Sternpost.Storage;
using Sternpost.Web;
using Sternpost.Web.Account;

namespace Sternpost.Composition;

/// <summary>
/// A running server. Starts from the inside out, so that nothing is accepted before it can be kept, and ends from the outside in,
/// so that what was accepted is finished: doors, sessions, queue, database.
/// </summary>
internal sealed partial class ServerHost : IAsyncDisposable
{
    // A client in the middle of a message may finish it; systemd's own patience is 90 s.
    private static readonly TimeSpan SessionPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RequestPatience = TimeSpan.FromSeconds(10);

    private readonly DataFolderLock folderLock;
    private readonly MailListeners listeners;
    private readonly WebListener web;
    private readonly PlainListener plainWeb;
    private readonly RspamdListener? rspamd;
    private readonly CertificateKeeper? keeper;
    private readonly ServerConfiguration configuration;
    private readonly TimeProvider time;
    private readonly ILoggerFactory loggers;
    private readonly ILogger logger;
    private volatile bool accepting;

    private ServerHost(DataFolderLock folderLock, ServerParts parts, ServerConfiguration configuration, ServerCertificate certificate, TimeProvider time, ILoggerFactory loggers)
    {
        this.folderLock = folderLock;
        Parts = parts;
        Certificate = certificate;
        this.configuration = configuration;
        this.time = time;
        this.loggers = loggers;
        logger = loggers.CreateLogger("Sternpost");
        listeners = new MailListeners(certificate.Certificates, Settings.Connections(configuration), time, loggers);
        web = new WebListener(configuration, certificate.Certificates, () => accepting, parts.Directory.IsLocalAsync, parts.Jmap, loggers, new ChallengeHandshake(Challenges))
        {
            Quarantine = new QuarantinePage(parts.ReleaseLinks, new QuarantineList(parts.Database)),
            Application = ApplicationFiles.Open(ApplicationFiles.PackedFile),
            Symbols = SymbolMeanings.Json(parts),
            Administration = AdministrationPage.Of(configuration, parts, time, loggers),
            Account = new AccountPages(parts, configuration, time, loggers),
        };
        plainWeb = new PlainListener(configuration, new OwnHosts(configuration, parts.Directory.IsLocalAsync), Challenges, loggers);
        if (!parts.QueueOptions.LoopbackOnly)
        {
            var book = new CertificateBook(parts.Database);
            keeper = new CertificateKeeper(configuration, parts.Database, parts.Directory, parts.Resolver, Challenges, new CertificateWarnings(configuration, book, parts.Sending.Alerts, time), certificate.Reload, time, loggers.CreateLogger<CertificateKeeper>());
        }
        if (configuration.Listeners.Rspamd.EndPoints is { Count: > 0 } endPoints) rspamd = new RspamdListener(parts.Rspamd, endPoints, Settings.Fronts(configuration), loggers);
    }

    /// <summary>What certificate authorities are shown while they look.</summary>
    private ChallengeBoard Challenges { get; } = new();

    /// <summary>What it is made of.</summary>
    public ServerParts Parts { get; }

    /// <summary>The certificate that all doors show.</summary>
    public ServerCertificate Certificate { get; }

    /// <summary>Starts a server on a data folder; returns when every door accepts.</summary>
    /// <exception cref="OperationFailedException">Another server runs there, or a file of the configuration cannot be used.</exception>
    /// <exception cref="IOException">A port cannot be had.</exception>
    public static async Task<ServerHost> StartAsync(ServerConfiguration configuration, string folder, HostOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var folderLock = DataFolderLock.Take(folder);
        Database? database = null;
        ServerHost? host = null;
        try
        {
            var certificate = new ServerCertificate(configuration, folder, time, loggers.CreateLogger<ServerCertificate>());
            database = await Database.OpenAsync(folder, time, cancellation);
            var parts = new ServerParts(configuration, database, options, time, loggers);
            host = new ServerHost(folderLock, parts, configuration, certificate, time, loggers);
            await host.RunAsync(cancellation);
            return host;
        }
        catch
        {
            if (host is not null) await host.DisposeAsync();
            else
            {
                if (database is not null) await database.DisposeAsync();
                folderLock.Dispose();
            }
            throw;
        }
    }

    /// <summary>Doors of the caller's own, beside those of the configuration, with the same limits; the caller disposes them before the server.</summary>
    public MailListeners MoreDoors() => new(Certificate.Certificates, Settings.Connections(configuration), time, loggers);

    /// <summary>True while all doors accept and the database answers.</summary>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellation) =>
        accepting && await Parts.Database.ReadAsync(sql => sql.First($"select 1", row => row.GetInt64(0)) == 1, cancellation);

    /// <summary>Ends in order: no new connections, sessions finish, then what works behind them.</summary>
    public async ValueTask DisposeAsync()
    {
        accepting = false;
        LogStopping();
        if (Parts.WaitingMail is { } waiting && OperatingSystem.IsLinux()) await waiting.DisposeAsync();
        if (Parts.Watch is { } watch) await watch.DisposeAsync();
        if (Parts.JunkWatch is { } junk) await junk.DisposeAsync();
        if (keeper is not null) await keeper.DisposeAsync();
        await plainWeb.DisposeAsync();
        await Certificate.DisposeAsync();
        await listeners.StopAsync(SessionPatience);
        await listeners.DisposeAsync();
        // Its streams end first: the web listener waits for all that is open.
        await Parts.Jmap.CloseAsync(RequestPatience);
        await web.DisposeAsync();
        await Parts.Jmap.DisposeAsync();
        if (web.Account is { } account) await account.DisposeAsync();
        if (rspamd is not null) await rspamd.DisposeAsync();
        await Parts.ReportUpkeep.DisposeAsync();
        await Parts.Rotation.DisposeAsync();
        await Parts.Answers.DisposeAsync();
        await Parts.Sending.DisposeAsync();
        await Parts.JunkRounds.DisposeAsync();
        await Parts.QuarantineUpkeep.DisposeAsync();
        await Parts.Sessions.DisposeAsync();
        await Parts.Runner.DisposeAsync();
        if (Parts.Gateway is { } gateway) await gateway.DisposeAsync();
        if (Parts.Scanners is not null) await Parts.Scanners.DisposeAsync();
        await Parts.JunkLessons.DisposeAsync();
        await Parts.Evidence.DisposeAsync();
        await Parts.TraceUpkeep.DisposeAsync();
        await Parts.Book.DisposeAsync();
        await Parts.Database.DisposeAsync();
        folderLock.Dispose();
        LogStopped();
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var domain in await Parts.Directory.DomainsAsync(cancellation)) await Parts.Keys.EnsureAsync(domain.Name, cancellation);
        // Mail of the domains behind us is signed here, too.
        foreach (var (domain, _) in configuration.Gateway.Domains) await Parts.Keys.EnsureAsync(domain, cancellation);
        if (await Parts.Mail.Objects.CompleteThreadsAsync(cancellation) is > 0 and var threaded) LogThreaded(threaded);
        await Parts.Evidence.StartAsync(cancellation);
        await Parts.Runner.StartAsync(cancellation);
        await Parts.Sending.StartAsync(cancellation);
        Parts.Sessions.Start();
        Parts.ReportUpkeep.Start();
        Parts.TraceUpkeep.Start();
        Parts.QuarantineUpkeep.Start();
        Parts.JunkRounds.Start();
        // What is shown on this computer only has no DNS to wait for.
        if (!Parts.QueueOptions.LoopbackOnly) Parts.Rotation.Start();
        Parts.Jmap.Start();
        foreach (var door in Doors.All(configuration, Parts)) await listeners.ListenAsync(door, cancellation);
        // Without an address of ours Kestrel would take one of its own.
        if (configuration.Listeners.Https.EndPoints.Count > 0) await web.StartAsync(cancellation);
        await plainWeb.StartAsync(cancellation);
        Certificate.Start();
        if (rspamd is not null) await rspamd.StartAsync(cancellation);
        if (Parts.WaitingMail is { } waiting && OperatingSystem.IsLinux()) waiting.Start();
        Parts.Watch?.Start();
        Parts.JunkWatch?.Start();
        keeper?.Start();
        accepting = true;
        LogStarted(configuration.Server.Hostname.Ascii, string.Join(", ", listeners.Bound.Select(bound => $"{bound.Name} {bound.EndPoint}")));
    }

    [LoggerMessage(1001, LogLevel.Information, "{Host} accepts mail: {Doors}")]
    private partial void LogStarted(string host, string doors);

    [LoggerMessage(1002, LogLevel.Information, "Stopping: no new connections, sessions finish")]
    private partial void LogStopping();

    [LoggerMessage(1004, LogLevel.Information, "Found the threads of {Messages} messages of an earlier release")]
    private partial void LogThreaded(int messages);

    [LoggerMessage(1003, LogLevel.Information, "Stopped; everything accepted is on the disk")]
    private partial void LogStopped();
}
