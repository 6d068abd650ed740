using System.Data.Common;
using Microsoft.Extensions.Logging;
using Sternpost.Abuse.Holds;
using Sternpost.Abuse.Trust;
using Sternpost.Accounts;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Queue.Holds;

/// <summary>
/// Looks after mail that limits or behaviour hold: tells its senders, and lets it go on when its time is over. It keeps nothing of its
/// own, so any process may do it, and a crash loses nothing.
/// </summary>
public sealed class HeldMail(Database database, AccountDirectory directory, ServerMail own, QueueSignal signal, QueueOptions options, TraceBook? book, TimeProvider time, ILogger<HeldMail> log) : IAsyncDisposable
{
    private const int Together = 500;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource ending = new();
    private Task looking = Task.CompletedTask;

    /// <summary>Begins to look.</summary>
    public void Start() => looking = Task.Run(LookAsync);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync().ConfigureAwait(false);
        await looking.ConfigureAwait(false);
        ending.Dispose();
    }

    /// <summary>Does what is due now.</summary>
    public async ValueTask RoundAsync(CancellationToken cancellation)
    {
        await TellAsync(cancellation).ConfigureAwait(false);
        while (await ReleaseAsync(cancellation).ConfigureAwait(false) == Together)
        {
            // A page at a time, so that other writers have their turn.
        }
    }

    private async ValueTask TellAsync(CancellationToken cancellation)
    {
        var untold = await database.ReadAsync(sql => HoldRows.Untold(sql, Together), cancellation).ConfigureAwait(false);
        if (untold.Count == 0) return;
        var accounts = await directory.AccountsAsync(null, cancellation).ConfigureAwait(false);
        foreach (var held in untold.GroupBy(message => message.AccountId))
        {
            var upTo = held.Max(message => message.MessageId);
            // Of a contained account the administrator hears; whoever holds it is not told what was noticed.
            var sent = accounts.FirstOrDefault(account => account.Id == held.Key) is { Status: AccountStatus.Active } owner
                && await own.SendAsync(owner.Address, HoldNotice.Write(owner.Address, [.. held], options.HostName, time.GetUtcNow()), TransportNeed.Usual, sql => HoldRows.Told(sql, held.Key, upTo), cancellation).ConfigureAwait(false);
            if (!sent) await database.WriteAsync(sql => { HoldRows.Told(sql, held.Key, upTo); return true; }, cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask<int> ReleaseAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var due = await database.ReadAsync(sql => HoldRows.Due(sql, now, Together), cancellation).ConfigureAwait(false);
        if (due.Count == 0) return 0;
        var released = await database.WriteAsync(
            sql =>
            {
                var domains = new List<string>();
                foreach (var message in due)
                {
                    // Another process may have been quicker, or containment.
                    if (HoldRows.Find(sql, message.MessageId) is null) continue;
                    // Not silence: it waits as long again, and the administrator has been told.
                    if (!SenderTrust.MayRelease(sql, message))
                    {
                        HoldRows.Extend(sql, message.MessageId, now + (message.Hold.ReleaseAt - message.Since));
                        continue;
                    }
                    HoldRows.Delete(sql, message.MessageId);
                    var freed = QueueRows.FreeHeld(sql, message.MessageId);
                    if (freed.Count > 0) book?.Write(sql, message.MessageId, new Step(StepKind.Queued, "", "Nothing bad was heard meanwhile, so it goes on."));
                    domains.AddRange(freed);
                }
                if (domains.Count > 0) sql.AfterCommit(() => signal.Raise(domains));
                return domains.Count;
            },
            cancellation).ConfigureAwait(false);
        if (released > 0) log.HoldsOver(due.Count, released);
        return due.Count;
    }

    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        while (true)
        {
            try
            {
                if (!await timer.WaitForNextTickAsync(ending.Token).ConfigureAwait(false)) return;
                await RoundAsync(ending.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is DbException or IOException)
            {
                log.StoreFailed(failure);
            }
        }
    }
}
