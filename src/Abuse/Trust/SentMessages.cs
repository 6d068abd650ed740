using Sternpost.Storage;

namespace Sternpost.Abuse.Trust;

/// <summary>A copy of a sent message: to an address outside, or in a mailbox here.</summary>
public sealed record SentCopy(long MessageId, string Address, long? AccountId, long EmailId, long MailboxId, long Uid);

/// <summary>A message that a user sent lately.</summary>
/// <param name="Id">Its id in the queue, in traces and in the log.</param>
/// <param name="AccountId">Who sent it.</param>
/// <param name="Source">From where.</param>
/// <param name="IsOdd">It was unusual for its sender.</param>
public sealed record SentMessage(long Id, long AccountId, string Source, bool IsOdd);

/// <summary>What users sent in the last thirty days, for containment and for matching what others complain of.</summary>
public static class SentMessages
{
    private const int MostListed = 100_000;

    internal static void Insert(Sql sql, long id, long account, MessageTraits traits, bool odd, double cost) => sql.Execute($"""
        insert into sent_messages (id, account_id, source, credential, odd, cost, message_key, session_key)
        values ({id}, {account}, {traits.Source.ToString()}, {traits.Credential}, {odd}, {(long)(cost * 1000)}, {MessageTraits.KeyOf(traits.MessageId)}, {MessageTraits.KeyOf(traits.Session)})
        """);

    /// <summary>Notes a copy that leaves, or lies here.</summary>
    public static void AddCopy(Sql sql, int number, SentCopy copy) => sql.Execute($"""
        insert into sent_copies (message_id, number, address, account_id, email_id, mailbox_id, uid)
        values ({copy.MessageId}, {number}, {copy.Address}, {copy.AccountId}, {copy.EmailId}, {copy.MailboxId}, {copy.Uid})
        """);

    /// <summary>What an account sent since a moment, the oldest first; only what was unusual where asked.</summary>
    public static IReadOnlyList<SentMessage> Since(Sql sql, long account, DateTimeOffset since, bool onlyOdd) => sql.Query(
        $"select id, account_id, source, odd from sent_messages where account_id = {account} and id >= {Database.IdAt(since)} and (odd = {true} or odd = {onlyOdd}) order by id limit {MostListed}",
        row => new SentMessage(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetBoolean(3)));

    /// <summary>The copies of a message.</summary>
    public static IReadOnlyList<SentCopy> Copies(Sql sql, long message) => sql.Query(
        $"select message_id, address, account_id, coalesce(email_id, 0), coalesce(mailbox_id, 0), coalesce(uid, 0) from sent_copies where message_id = {message} order by number",
        row => new SentCopy(row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5)));

    /// <summary>The message with a Message-ID, or that a session of ours brought; null where there is none or it is too old.</summary>
    public static SentMessage? Find(Sql sql, string? messageId, string? session)
    {
        var (byId, bySession) = (MessageTraits.KeyOf(messageId?.Trim('<', '>', ' ') ?? ""), MessageTraits.KeyOf(session ?? ""));
        return (byId == 0 ? null : sql.First($"select id, account_id, source, odd from sent_messages where message_key = {byId} order by id desc limit 1", Row))
            ?? (bySession == 0 ? null : sql.First($"select id, account_id, source, odd from sent_messages where session_key = {bySession} order by id desc limit 1", Row));

        static SentMessage Row(System.Data.Common.DbDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetBoolean(3));
    }
}
