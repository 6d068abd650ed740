using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Extensions.Logging;
using Sternpost.Abuse.Trust;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Mailboxes;
using Sternpost.Queue.Bounces;
using Sternpost.Queue.Delivery;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Reputation;
using Sternpost.Queue.Routing;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.TlsReports;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Smtp.Client;
using Sternpost.Smtp.Client.Wires;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Queue;

/// <summary>
/// Takes mail out of the queue and to other servers for as long as it runs. One for each data folder. It holds nothing that
/// is not in the database: killed at any moment, the next one goes on where this one was. Replies that were under way then are
/// heard by the keeper of its connections, where it has one.
/// </summary>
public sealed class QueueRunner : IAsyncDisposable
{
    private const int DomainsPerScan = 50_000;

    private readonly Database database;
    private readonly QueueSignal signal;
    private readonly QueueOptions options;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly ActiveSet active;
    private readonly DeliveryParts parts;
    private readonly ConcurrentDictionary<Task, bool> workers = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource cut = new();
    private readonly StsPolicies? policies;
    private readonly TlsResults results;
    private readonly TransportUpkeep upkeep;
    private readonly IdleConnections idle;
    private readonly ProviderRates rates;
    private readonly SourceAddresses sources;
    private readonly HandoverJournal journal;
    private readonly KeptWires? wires;
    private readonly LeftHandovers leftover;
    private Task? running;

    /// <summary>Makes a runner that does not run yet; <paramref name="book"/> is where the way of messages is written down, or null; <paramref name="trust"/> hears of recipients that do not exist, or null.</summary>
    public QueueRunner(
        Database database, AccountDirectory directory, MailStore mail, IDnsResolver dns, MessageSigner signer, QueueSignal signal, QueueOptions options, TimeProvider time, ILogger<QueueRunner> log, TraceBook? book = null, SenderTrust? trust = null)
        : this(database, directory, mail, dns, signer, signal, options, time, log, Random.Shared, book, trust)
    {
    }

    internal QueueRunner(
        Database database, AccountDirectory directory, MailStore mail, IDnsResolver dns, MessageSigner signer, QueueSignal signal, QueueOptions options, TimeProvider time, ILogger<QueueRunner> log, Random random, TraceBook? book = null, SenderTrust? trust = null)
    {
        this.database = database;
        this.signal = signal;
        this.options = options;
        this.time = time;
        this.log = log;
        var routes = new RouteTable(options);
        active = new ActiveSet(routes, options, time);
        wires = options.WireKeeper.Count > 0 ? new KeptWires(options.WireKeeper, database.Folder, time, log) : null;
        var client = new ClientOptions { HelloName = options.HostName, Deadlines = options.Deadlines, TrustedRoots = options.TrustedRoots, Wires = wires is null ? DirectWires.Instance : wires };
        var https = new StrictHttps(dns, options.TrustedRoots);
        results = new TlsResults(database, options, time);
        // Nothing of the demonstration asks beyond this computer.
        policies = options is { MtaSts: true, LoopbackOnly: false }
            ? new StsPolicies(database, dns, new StsHttpsFetch(https, options.PolicyPort, options.PolicyTimeout, time).FetchAsync, time, log)
            : null;
        var own = new ServerMail(database, directory, mail, signer, signal, options, time) { Book = book };
        upkeep = new TransportUpkeep(policies, results, options.TlsReports ? new TlsReportSender(database, directory, dns, own, new TlsReportPost(https, options.PolicyTimeout, time, log), options, time, log) : null, time, log);
        var notifications = new NotificationIntake(database, own, options, time);
        idle = new IdleConnections(options.IdleTimeout, time);
        rates = new ProviderRates(database, time, log);
        sources = new SourceAddresses(database, options, time, log);
        journal = new HandoverJournal(database.Folder, log);
        parts = new DeliveryParts(
            database, active, routes,
            new SessionSearch(new MailServers(dns, options, time, random, OwnAddresses.OfInterfaces, policies), routes, client, sources, new OutboundWay(database, time, log), results, time, log),
            idle, new LocalHandover(database, directory, mail, time), journal,
            new Settlement(database, mail, notifications, signal, options, new RetrySchedule(options, time, random), book, time, log, trust),
            new ContentBudget(options.ContentInMemory), signer, rates, sources, directory, options, time, log);
        leftover = new LeftHandovers(database.Folder, new InterruptedHandovers(database, journal, parts.Settlement, log), active, signal, log);
    }

