using System.Data.Common;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Delivery;
using Sternpost.Queue.Reputation;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Storage;

namespace Sternpost.Queue.Schedule;

/// <summary>The queue's statements. Each runs in its caller's transaction, so that what belongs together commits together.</summary>
internal static class QueueRows
{
    internal static void Insert(Sql sql, QueuedMessage message, ReadOnlyMemory<byte> prefix, IReadOnlyList<QueuedRecipient> recipients)
    {
        sql.Execute($"""
            insert into queue_messages (id, origin, account_id, reverse_path, body, smtp_utf8, dsn_return, envelope_id, prefix, blob_id, size, created, expires, tls, pool)
            values ({message.Id}, {(int)message.Origin}, {message.AccountId}, {message.ReversePath?.ToString()}, {(int)message.Body}, {message.SmtpUtf8}, {(int)message.Return}, {message.EnvelopeId},
                    {prefix}, {message.BlobId}, {message.Size}, {message.Created.ToUnixTimeMilliseconds()}, {message.Expires.ToUnixTimeMilliseconds()}, {(int)message.Transport}, {(int)message.Pool})
            """);
        foreach (var recipient in recipients)
        {
            sql.Execute($"""
                insert into queue_recipients (id, message_id, address, domain, notify, original_recipient, attempts, next_attempt, last_reply, held, warned)
                values ({recipient.Id}, {message.Id}, {recipient.Recipient.Address.ToString()}, {recipient.Recipient.Address.Domain.Ascii}, {(int)recipient.Recipient.Notify}, {recipient.Recipient.OriginalRecipient},
                        {recipient.Attempts}, {recipient.NextAttempt.ToUnixTimeMilliseconds()}, {recipient.LastReply}, {recipient.Held}, {recipient.Warned})
                """);
        }
    }

    /// <summary>Domains with due mail. Walks the index alone, so its cost is that of the rows' keys.</summary>
    internal static List<string> DueDomains(Sql sql, DateTimeOffset now, int limit) =>
        sql.Query($"select distinct domain from queue_recipients where held = {false} and next_attempt <= {now.ToUnixTimeMilliseconds()} limit {limit}", row => row.GetString(0));

