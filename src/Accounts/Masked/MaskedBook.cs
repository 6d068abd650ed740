using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts.Masked;

/// <summary>Makes, names and switches masked addresses. What is part of the directory, who a recipient is, is known to all processes within a second.</summary>
public sealed class MaskedBook(Database database, AccountDirectory directory, TimeProvider time)
{
    /// <summary>Addresses of one account, those switched off among them.</summary>
    public const int Most = 500;

    /// <summary>New ones of one account within a day: more than anybody registers at, fewer than a thief needs.</summary>
    public const int MostADay = 50;

    /// <summary>The longest name of a shop, and the longest note.</summary>
    public const int MostShop = 80, MostNote = 500;

    // A name that is taken is as likely as a guess; one more throw is enough.
    private const int Throws = 4;

    /// <summary>Those of an account, newest first.</summary>
    public ValueTask<List<MaskedAddress>> OfAsync(long accountId, CancellationToken cancellation) => database.ReadAsync(sql => MaskedRows.Of(sql, accountId), cancellation);

    /// <summary>Makes one in a transaction of its own.</summary>
    public ValueTask<MaskedAddress> AddAsync(Account account, string shop, string note, CancellationToken cancellation) => database.WriteAsync(sql => Add(sql, account, shop, note), cancellation);

    /// <summary>Switches one on or off in a transaction of its own; false where the account has none at that address.</summary>
    public ValueTask<bool> SwitchAsync(long accountId, EmailAddress address, bool enabled, CancellationToken cancellation) => database.WriteAsync(
        sql => sql.First($"select id from masked_addresses where account_id = {accountId} and address = {address.Key}", row => (long?)row.GetInt64(0)) is { } id && Switch(sql, accountId, id, enabled), cancellation);

    /// <summary>Makes one. Throws <see cref="DirectoryException"/> with the reason where it may not be made.</summary>
    public MaskedAddress Add(Sql sql, Account account, string shop, string note)
    {
        shop = Line(shop, MostShop);
        if (shop.Length == 0) throw new DirectoryException("Say whom the address is for: the name of the shop or person.");
        if (account.Site is not null) throw new DirectoryException("A web site has no masked addresses.");
        var now = time.GetUtcNow();
        var made = sql.Query($"select created from masked_addresses where account_id = {account.Id}", row => row.GetInt64(0));
        if (made.Count >= Most) throw new DirectoryException($"The account has {Most} masked addresses, which is the most.");
        var day = (now - TimeSpan.FromDays(1)).ToUnixTimeMilliseconds();
        if (made.Count(created => created > day) >= MostADay) throw new DirectoryException($"{MostADay} masked addresses were made within a day, which is the most. Try again tomorrow.");
        for (var i = 0; i < Throws; i++)
        {
            var address = EmailAddress.Parse(MaskedName.Make(shop) + "@" + account.Address.Domain.Ascii);
            if (IsTaken(sql, address)) continue;
            var masked = new MaskedAddress(database.NextId(), account.Id, address, shop, Line(note, MostNote), true, DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()), 0, "", null);
            sql.Execute($"""
                insert into masked_addresses (id, account_id, address, shop, note, enabled, created, messages, last_sender, last_at)
                values ({masked.Id}, {account.Id}, {address.Key}, {masked.Shop}, {masked.Note}, {true}, {now.ToUnixTimeMilliseconds()}, 0, {""}, null)
                """);
            directory.MarkChanged(sql);
            return masked;
        }
        throw new DirectoryException("No free address was found. Try again.");
    }

    /// <summary>Switches one on or off; false where the account has none of that number.</summary>
    public bool Switch(Sql sql, long accountId, long id, bool enabled)
    {
        if (sql.Execute($"update masked_addresses set enabled = {enabled} where id = {id} and account_id = {accountId}") == 0) return false;
        directory.MarkChanged(sql);
        return true;
    }

    /// <summary>
    /// Switches off what was made since a time, inside the caller's transaction; answers their addresses. What an owner made before that time stays on, for mail
    /// of his shops comes there.
    /// </summary>
    public static IReadOnlyList<string> StopSince(Sql sql, AccountDirectory directory, long accountId, DateTimeOffset since)
    {
        var made = sql.Query($"select address from masked_addresses where account_id = {accountId} and enabled and created >= {since.ToUnixTimeMilliseconds()} order by id", row => row.GetString(0));
        foreach (var address in made) Switch(sql, accountId, address, enabled: false);
        if (made.Count > 0) directory.MarkChanged(sql);
        return made;
    }

    /// <summary>Takes <see cref="StopSince"/> back, inside the caller's transaction.</summary>
    public static void Restore(Sql sql, AccountDirectory directory, long accountId, IReadOnlyList<string> addresses)
    {
        foreach (var address in addresses) Switch(sql, accountId, address, enabled: true);
        if (addresses.Count > 0) directory.MarkChanged(sql);
    }

    /// <summary>Takes back one that no mail has come to; false where there is none of that number, or mail has.</summary>
    public bool Remove(Sql sql, long accountId, long id)
    {
        if (sql.Execute($"delete from masked_addresses where id = {id} and account_id = {accountId} and messages = 0") == 0) return false;
        sql.Execute($"delete from masked_senders where masked_id = {id}");
        directory.MarkChanged(sql);
        return true;
    }

    /// <summary>Names one otherwise; false where the account has none of that number.</summary>
    public static bool Rename(Sql sql, long accountId, long id, string shop, string note) =>
        Line(shop, MostShop) is { Length: > 0 } name && sql.Execute($"update masked_addresses set shop = {name}, note = {Line(note, MostNote)} where id = {id} and account_id = {accountId}") > 0;

    private static void Switch(Sql sql, long accountId, string address, bool enabled) => sql.Execute($"update masked_addresses set enabled = {enabled} where account_id = {accountId} and address = {address}");

    private static bool IsTaken(Sql sql, EmailAddress address) =>
        MaskedRows.Exists(sql, address.Key) || AccountDirectory.AccountId(sql, address) is not null || sql.First($"select count(*) from aliases where pattern = {address.Key}", row => row.GetInt64(0)) > 0;

    private static string Line(string text, int most)
    {
        var line = string.Concat(text.Trim().Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= most ? line : line[..most];
    }
}
