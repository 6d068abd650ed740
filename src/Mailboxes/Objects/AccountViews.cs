using Sternpost.Storage;

namespace Sternpost.Mailboxes.Objects;

/// <summary>The views of the accounts that were asked about last, within a budget of emails held in memory.</summary>
internal sealed class AccountViews(Database database)
{
    // Some 200 octets each, so a few hundred megabytes at most.
    private const int MostEmails = 1_500_000;

    private readonly Lock gate = new();
    private readonly Dictionary<long, Held> views = [];
    private long clock;

    /// <summary>Runs <paramref name="work"/> on the account's view and the snapshot it stands at; other work on the same account waits.</summary>
    internal async ValueTask<T> UseAsync<T>(long accountId, Func<AccountView, Sql, T> work, CancellationToken cancellation)
    {
        Held held;
        lock (gate)
        {
            if (!views.TryGetValue(accountId, out held!)) views[accountId] = held = new Held(accountId);
            held.Used = ++clock;
        }
        await held.Turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // The snapshot is taken within the turn, so that a view never goes back.
            return await database.ReadAsync(
                sql =>
                {
                    held.View.Refresh(sql);
                    return work(held.View, sql);
                },
                cancellation).ConfigureAwait(false);
        }
        finally
        {
            held.Emails = held.View.Count;
            held.Turn.Release();
            Trim();
        }
    }

    private void Trim()
    {
        lock (gate)
        {
            while (views.Count > 1 && views.Values.Sum(held => (long)held.Emails) > MostEmails) views.Remove(views.MinBy(pair => pair.Value.Used).Key);
        }
    }

    private sealed class Held(long accountId)
    {
        internal AccountView View { get; } = new(accountId);

        internal SemaphoreSlim Turn { get; } = new(1);

        internal long Used { get; set; }

        internal int Emails { get; set; }
    }
}
