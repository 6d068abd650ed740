using Sternpost.Accounts;
using Sternpost.Storage;

namespace Sternpost.Jmap.Stores;

/// <summary>A name to send under (RFC 8621 §6). The address lists are JSON as the client gave them.</summary>
internal sealed record Identity(long Id, string Name, string Email, string? ReplyTo, string? Bcc, string TextSignature, string HtmlSignature, bool MayDelete);

/// <summary>The identities of accounts; each has that of its own address from the beginning.</summary>
internal sealed class IdentityStore(Database database)
{
    private const int Most = 100;

    /// <summary>The account's identities and their state, the first one made where there is none.</summary>
    internal async ValueTask<(long State, List<Identity> Identities)> OfAsync(Account account, CancellationToken cancellation)
    {
        var found = await database.ReadAsync(sql => (ChangeCounter.State(sql, account.Id, CountedKind.Identity), Of(sql, account.Id)), cancellation).ConfigureAwait(false);
        if (found.Item2.Count > 0) return found;
        return await database.WriteAsync(
            sql =>
            {
                if (Of(sql, account.Id).Count == 0) Insert(sql, account.Id, new Identity(database.NextId(), account.DisplayName, account.Address.ToString(), null, null, "", "", MayDelete: false));
                return (ChangeCounter.State(sql, account.Id, CountedKind.Identity), Of(sql, account.Id));
            },
            cancellation).ConfigureAwait(false);
    }

    internal static List<Identity> Of(Sql sql, long accountId) => sql.Query(
        $"select id, name, email, reply_to, bcc, text_signature, html_signature, may_delete from jmap_identities where account_id = {accountId} order by id",
        row => new Identity(row.GetInt64(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4), row.GetString(5), row.GetString(6), row.GetBoolean(7)));

    internal long NewId() => database.NextId();

    /// <summary>False where the account has as many as it may.</summary>
    internal static bool TryAdd(Sql sql, long accountId, Identity identity)
    {
        if (Of(sql, accountId).Count >= Most) return false;
        Insert(sql, accountId, identity);
        return true;
    }

    internal static void Update(Sql sql, long accountId, Identity identity)
    {
        sql.Execute($"""
            update jmap_identities set name = {identity.Name}, reply_to = {identity.ReplyTo}, bcc = {identity.Bcc}, text_signature = {identity.TextSignature}, html_signature = {identity.HtmlSignature}
            where id = {identity.Id} and account_id = {accountId}
            """);
        ChangeCounter.Note(sql, accountId, CountedKind.Identity, identity.Id, CountedChange.Updated);
    }

    internal static void Delete(Sql sql, long accountId, long id)
    {
        sql.Execute($"delete from jmap_identities where id = {id} and account_id = {accountId}");
        ChangeCounter.Note(sql, accountId, CountedKind.Identity, id, CountedChange.Destroyed);
    }

    private static void Insert(Sql sql, long accountId, Identity identity)
    {
        sql.Execute($"""
            insert into jmap_identities (id, account_id, name, email, reply_to, bcc, text_signature, html_signature, may_delete)
            values ({identity.Id}, {accountId}, {identity.Name}, {identity.Email}, {identity.ReplyTo}, {identity.Bcc}, {identity.TextSignature}, {identity.HtmlSignature}, {identity.MayDelete})
            """);
        ChangeCounter.Note(sql, accountId, CountedKind.Identity, identity.Id, CountedChange.Created);
    }
}
