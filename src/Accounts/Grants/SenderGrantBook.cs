using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts.Grants;

/// <summary>What administrators let accounts send as beside their own addresses: for somebody else (a delegation), or by pattern.</summary>
public sealed class SenderGrantBook(Database database, AccountDirectory directory, TimeProvider time)
{
    private const int MostOfAccount = 200;

    /// <summary>Adds a grant; false where it is there already. Throws <see cref="DirectoryException"/> with the reason.</summary>
    /// <param name="address">The account that may.</param>
    /// <param name="pattern">An address, <c>@example.com</c>, or a regular expression between slashes; only addresses at this server's domains are ever meant.</param>
    /// <param name="cancellation">Cancels before the change is made.</param>
    public async ValueTask<bool> AddAsync(EmailAddress address, string pattern, CancellationToken cancellation)
    {
        var account = await directory.FindAccountAsync(address, cancellation).ConfigureAwait(false) ?? throw new DirectoryException($"There is no account {address}. See them with: sternpost account list");
        var read = GrantPattern.Parse(pattern, out var problem) ?? throw new DirectoryException(problem);
        // Nobody's SPF, DKIM and DMARC but our own domains' would prove such mail.
        if (AliasPattern.TryParse(pattern, out var alias) && !await directory.IsLocalAsync(alias.Domain, cancellation).ConfigureAwait(false))
            throw new DirectoryException($"{alias.Domain} is not one of this server's domains, so mail in its name would be forged everywhere else.");
        var (id, now) = (database.NextId(), time.GetUtcNow().ToUnixTimeMilliseconds());
        return await directory.ChangeAsync(
            sql =>
            {
                if (DirectoryRows.Grants(sql, account.Id).Count >= MostOfAccount) throw new DirectoryException($"{address} already has {MostOfAccount} grants. One regular expression may take the place of many.");
                return sql.Execute($"insert into sender_grants (id, account_id, pattern, created) values ({id}, {account.Id}, {read.Text}, {now}) on conflict (account_id, pattern) do nothing") == 1;
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>All grants, or those of one account.</summary>
    public ValueTask<IReadOnlyList<SenderGrant>> ListAsync(long? accountId, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<SenderGrant>>(sql => DirectoryRows.Grants(sql, accountId), cancellation);

    /// <summary>Removes a grant; false where there is none.</summary>
    public ValueTask<bool> RemoveAsync(long accountId, string pattern, CancellationToken cancellation) =>
        directory.ChangeAsync(sql => sql.Execute($"delete from sender_grants where account_id = {accountId} and pattern = {GrantPattern.Parse(pattern, out _)?.Text ?? pattern}") == 1, cancellation);

    /// <summary>Removes the grants of an account made since a moment, inside the caller's transaction; answers their patterns.</summary>
    public IReadOnlyList<string> RemoveSince(Sql sql, long accountId, DateTimeOffset since)
    {
        var removed = DirectoryRows.Grants(sql, accountId).Where(grant => grant.Created >= since).ToList();
        foreach (var grant in removed) sql.Execute($"delete from sender_grants where id = {grant.Id}");
        if (removed.Count > 0) directory.MarkChanged(sql);
        return [.. removed.Select(grant => grant.Pattern)];
    }

    /// <summary>Puts grants back, inside the caller's transaction.</summary>
    public void Restore(Sql sql, long accountId, IReadOnlyList<string> patterns)
    {
        foreach (var pattern in patterns)
        {
            sql.Execute($"insert into sender_grants (id, account_id, pattern, created) values ({database.NextId()}, {accountId}, {pattern}, {time.GetUtcNow().ToUnixTimeMilliseconds()}) on conflict (account_id, pattern) do nothing");
        }
        if (patterns.Count > 0) directory.MarkChanged(sql);
    }
}
