using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts.AppPasswords;

/// <summary>Makes, lists and ends app passwords. A secret is shown when it is made and never again.</summary>
public sealed class AppPasswordBook(Database database, AccountDirectory directory, TimeProvider time)
{
    private const int MostOfAccount = 50;
    private const int LongestName = 100;

    /// <summary>Makes one; answers it with its secret. Throws <see cref="DirectoryException"/> with the reason.</summary>
    public async ValueTask<(AppPassword Password, string Secret)> AddAsync(EmailAddress address, string name, CancellationToken cancellation)
    {
        var account = await directory.FindAccountAsync(address, cancellation).ConfigureAwait(false) ?? throw new DirectoryException($"There is no account {address}. See them with: sternpost account list");
        if (name.Trim() is not { Length: > 0 and <= LongestName } given || given.Any(char.IsControl)) throw new DirectoryException($"Name the program or device the password is for, such as 'phone', in at most {LongestName} characters.");
        var secret = AppSecret.Make();
        AppSecret.TryHash(secret, out var verifier);
        var own = (await directory.CurrentAsync(cancellation).ConfigureAwait(false)).Account(address) ?? throw new DirectoryException($"There is no account {address}. See them with: sternpost account list");
        var made = new AppPassword(database.NextId(), account.Id, given, DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()), null, null) { Verifier = verifier!, Scram = AppScram.Make(secret, own.Password.Scram) };
        await directory.ChangeAsync(
            sql =>
            {
                var known = AppPasswordRows.Good(sql, account.Id);
                if (known.Any(other => other.Name.Equals(given, StringComparison.OrdinalIgnoreCase))) throw new DirectoryException($"{address} already has an app password '{given}'. End it first, or choose another name.");
                if (known.Count >= MostOfAccount) throw new DirectoryException($"{address} already has {MostOfAccount} app passwords. End those that are not used: sternpost account app-password list {address}");
                AppPasswordRows.Insert(sql, made);
                return true;
            },
            cancellation).ConfigureAwait(false);
        return (made, secret);
    }

    /// <summary>Those of an account that are good, the oldest first.</summary>
    public ValueTask<IReadOnlyList<AppPassword>> ListAsync(long accountId, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<AppPassword>>(sql => AppPasswordRows.Good(sql, accountId), cancellation);

    /// <summary>Ends one by name or id, and the sessions it signed in; false where there is none.</summary>
    public ValueTask<bool> RemoveAsync(long accountId, string nameOrId, CancellationToken cancellation) => directory.ChangeAsync(
        sql => AppPasswordRows.Good(sql, accountId).Find(known => known.Name.Equals(nameOrId, StringComparison.OrdinalIgnoreCase) || known.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) == nameOrId) is { } found
            && AppPasswordRows.End(sql, found.Id, time.GetUtcNow().ToUnixTimeMilliseconds()),
        cancellation);

    /// <summary>Ends all of an account inside the caller's transaction; answers their ids, by which <see cref="Revive"/> takes it back.</summary>
    public IReadOnlyList<long> EndAll(Sql sql, long accountId)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var good = AppPasswordRows.Good(sql, accountId);
        foreach (var password in good) AppPasswordRows.End(sql, password.Id, now);
        if (good.Count > 0) directory.MarkChanged(sql);
        return [.. good.Select(password => password.Id)];
    }

    /// <summary>Makes ended ones good again, inside the caller's transaction.</summary>
    public void Revive(Sql sql, IReadOnlyList<long> ids)
    {
        foreach (var id in ids) sql.Execute($"update app_passwords set ended = null where id = {id}");
        if (ids.Count > 0) directory.MarkChanged(sql);
    }
}
