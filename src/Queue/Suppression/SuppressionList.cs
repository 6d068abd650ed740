using System.Data.Common;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Replies;
using Sternpost.Storage;

namespace Sternpost.Queue.Suppression;

/// <summary>An address that is not written to for a while.</summary>
/// <param name="Address">The address.</param>
/// <param name="Bounces">How often it bounced; 0 where an administrator put it here.</param>
/// <param name="Reply">What its server said last, or why an administrator put it here.</param>
/// <param name="Since">When it bounced last, or was put here.</param>
/// <param name="Until">Until when it is not written to.</param>
/// <param name="ByHand">An administrator put it here.</param>
public sealed record SuppressedAddress(EmailAddress Address, int Bounces, string Reply, DateTimeOffset Since, DateTimeOffset Until, bool ByHand);

/// <summary>
/// Addresses elsewhere that bounced for good, because the mailbox is not there. Receivers hold it against a server when it goes on writing
/// to such addresses, so its users are told at once instead. One bounce may be a mistake of the other server: it takes several, an hour
/// apart, and a delivery clears them.
/// </summary>
public sealed class SuppressionList(Database database, TimeProvider time)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(60);
    // Several messages to one address fail together: that is one bounce.
    private static readonly TimeSpan Apart = TimeSpan.FromHours(1);

    /// <summary>Why an address is not written to now; null where it is.</summary>
    public ValueTask<SuppressedAddress?> FindAsync(EmailAddress address, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return database.ReadAsync(
            sql => sql.First($"select address, bounces, last_reply, last_at, suppressed_until, by_hand from suppressed_addresses where address_key = {address.Key} and suppressed_until > {now}", Row), cancellation);
    }

    /// <summary>All that are not written to now, the newest first.</summary>
    public ValueTask<IReadOnlyList<SuppressedAddress>> ListAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return database.ReadAsync<IReadOnlyList<SuppressedAddress>>(
            sql => sql.Query($"select address, bounces, last_reply, last_at, suppressed_until, by_hand from suppressed_addresses where suppressed_until > {now} order by last_at desc", Row), cancellation);
    }

    /// <summary>Puts an address here by hand.</summary>
    public async ValueTask AddAsync(EmailAddress address, string reason, TimeSpan span, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await database.WriteAsync(
            sql => sql.Execute($"""
                insert into suppressed_addresses (address_key, address, bounces, last_reply, first_at, last_at, suppressed_until, by_hand)
                values ({address.Key}, {address.ToString()}, {0}, {reason}, {now.ToUnixTimeMilliseconds()}, {now.ToUnixTimeMilliseconds()}, {(now + span).ToUnixTimeMilliseconds()}, {true})
                on conflict (address_key) do update set last_reply = excluded.last_reply, last_at = excluded.last_at, suppressed_until = excluded.suppressed_until, by_hand = excluded.by_hand
                """),
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Lets an address be written to again; false where it was not here.</summary>
    public async ValueTask<bool> RemoveAsync(EmailAddress address, CancellationToken cancellation) =>
        await database.WriteAsync(sql => sql.Execute($"delete from suppressed_addresses where address_key = {address.Key}"), cancellation).ConfigureAwait(false) > 0;

    /// <summary>Whether a failure says that the mailbox is not there.</summary>
    internal static bool IsHard(DeliveryCause cause) => cause.Kind is CauseKind.UnknownRecipient or CauseKind.MailboxClosed;

    /// <summary>Counts a hard bounce, in the transaction that settles it.</summary>
    internal static void Bounced(Sql sql, EmailAddress address, string reply, QueueOptions options, DateTimeOffset moment)
    {
        if (options.SuppressAfter <= 0) return;
        var now = moment.ToUnixTimeMilliseconds();
        var (bounces, last, byHand) = sql.First($"select bounces, last_at, by_hand from suppressed_addresses where address_key = {address.Key}", row => (row.GetInt32(0), row.GetInt64(1), row.GetBoolean(2)));
        if (byHand || (bounces > 0 && last + (long)Apart.TotalMilliseconds > now)) return;
        bounces = last + (long)Remembered.TotalMilliseconds < now ? 1 : bounces + 1;
        var until = bounces >= options.SuppressAfter ? (moment + options.SuppressFor).ToUnixTimeMilliseconds() : 0;
        sql.Execute($"""
            insert into suppressed_addresses (address_key, address, bounces, last_reply, first_at, last_at, suppressed_until, by_hand)
            values ({address.Key}, {address.ToString()}, {bounces}, {reply}, {now}, {now}, {until}, {false})
            on conflict (address_key) do update set bounces = excluded.bounces, last_reply = excluded.last_reply, last_at = excluded.last_at, suppressed_until = excluded.suppressed_until
            """);
    }

    /// <summary>Mail was taken for the address, so that it is there.</summary>
    internal static void Delivered(Sql sql, EmailAddress address) => sql.Execute($"delete from suppressed_addresses where address_key = {address.Key} and by_hand = {false}");

    private static SuppressedAddress Row(DbDataReader row) => new(
        EmailAddress.Parse(row.GetString(0)), row.GetInt32(1), row.GetString(2),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)), row.GetBoolean(5));
}
