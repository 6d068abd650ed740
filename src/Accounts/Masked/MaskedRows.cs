using System.Data.Common;
using Sternpost.Storage;

namespace Sternpost.Accounts.Masked;

/// <summary>Masked addresses as rows: read by who delivers and who shows them, and counted behind delivery.</summary>
public static class MaskedRows
{
    /// <summary>Senders kept of one address; a leaked one may be written to from everywhere.</summary>
    public const int MostSenders = 50;

    /// <summary>Those of an account, newest first, with who wrote to them.</summary>
    public static List<MaskedAddress> Of(Sql sql, long accountId)
    {
        var senders = sql.Query(
            $"select masked_id, sender, kind, first_seen, messages from masked_senders where masked_id in (select id from masked_addresses where account_id = {accountId}) order by first_seen, sender",
            row => (Id: row.GetInt64(0), Sender: new MaskedSender(row.GetString(1), (MaskedSenderKind)row.GetInt32(2), Time(row.GetInt64(3)), row.GetInt64(4)))).ToLookup(pair => pair.Id, pair => pair.Sender);
        return sql.Query(
            $"select id, account_id, address, shop, note, enabled, created, messages, last_sender, last_at from masked_addresses where account_id = {accountId} order by id desc",
            row => Read(row) with { Senders = [.. senders[row.GetInt64(0)]] });
    }

    /// <summary>What a sender is to an address; null where he has not written, and whether anybody is known to be its shop.</summary>
    public static (MaskedSenderKind? Kind, bool HasShop) Kind(Sql sql, long maskedId, string sender)
    {
        MaskedSenderKind? kind = null;
        var hasShop = false;
        foreach (var (known, is_) in sql.Query($"select sender, kind from masked_senders where masked_id = {maskedId}", row => (row.GetString(0), (MaskedSenderKind)row.GetInt32(1))))
        {
            hasShop |= is_ != MaskedSenderKind.Stranger;
            if (known == sender) kind = is_;
        }
        return (kind, hasShop);
    }

    /// <summary>Counts a message that came; a sender who is new to the address is kept as what he is.</summary>
    /// <param name="sql">A write transaction.</param>
    /// <param name="maskedId">The address it came to.</param>
    /// <param name="from">The author's address, as it is shown.</param>
    /// <param name="sender">The author as senders are told apart.</param>
    /// <param name="kind">What to keep him as; null keeps nobody.</param>
    /// <param name="now">When.</param>
    public static void Came(Sql sql, long maskedId, string from, string sender, MaskedSenderKind? kind, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        if (sql.Execute($"update masked_addresses set messages = messages + 1, last_sender = {from}, last_at = {at} where id = {maskedId}") == 0) return;
        if (sender.Length == 0 || sql.Execute($"update masked_senders set messages = messages + 1 where masked_id = {maskedId} and sender = {sender}") > 0 || kind is not { } new_) return;
        if (sql.First($"select count(*) from masked_senders where masked_id = {maskedId}", row => row.GetInt64(0)) >= MostSenders) return;
        sql.Execute($"insert into masked_senders (masked_id, sender, kind, first_seen, messages) values ({maskedId}, {sender}, {(long)new_}, {at}, 1)");
    }

    /// <summary>Says of a sender what he is to an address.</summary>
    public static void SetKind(Sql sql, long maskedId, string sender, MaskedSenderKind kind, DateTimeOffset now) => sql.Execute($"""
        insert into masked_senders (masked_id, sender, kind, first_seen, messages) values ({maskedId}, {sender}, {(long)kind}, {now.ToUnixTimeMilliseconds()}, 0)
        on conflict (masked_id, sender) do update set kind = excluded.kind
        """);

    internal static Dictionary<string, MaskedRecipient> All(Sql sql) => sql.Query(
        $"select address, id, account_id, enabled from masked_addresses", row => (row.GetString(0), new MaskedRecipient(row.GetInt64(1), row.GetInt64(2), row.GetBoolean(3)))).ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal);

    internal static bool Exists(Sql sql, string key) => sql.First($"select count(*) from masked_addresses where address = {key}", row => row.GetInt64(0)) > 0;

    internal static void RemoveAccount(Sql sql, long accountId)
    {
        sql.Execute($"delete from masked_senders where masked_id in (select id from masked_addresses where account_id = {accountId})");
        sql.Execute($"delete from masked_addresses where account_id = {accountId}");
    }

    internal static MaskedAddress Read(DbDataReader row) => new(row.GetInt64(0), row.GetInt64(1), AddressKey.Read(row.GetString(2)), row.GetString(3), row.GetString(4), row.GetBoolean(5), Time(row.GetInt64(6)),
        row.GetInt64(7), row.GetString(8), row.IsDBNull(9) ? null : Time(row.GetInt64(9)));

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
