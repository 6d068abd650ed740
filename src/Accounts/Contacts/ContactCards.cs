using Sternpost.Storage;

namespace Sternpost.Accounts.Contacts;

/// <summary>A card of an address book.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Uid">By which it is known elsewhere.</param>
/// <param name="Card">JSContact (RFC 9553), as text.</param>
public sealed record ContactCard(long Id, string Uid, string Card);

/// <summary>What became of cards since a state.</summary>
/// <param name="State">Up to which this goes.</param>
/// <param name="Created">New cards.</param>
/// <param name="Updated">Changed ones.</param>
/// <param name="Destroyed">Those that are gone.</param>
public sealed record ContactChanges(long State, IReadOnlyList<long> Created, IReadOnlyList<long> Updated, IReadOnlyList<long> Destroyed);

/// <summary>The address book of an account, as rows: kept by who speaks with its owner, asked by the filter.</summary>
public static class ContactCards
{
    /// <summary>Cards of one account.</summary>
    public const int Most = 20_000;

    /// <summary>A number that rises with every change.</summary>
    public static long State(Sql sql, long accountId) =>
        sql.First($"select max(changed_seq) from contact_cards where account_id = {accountId}", row => row.IsDBNull(0) ? 0 : row.GetInt64(0));

    /// <summary>All cards of an account.</summary>
    public static List<ContactCard> Of(Sql sql, long accountId) => sql.Query(
        $"select id, uid, card from contact_cards where account_id = {accountId} and card is not null order by id", Row);

    /// <summary>One card; null where there is none.</summary>
    public static ContactCard? Find(Sql sql, long accountId, long id) => sql.First(
        $"select id, uid, card from contact_cards where account_id = {accountId} and id = {id} and card is not null", Row);

    /// <summary>Whether a card has that uid.</summary>
    public static bool HasUid(Sql sql, long accountId, string uid) =>
        sql.First($"select count(*) from contact_cards where account_id = {accountId} and uid = {uid} and card is not null", row => row.GetInt64(0)) > 0;

    /// <summary>Whether an address stands on a card.</summary>
    /// <param name="sql">A transaction.</param>
    /// <param name="accountId">Whose book.</param>
    /// <param name="address">Lower case.</param>
    public static bool Has(Sql sql, long accountId, string address) =>
        address.Length > 0 && sql.First($"select count(*) from contact_addresses where account_id = {accountId} and address = {address}", row => row.GetInt64(0)) > 0;

    /// <summary>Adds a card; false where the book is full.</summary>
    public static bool TryAdd(Sql sql, long accountId, ContactCard card, IEnumerable<string> addresses)
    {
        if (sql.First($"select count(*) from contact_cards where account_id = {accountId} and card is not null", row => row.GetInt64(0)) >= Most) return false;
        var seq = State(sql, accountId) + 1;
        sql.Execute($"insert into contact_cards (id, account_id, uid, card, created_seq, changed_seq) values ({card.Id}, {accountId}, {card.Uid}, {card.Card}, {seq}, {seq})");
        Write(sql, accountId, card.Id, addresses);
        return true;
    }

    /// <summary>Changes a card.</summary>
    public static void Update(Sql sql, long accountId, ContactCard card, IEnumerable<string> addresses)
    {
        sql.Execute($"update contact_cards set card = {card.Card}, changed_seq = {State(sql, accountId) + 1} where id = {card.Id} and account_id = {accountId}");
        Forget(sql, accountId, card.Id);
        Write(sql, accountId, card.Id, addresses);
    }

    /// <summary>Deletes a card; false where there is none.</summary>
    public static bool Delete(Sql sql, long accountId, long id)
    {
        if (Find(sql, accountId, id) is null) return false;
        sql.Execute($"update contact_cards set card = null, changed_seq = {State(sql, accountId) + 1} where id = {id} and account_id = {accountId}");
        Forget(sql, accountId, id);
        return true;
    }

    /// <summary>What became of which card since a state; null where that cannot be told.</summary>
    public static ContactChanges? Since(Sql sql, long accountId, long since)
    {
        var now = State(sql, accountId);
        // No row ever goes, so the first one was there from the beginning; after a restoration all numbers are ones that no client has seen.
        var floor = sql.First($"select min(created_seq) from contact_cards where account_id = {accountId}", row => row.IsDBNull(0) ? 0 : row.GetInt64(0) - 1);
        if (since > now || since < floor) return null;
        var (created, updated, destroyed) = (new List<long>(), new List<long>(), new List<long>());
        foreach (var (id, isNew, isGone) in sql.Query(
            $"select id, created_seq, card is null from contact_cards where account_id = {accountId} and changed_seq > {since} order by changed_seq", row => (row.GetInt64(0), row.GetInt64(1) > since, row.GetBoolean(2))))
        {
            if (isNew && isGone) continue;
            (isGone ? destroyed : isNew ? created : updated).Add(id);
        }
        return new ContactChanges(now, created, updated, destroyed);
    }

    /// <summary>After a restoration: states that no client has seen.</summary>
    public static void MoveOn(Sql sql, long by) => sql.Execute($"update contact_cards set created_seq = created_seq + {by}, changed_seq = changed_seq + {by}");

    /// <summary>What goes with an account that is removed.</summary>
    public static void RemoveAccount(Sql sql, long accountId)
    {
        sql.Execute($"delete from contact_cards where account_id = {accountId}");
        sql.Execute($"delete from contact_addresses where account_id = {accountId}");
    }

    private static void Write(Sql sql, long accountId, long id, IEnumerable<string> addresses)
    {
        foreach (var address in addresses) sql.Execute($"insert into contact_addresses (account_id, address, card_id) values ({accountId}, {address}, {id}) on conflict do nothing");
    }

    private static void Forget(Sql sql, long accountId, long id) => sql.Execute($"delete from contact_addresses where account_id = {accountId} and card_id = {id}");

    private static ContactCard Row(System.Data.Common.DbDataReader row) => new(row.GetInt64(0), row.GetString(1), row.GetString(2));
}
