using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sternpost.Accounts.Sessions;

/// <summary>
/// The signed-in sessions of this process, of all protocols. They end when their account is suspended, contained or removed, when its
/// password is replaced, and when the app password they signed in with is ended: within a second or two, whichever process changed it.
/// </summary>
public sealed partial class AccountSessions(AccountDirectory directory, TimeProvider time, ILogger<AccountSessions> logger) : IAsyncDisposable
{
    // What the directory's memory does with changes of other processes.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, OpenSession> open = new();
    private readonly CancellationTokenSource ending = new();
    private Task watching = Task.CompletedTask;
    private long last;

    /// <summary>Sessions open now.</summary>
    public int Count => open.Count;

    /// <summary>Begins to watch.</summary>
    public void Start() => watching = Task.Run(WatchAsync);

    /// <summary>A session signed in; disposing what is answered says that it has ended by itself.</summary>
    /// <param name="account">Who.</param>
    /// <param name="credential">The app password it signed in with; null for the account's own.</param>
    /// <param name="protocol">For the log.</param>
    /// <param name="end">Ends it: called at most once, from any thread, and must not block.</param>
    public IDisposable Add(Account account, long? credential, string protocol, Action end)
    {
        var session = new OpenSession(this, Interlocked.Increment(ref last), account, credential, protocol, time.GetUtcNow(), end);
        open[session.Number] = session;
        return session;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync().ConfigureAwait(false);
        await watching.ConfigureAwait(false);
        ending.Dispose();
    }

    /// <summary>Ends what must not go on; answers how many.</summary>
    internal async ValueTask<int> SweepAsync(CancellationToken cancellation)
    {
        if (open.IsEmpty) return 0;
        var snapshot = await directory.CurrentAsync(cancellation).ConfigureAwait(false);
        var ended = 0;
        foreach (var session in open.Values)
        {
            if (snapshot.Account(session.Account.Id) is { Account.Status: AccountStatus.Active } entry
                && session.Began >= entry.SessionsFrom
                && (session.Credential is not { } credential || entry.AppPasswords.Any(known => known.Id == credential))) continue;
            if (!open.TryRemove(session.Number, out _)) continue;
            LogEnded(session.Protocol, session.Account.Address.ToString());
            session.End();
            ended++;
        }
        return ended;
    }

    // A failing database must not stop the watch: the next look may find it well again.
#pragma warning disable CA1031
    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        while (true)
        {
            try
            {
                if (!await timer.WaitForNextTickAsync(ending.Token).ConfigureAwait(false)) return;
                await SweepAsync(ending.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                LogFailed(failure);
            }
        }
    }
#pragma warning restore CA1031

    [LoggerMessage(2301, LogLevel.Information, "The {Protocol} session of {Account} was ended: its account or its password is no longer good")]
    private partial void LogEnded(string protocol, string account);

    [LoggerMessage(2302, LogLevel.Error, "Open sessions could not be compared with the directory")]
    private partial void LogFailed(Exception failure);

    private sealed record OpenSession(AccountSessions Owner, long Number, Account Account, long? Credential, string Protocol, DateTimeOffset Began, Action End) : IDisposable
    {
        public void Dispose() => Owner.open.TryRemove(Number, out _);
    }
}
