using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Storage;

namespace Sternpost.Queue.Quarantine;

/// <summary>The SQL of held messages.</summary>
internal static class QuarantineRows
{
    internal static void Insert(Sql sql, HeldMessage message)
    {
        sql.Execute($"""
            insert into quarantine (id, blob_id, size, sender, author, subject, preview, reason, reference, malware, trace, body, smtp_utf8, expires)
            values ({message.Id}, {message.BlobId}, {message.Size}, {message.Sender?.ToString()}, {message.Author}, {message.Subject}, {message.Preview}, {message.Reason}, {message.Reference},
                {message.IsMalware}, {message.Trace}, {(long)message.Body}, {message.SmtpUtf8}, {message.Expires.ToUnixTimeMilliseconds()})
            """);
        foreach (var recipient in message.Recipients)
            sql.Execute($"insert into quarantine_recipients (quarantine_id, recipient, account_id, told, state) values ({message.Id}, {recipient.Address.ToString()}, {recipient.AccountId}, {(long?)null}, 0) on conflict do nothing");
    }

    internal static HeldMessage? Find(Sql sql, long id) => Read(sql, [id]) is [var message] ? message : null;

    /// <summary>The newest first; of one account, or all.</summary>
    internal static IReadOnlyList<HeldMessage> List(Sql sql, long? accountId, int limit) => Read(sql, accountId is { } account
        ? sql.Query($"select quarantine_id from quarantine_recipients where account_id = {account} order by quarantine_id desc limit {limit}", row => row.GetInt64(0))
        : sql.Query($"select id from quarantine order by id desc limit {limit}", row => row.GetInt64(0)));

    /// <summary>Those whose release was asked for, for some recipient.</summary>
    internal static IReadOnlyList<long> Going(Sql sql) => sql.Query($"select distinct quarantine_id from quarantine_recipients where state > 0 order by quarantine_id limit 100", row => row.GetInt64(0));

    internal static IReadOnlyList<long> Expired(Sql sql, DateTimeOffset now) => sql.Query($"select id from quarantine where expires < {now.ToUnixTimeMilliseconds()} order by expires limit 200", row => row.GetInt64(0));

    /// <summary>For one recipient, or for all of them where it is null.</summary>
    internal static bool SetState(Sql sql, long id, EmailAddress? recipient, int state) => recipient is null
        ? sql.Execute($"update quarantine_recipients set state = {state} where quarantine_id = {id}") > 0
        : sql.Execute($"update quarantine_recipients set state = {state} where quarantine_id = {id} and recipient = {recipient.ToString()}") > 0;

    /// <summary>Takes recipients that have got the message; it goes with the last of them.</summary>
    internal static void Settle(Sql sql, Blobs blobs, long id, IReadOnlyList<HeldRecipient> recipients)
    {
        foreach (var recipient in recipients) sql.Execute($"delete from quarantine_recipients where quarantine_id = {id} and recipient = {recipient.Address.ToString()}");
        if (sql.First($"select count(*) from quarantine_recipients where quarantine_id = {id}", row => row.GetInt64(0)) == 0) Delete(sql, blobs, id);
    }

    internal static bool Delete(Sql sql, Blobs blobs, long id)
    {
        if (sql.Query($"select blob_id from quarantine where id = {id}", row => row.GetInt64(0)) is not [var blob]) return false;
        sql.Execute($"delete from quarantine_recipients where quarantine_id = {id}");
        sql.Execute($"delete from quarantine where id = {id}");
        blobs.Release(sql, blob);
        return true;
    }

    /// <summary>Accounts that were not told of something that is held for them.</summary>
    internal static IReadOnlyList<long> Untold(Sql sql) => sql.Query($"select distinct account_id from quarantine_recipients where told is null and account_id is not null limit 1000", row => row.GetInt64(0));

    internal static IReadOnlyList<HeldMessage> UntoldOf(Sql sql, long accountId) =>
        Read(sql, sql.Query($"select quarantine_id from quarantine_recipients where account_id = {accountId} and told is null order by quarantine_id desc limit 100", row => row.GetInt64(0)));

    internal static void Tell(Sql sql, long accountId, DateTimeOffset now) =>
        sql.Execute($"update quarantine_recipients set told = {now.ToUnixTimeMilliseconds()} where account_id = {accountId} and told is null");

    internal static byte[] Key(Sql sql, Func<byte[]> make)
    {
        if (sql.Query($"select secret from quarantine_key where id = 1", row => (byte[])row[0]) is [var known]) return known;
        var fresh = make();
        sql.Execute($"insert into quarantine_key (id, secret) values (1, {fresh})");
        return fresh;
    }

    private static List<HeldMessage> Read(Sql sql, IReadOnlyList<long> ids)
    {
        var messages = new List<HeldMessage>();
        foreach (var id in ids)
        {
            var recipients = sql.Query($"select recipient, account_id, state from quarantine_recipients where quarantine_id = {id} order by recipient",
                row => new HeldRecipient(EmailAddress.Parse(row.GetString(0)), row.IsDBNull(1) ? null : row.GetInt64(1)) { IsGoing = row.GetInt32(2) > 0, Teaches = row.GetInt32(2) == 2 });
            messages.AddRange(sql.Query($"select blob_id, size, sender, author, subject, preview, reason, reference, malware, trace, body, smtp_utf8, expires from quarantine where id = {id}", row => new HeldMessage(
                id, Database.TimeOf(id), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(12)),
                row.IsDBNull(2) ? null : EmailAddress.Parse(row.GetString(2)), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7), row.GetBoolean(8), row.GetInt64(1), recipients)
            {
                BlobId = row.GetInt64(0),
                Trace = (byte[])row[9],
                Body = (BodyKind)row.GetInt32(10),
                SmtpUtf8 = row.GetBoolean(11),
            }));
        }
        return messages;
    }
}
