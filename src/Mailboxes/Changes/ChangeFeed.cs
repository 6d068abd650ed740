using System.Collections.Immutable;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Changes;

/// <summary>
/// Tells watchers of an account which of its mailboxes changed, after the commit. Changes of other processes are noticed by
/// asking the database once a second whether there were any, as long as somebody watches.
/// </summary>
internal sealed class ChangeFeed
{
    private static readonly TimeSpan ForeignInterval = TimeSpan.FromSeconds(1);

    private readonly Database database;
    private readonly TimeProvider time;
    private readonly Dictionary<long, ImmutableArray<Watcher>> watchers = [];
    private readonly Lock gate = new();
    private readonly Action publish;
    // Only the writer thread touches these: the changes of the transaction that is being written.
    private readonly List<(long AccountId, long MailboxId)> pending = [];
    private ITimer? timer;
    private int polling;
    private long foreignVersion;

    internal ChangeFeed(Database database, TimeProvider time)
    {
        this.database = database;
        this.time = time;
        publish = Publish;
    }

    /// <summary>Notes a change in a write transaction; it is told when and if that commits.</summary>
    internal void Changed(Sql sql, long accountId, long mailboxId)
    {
        // What a work noted that is rolled back is told as well, at the next commit: it costs its watcher one look.
        pending.Add((accountId, mailboxId));
        sql.AfterCommit(publish);
    }

    internal IDisposable Watch(long accountId, Action<long> mailboxChanged)
    {
        var watcher = new Watcher(this, accountId, mailboxChanged);
        lock (gate)
        {
            watchers[accountId] = watchers.TryGetValue(accountId, out var others) ? others.Add(watcher) : [watcher];
            timer ??= time.CreateTimer(_ => _ = PollAsync(), null, TimeSpan.Zero, ForeignInterval);
        }
        return watcher;
    }

    private void Publish()
    {
        if (pending.Count == 0) return;
        lock (gate)
        {
            foreach (var (accountId, mailboxId) in pending)
            {
                if (!watchers.TryGetValue(accountId, out var told)) continue;
                foreach (var watcher in told) watcher.Notify(mailboxId);
            }
        }
        pending.Clear();
    }

    private void Remove(Watcher watcher)
    {
        lock (gate)
        {
            if (!watchers.TryGetValue(watcher.AccountId, out var others)) return;
            var left = others.Remove(watcher);
            if (left.IsEmpty) watchers.Remove(watcher.AccountId);
            else watchers[watcher.AccountId] = left;
            if (watchers.Count > 0) return;
            timer?.Dispose();
            timer = null;
        }
    }

    private async Task PollAsync()
    {
        if (Interlocked.Exchange(ref polling, 1) != 0) return;
        try
        {
            var version = await database.ForeignVersionAsync(CancellationToken.None).ConfigureAwait(false);
            var before = Interlocked.Exchange(ref foreignVersion, version);
            if (before != 0 && before != version) await TellOfForeignChangesAsync().ConfigureAwait(false);
        }
        catch (Exception closed) when (closed is ObjectDisposedException or System.Threading.Channels.ChannelClosedException)
        {
            // The database closes before its watchers: there will be no more changes.
        }
        finally
        {
            Volatile.Write(ref polling, 0);
        }
    }

    private async Task TellOfForeignChangesAsync()
    {
        long[] watched;
        lock (gate) watched = [.. watchers.Keys];
        foreach (var accountId in watched)
        {
            var state = await database.ReadAsync(
                sql => sql.Query($"select id, highest_modseq, uid_validity from mailboxes where account_id = {accountId}", row => (Id: row.GetInt64(0), ModSeq: row.GetInt64(1), Validity: row.GetInt64(2))),
                CancellationToken.None).ConfigureAwait(false);
            lock (gate)
            {
                if (!watchers.TryGetValue(accountId, out var told)) continue;
                foreach (var watcher in told) watcher.Compare(state);
            }
        }
    }

    /// <summary>One watcher: the mailboxes it has yet to hear of, told one batch at a time.</summary>
    private sealed class Watcher(ChangeFeed feed, long accountId, Action<long> mailboxChanged) : IDisposable, IThreadPoolWorkItem
    {
        private readonly HashSet<long> untold = [];
        private Dictionary<long, (long ModSeq, long Validity)> seen = [];
        private bool isScheduled;
        private volatile bool isDisposed;

        internal long AccountId => accountId;

        internal void Notify(long mailboxId)
        {
            lock (untold)
            {
                untold.Add(mailboxId);
                if (isScheduled) return;
                isScheduled = true;
            }
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        /// <summary>Tells of every mailbox that is not as it was at the last comparison, the first time of all.</summary>
        internal void Compare(List<(long Id, long ModSeq, long Validity)> state)
        {
            var now = new Dictionary<long, (long ModSeq, long Validity)>(state.Count);
            foreach (var (id, modSeq, validity) in state)
            {
                now[id] = (modSeq, validity);
                if (!seen.TryGetValue(id, out var before) || before != (modSeq, validity)) Notify(id);
            }
            foreach (var gone in seen.Keys.Where(id => !now.ContainsKey(id))) Notify(gone);
            seen = now;
        }

        public void Execute()
        {
            while (true)
            {
                long[] batch;
                lock (untold)
                {
                    if (untold.Count == 0)
                    {
                        isScheduled = false;
                        return;
                    }
                    batch = [.. untold];
                    untold.Clear();
                }
                foreach (var mailboxId in batch)
                {
                    if (!isDisposed) mailboxChanged(mailboxId);
                }
            }
        }

        public void Dispose()
        {
            if (isDisposed) return;
            isDisposed = true;
            feed.Remove(this);
        }
    }
}
