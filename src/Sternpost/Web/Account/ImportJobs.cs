using System.Collections.Concurrent;
using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using Sternpost.Commands;
using Sternpost.Migration;
using Sternpost.Network;
using MailStore = Sternpost.Mailboxes.MailStore;

namespace Sternpost.Web.Account;

/// <summary>How far an import is.</summary>
/// <param name="State">running, done, stopped or failed.</param>
/// <param name="From">The other server and the user there.</param>
/// <param name="Text">What is brought now, in words.</param>
/// <param name="Problem">Why it failed; empty where it did not.</param>
/// <param name="Mailboxes">What came, once it is done.</param>
/// <param name="PassedOver">What could not be read.</param>
internal sealed record ImportProgress(string State, string From, string Text, string Problem, IReadOnlyList<ImportedMailbox> Mailboxes, IReadOnlyList<string> PassedOver);

/// <summary>
/// Brings mail from other providers, behind what users do meanwhile: one import of an account at a time, over TLS alone, from public addresses and those that
/// the administrator allows. The password there is kept in memory while it runs and nowhere else; after a restart of this server it is started again and goes on where it was.
/// </summary>
internal sealed partial class ImportJobs(MailStore mail, IReadOnlyList<IPNetwork> allowed, ILogger logger) : IAsyncDisposable
{
    private const int MostAtOnce = 4;
    private const int MostPassedOver = 50;
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<long, Job> jobs = new();

    /// <summary>How far an account's import is; null where there was none since this server started.</summary>
    public ImportProgress? Of(long accountId) => jobs.GetValueOrDefault(accountId)?.Progress;

    /// <summary>Begins; answers why not, or null.</summary>
    public async Task<string?> StartAsync(Accounts.Account account, string host, int port, string user, string password, CancellationToken cancellation)
    {
        if (jobs.TryGetValue(account.Id, out var before) && before.Progress.State == "running") return "An import is running already.";
        if (jobs.Values.Count(job => job.Progress.State == "running") >= MostAtOnce) return "Others are bringing their mail just now. Try again in some minutes.";
        ImapSource source;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(ConnectTime);
            source = await ImapSource.OpenAsync(host, port, SecureSocketOptions.SslOnConnect, user, password, patience.Token, (token) => ConnectAsync(host, port, token));
        }
        catch (OperationFailedException refused)
        {
            return refused.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"{host} does not answer.";
        }
        var job = new Job($"{user} at {host}");
        if (before is null ? !jobs.TryAdd(account.Id, job) : !jobs.TryUpdate(account.Id, job, before))
        {
            await source.DisposeAsync();
            return "An import is running already.";
        }
        before?.Dispose();
        LogStarted(account.Address.ToString(), host);
        job.Running = Task.Run(() => RunAsync(account, source, job), CancellationToken.None);
        return null;
    }

    /// <summary>Ends an account's import; what came so far stays.</summary>
    public void Stop(long accountId)
    {
        if (jobs.TryGetValue(accountId, out var job)) job.Stop();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var job in jobs.Values) job.Stop();
        foreach (var job in jobs.Values)
        {
            await job.Running;
            job.Dispose();
        }
    }

    private async Task RunAsync(Accounts.Account account, ImapSource source, Job job)
    {
        var import = new MailImport(mail, account, only: null);
        var (state, problem) = ("done", "");
        IReadOnlyList<ImportedMailbox> mailboxes = [];
        try
        {
            mailboxes = await import.RunAsync(source, job, job.Token);
        }
        catch (OperationCanceledException)
        {
            state = "stopped";
        }
        catch (OperationFailedException failed)
        {
            (state, problem) = ("failed", failed.Message);
        }
        catch (Exception failed) when (failed is IOException or SocketException or ImapProtocolException or ImapCommandException or ServiceNotConnectedException or ServiceNotAuthenticatedException or DbException)
        {
            LogFailed(account.Address.ToString(), failed);
            (state, problem) = ("failed", $"The connection broke: {failed.Message} Start the import again; what is here already is not brought twice.");
        }
        try
        {
            await source.DisposeAsync();
        }
        catch (Exception broken) when (broken is IOException or SocketException or ImapProtocolException or ImapCommandException or ServiceNotConnectedException)
        {
            // There is no good-bye to be said any more.
        }
        job.Progress = job.Progress with { State = state, Problem = problem, Mailboxes = mailboxes, PassedOver = [.. import.Unreadable.Take(MostPassedOver)] };
        LogEnded(account.Address.ToString(), state, mailboxes.Sum(mailbox => mailbox.Added));
    }

    // Any user says where to connect to: this server's own network is not theirs to look around in. Checked at the address that is connected to,
    // because a name may mean another one when it is asked again.
    private async ValueTask<Socket> ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await System.Net.Dns.GetHostAddressesAsync(host, cancellation);
        var good = Array.FindAll(addresses, address => PublicAddress.Is(address) || allowed.Any(network => network.Contains(address)));
        if (good.Length == 0) throw new OperationFailedException($"{host} is no server on the internet, or its name is not written so. Your administrator may allow others (limits.import_from).");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(good, port, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [LoggerMessage(1073, LogLevel.Information, "{Account} brings mail from {Host}")]
    private partial void LogStarted(string account, string host);

    [LoggerMessage(1074, LogLevel.Information, "The import of {Account} ended: {State}, {Messages} new messages")]
    private partial void LogEnded(string account, string state, int messages);

    [LoggerMessage(1075, LogLevel.Warning, "The import of {Account} broke off")]
    private partial void LogFailed(string account, Exception failure);

    private sealed class Job(string from) : IProgress<string>, IDisposable
    {
        private readonly CancellationTokenSource stopping = new();
        private volatile ImportProgress progress = new("running", from, "", "", [], []);

        public ImportProgress Progress { get => progress; set => progress = value; }

        public Task Running { get; set; } = Task.CompletedTask;

        public CancellationToken Token => stopping.Token;

        public void Stop() => stopping.Cancel();

        public void Report(string value) => progress = progress with { Text = value };

        public void Dispose() => stopping.Dispose();
    }
}