    /// <summary>Connections that wait for more to send.</summary>
    internal int Idle => idle.Count;

    /// <summary>Begins to deliver.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (running is not null) throw new InvalidOperationException("The queue runs already.");
        var (messages, recipients) = await database.ReadAsync(QueueRows.Count, cancellation).ConfigureAwait(false);
        await rates.LoadAsync(cancellation).ConfigureAwait(false);
        await sources.LoadAsync(cancellation).ConfigureAwait(false);
        await BounceTagRule.NoteAsync(database, options, time, cancellation).ConfigureAwait(false);
        log.Started(messages, recipients);
        await new InterruptedHandovers(database, journal, parts.Settlement, log).SettleAsync(cancellation).ConfigureAwait(false);
        var pending = await leftover.FindAsync(cancellation).ConfigureAwait(false);
        running = Task.WhenAll(
            Task.Run(RunAsync, CancellationToken.None), Task.Run(() => upkeep.RunAsync(stopping.Token), CancellationToken.None), Task.Run(() => leftover.SettleAsync(pending, stopping.Token), CancellationToken.None));
    }

    /// <summary>Begins nothing new, lets deliveries under way finish within <see cref="QueueOptions.DrainTimeout"/>, and cuts off the rest, which is tried again after the next start.</summary>
    public async Task StopAsync()
    {
        if (running is null) return;
        await stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        running = null;
        var left = 0;
        try
        {
            await Task.WhenAll(workers.Keys).WaitAsync(options.DrainTimeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            left = active.Workers;
            await cut.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(workers.Keys).ConfigureAwait(false);
        }
        await idle.DisposeAsync().ConfigureAwait(false);
        if (wires is not null) await wires.DisposeAsync().ConfigureAwait(false);
        await upkeep.EndAsync().ConfigureAwait(false);
        log.Stopped(left);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        journal.Dispose();
        stopping.Dispose();
        cut.Dispose();
    }

    // A runner that died of an error would leave all mail lying: it is logged, and the next round tried.
#pragma warning disable CA1031
    private async Task RunAsync()
    {
        var nextScan = DateTimeOffset.MinValue;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (time.GetUtcNow() >= nextScan)
                {
                    nextScan = time.GetUtcNow() + options.PollInterval;
                    await ScanAsync().ConfigureAwait(false);
                }
                active.Notice(signal.Take());
                while (active.Start() is { } destination) Begin(new DeliveryWorker(parts, destination, stopping.Token, cut.Token));
                await signal.WaitAsync(UntilNext(nextScan), time, stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (DbException broken)
            {
                log.StoreFailed(broken);
            }
            catch (Exception bug)
            {
                log.RunnerFaulted(bug);
            }
        }
    }
#pragma warning restore CA1031

    // What commands of other processes changed, and what time has made due.
    private async ValueTask ScanAsync()
    {
        var now = time.GetUtcNow();
        active.Notice(await database.ReadAsync(sql => QueueRows.DueDomains(sql, now, DomainsPerScan), stopping.Token).ConfigureAwait(false));
        active.Forget();
    }

    private void Begin(DeliveryWorker worker)
    {
        var task = Task.Run(worker.RunAsync, CancellationToken.None);
        workers[task] = true;
        _ = task.ContinueWith(
            ended =>
            {
                workers.TryRemove(ended, out _);
                signal.Wake();
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private TimeSpan UntilNext(DateTimeOffset nextScan)
    {
        var next = active.NextWake is { } wake && wake < nextScan ? wake : nextScan;
        var wait = next - time.GetUtcNow();
        return wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait;
    }
}