    /// <summary>The next due recipients of a domain behind <paramref name="from"/>, oldest first.</summary>
    internal static List<DueRecipient> DuePage(Sql sql, string domain, DateTimeOffset now, DueCursor from, int limit) =>
        sql.Query($"""
            select next_attempt, id, message_id from queue_recipients
            where held = {false} and domain = {domain} and next_attempt <= {now.ToUnixTimeMilliseconds()} and (next_attempt, id) > ({from.NextAttempt}, {from.RecipientId})
            order by next_attempt, id limit {limit}
            """, row => new DueRecipient(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)));

    /// <summary>The due recipients of a message, of one domain where given.</summary>
    internal static List<QueuedRecipient> Due(Sql sql, long messageId, string? domain, DateTimeOffset now, int limit) =>
        domain is null
            ? sql.Query($"""
                select id, message_id, address, notify, original_recipient, attempts, next_attempt, last_reply, held, warned, last_protection, last_protection_facts, last_cause from queue_recipients
                where message_id = {messageId} and held = {false} and next_attempt <= {now.ToUnixTimeMilliseconds()} order by id limit {limit}
                """, Recipient)
            : sql.Query($"""
                select id, message_id, address, notify, original_recipient, attempts, next_attempt, last_reply, held, warned, last_protection, last_protection_facts, last_cause from queue_recipients
                where message_id = {messageId} and domain = {domain} and held = {false} and next_attempt <= {now.ToUnixTimeMilliseconds()} order by id limit {limit}
                """, Recipient);

    internal static List<QueuedRecipient> Recipients(Sql sql, long messageId) =>
        sql.Query($"""
            select id, message_id, address, notify, original_recipient, attempts, next_attempt, last_reply, held, warned, last_protection, last_protection_facts, last_cause from queue_recipients
            where message_id = {messageId} order by id
            """, Recipient);

    internal static QueuedMessage? Message(Sql sql, long id) =>
        sql.First($"""
            select id, origin, account_id, reverse_path, body, smtp_utf8, dsn_return, envelope_id, blob_id, size, created, expires, tls, pool
            from queue_messages where id = {id}
            """, Message);

    /// <summary>What a message's sender wants of TLS, and by which group of addresses it leaves; the usual where the message is gone.</summary>
    internal static (TransportNeed Need, SourcePool Pool) Way(Sql sql, long id) =>
        sql.First($"select tls, pool from queue_messages where id = {id}", row => ((TransportNeed)row.GetInt32(0), (SourcePool)row.GetInt32(1)));

    internal static (int Messages, int Recipients) Count(Sql sql) =>
        (sql.First($"select count(*) from queue_messages", row => row.GetInt32(0)), sql.First($"select count(*) from queue_recipients", row => row.GetInt32(0)));

    /// <summary>The oldest messages that have a recipient selected.</summary>
    internal static List<long> MessageIds(Sql sql, QueueSelection selection, int limit) => selection switch
    {
        { MessageId: { } id } => [.. RecipientKeys(sql, selection).Take(1).Select(_ => id)],
        { Domain: null, Sender: null } => sql.Query($"select id from queue_messages order by id limit {limit}", row => row.GetInt64(0)),
        { Domain: null, Sender: { } sender } => sql.Query($"select id from queue_messages where reverse_path = {sender.ToString()} order by id limit {limit}", row => row.GetInt64(0)),
        _ => [.. RecipientKeys(sql, selection).Select(recipient => recipient.MessageId).Distinct().Take(limit)],
    };

    /// <summary>The recipients selected, oldest first.</summary>
    internal static List<RecipientKey> RecipientKeys(Sql sql, QueueSelection selection)
    {
        var keys = selection switch
        {
            { MessageId: { } id } => sql.Query($"select r.id, r.message_id, r.domain, m.reverse_path from queue_recipients r join queue_messages m on m.id = r.message_id where r.message_id = {id} order by r.id", Key),
            { Domain: { } domain } => sql.Query($"select r.id, r.message_id, r.domain, m.reverse_path from queue_recipients r join queue_messages m on m.id = r.message_id where r.domain = {domain.Ascii} order by r.id", Key),
            { Sender: { } sender } => sql.Query($"select r.id, r.message_id, r.domain, m.reverse_path from queue_recipients r join queue_messages m on m.id = r.message_id where m.reverse_path = {sender.ToString()} order by r.id", Key),
            _ => sql.Query($"select r.id, r.message_id, r.domain, m.reverse_path from queue_recipients r join queue_messages m on m.id = r.message_id order by r.id", Key),
        };
        return [.. keys
            .Where(key => selection.Domain is null || key.Domain == selection.Domain.Ascii)
            .Where(key => selection.Sender is null || key.Sender == selection.Sender.ToString())
            .Select(key => new RecipientKey(key.Id, key.MessageId))];

        static (long Id, long MessageId, string Domain, string? Sender) Key(DbDataReader row) => (row.GetInt64(0), row.GetInt64(1), row.GetString(2), Text(row, 3));
    }

    internal static bool MakeDue(Sql sql, RecipientKey recipient, DateTimeOffset now) =>
        sql.Execute($"update queue_recipients set next_attempt = {now.ToUnixTimeMilliseconds()} where id = {recipient.Id}") > 0;

    internal static bool SetHeld(Sql sql, RecipientKey recipient, bool held) =>
        sql.Execute($"update queue_recipients set held = {held} where id = {recipient.Id} and held <> {held}") > 0;

    /// <summary>Lets all of a message's recipients go on that are held; answers their domains.</summary>
    internal static List<string> FreeHeld(Sql sql, long messageId)
    {
        var domains = sql.Query($"select distinct domain from queue_recipients where message_id = {messageId} and held = {true}", row => row.GetString(0));
        if (domains.Count > 0) sql.Execute($"update queue_recipients set held = {false}, last_reply = null where message_id = {messageId} and held = {true}");
        return domains;
    }

    /// <summary>The header lines put before a message; null where it is gone.</summary>
    internal static byte[]? Prefix(Sql sql, long messageId) => sql.First($"select prefix from queue_messages where id = {messageId}", row => row.GetFieldValue<byte[]>(0));

    /// <summary>Removes a message and its recipients, but not the hold on its content: that is the caller's now.</summary>
    internal static void TakeOut(Sql sql, long messageId)
    {
        sql.Execute($"delete from queue_recipients where message_id = {messageId}");
        sql.Execute($"delete from queue_messages where id = {messageId}");
    }

    /// <summary>Ids of the messages of an account, the oldest first.</summary>
    internal static List<long> MessagesOf(Sql sql, long account) => sql.Query($"select id from queue_messages where account_id = {account} order by id", row => row.GetInt64(0));

    internal static bool Drop(Sql sql, Blobs blobs, RecipientKey recipient)
    {
        var there = sql.Execute($"delete from queue_recipients where id = {recipient.Id}") > 0;
        if (there) RemoveIfSettled(sql, blobs, recipient.MessageId);
        return there;
    }

    /// <summary>The whole message as it is sent: the header lines we added, then what came in.</summary>
    internal static byte[]? Content(Sql sql, Blobs blobs, QueuedMessage message)
    {
        var prefix = sql.First($"select prefix from queue_messages where id = {message.Id}", row => row.GetFieldValue<byte[]>(0));
        return prefix is null ? null : blobs.Read(sql, message.BlobId, prefix);
    }

    /// <summary>Removes a recipient whose fate is settled; false where a command dropped it meanwhile.</summary>
    internal static bool Remove(Sql sql, QueuedRecipient recipient) =>
        sql.Execute($"delete from queue_recipients where id = {recipient.Id}") > 0;

    /// <summary>Puts a recipient off; false where a command dropped it meanwhile.</summary>
    internal static bool Defer(Sql sql, QueuedRecipient recipient, DateTimeOffset next, string reply, string cause, AttemptProtection protection, bool warned) =>
        sql.Execute($"""
            update queue_recipients set attempts = attempts + 1, next_attempt = {next.ToUnixTimeMilliseconds()}, last_reply = {reply}, last_cause = {cause}, last_protection = {protection.ToString()}, last_protection_facts = {protection.ToJson()}, warned = {warned}
            where id = {recipient.Id}
            """) > 0;

    /// <summary>Removes the message where nobody is owed it any more.</summary>
    internal static bool RemoveIfSettled(Sql sql, Blobs blobs, long messageId)
    {
        if (sql.First($"select 1 from queue_recipients where message_id = {messageId} limit 1", row => row.GetInt64(0)) > 0) return false;
        var blob = sql.First($"select blob_id from queue_messages where id = {messageId}", row => (long?)row.GetInt64(0));
        if (blob is null) return false;
        sql.Execute($"delete from queue_messages where id = {messageId}");
        blobs.Release(sql, blob.Value);
        return true;
    }

    private static QueuedRecipient Recipient(DbDataReader row) => new(
        row.GetInt64(0),
        row.GetInt64(1),
        new EnvelopeRecipient(EmailAddress.Parse(row.GetString(2)), (DsnNotify)row.GetInt32(3), Text(row, 4)),
        row.GetInt32(5),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
        Text(row, 7),
        row.GetBoolean(8),
        row.GetBoolean(9))
    {
        LastProtection = Text(row, 10),
        LastProtectionFacts = AttemptProtection.FromJson(Text(row, 11)),
        LastCause = Text(row, 12),
    };

    private static QueuedMessage Message(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        Origin = (QueueOrigin)row.GetInt32(1),
        AccountId = row.IsDBNull(2) ? null : row.GetInt64(2),
        ReversePath = Text(row, 3) is { } path ? EmailAddress.Parse(path) : null,
        Body = (BodyKind)row.GetInt32(4),
        SmtpUtf8 = row.GetBoolean(5),
        Return = (DsnReturn)row.GetInt32(6),
        EnvelopeId = Text(row, 7),
        BlobId = row.GetInt64(8),
        Size = row.GetInt64(9),
        Created = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(10)),
        Expires = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(11)),
        Transport = (TransportNeed)row.GetInt32(12),
        Pool = (SourcePool)row.GetInt32(13),
    };

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>A row of due mail as the schedule reads it.</summary>
internal readonly record struct DueRecipient(long NextAttempt, long RecipientId, long MessageId);

/// <summary>A recipient's row and its message's.</summary>
internal readonly record struct RecipientKey(long Id, long MessageId);
