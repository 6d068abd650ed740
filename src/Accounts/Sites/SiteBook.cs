using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts.Sites;

/// <summary>The sites and their scripts, as administrators see and change them.</summary>
public sealed class SiteBook(Database database, AccountDirectory directory)
{
    private const int MostAddresses = 100;

    /// <summary>Adds a site with its account. Throws <see cref="DirectoryException"/> with the reason.</summary>
    /// <param name="address">Its address and sign-in name; the domain must be one of ours.</param>
    /// <param name="password">Its password.</param>
    /// <param name="describe">Makes the site, given the account's id.</param>
    /// <param name="cancellation">Cancels before the change is made.</param>
    public async ValueTask<Site> AddAsync(EmailAddress address, string password, Func<long, Site> describe, CancellationToken cancellation)
    {
        var wanted = await CheckedAsync(describe(0), cancellation).ConfigureAwait(false);
        var account = await directory.AddAccountAsync(address, password, "", administrator: false, quotaBytes: 0, cancellation).ConfigureAwait(false);
        var site = wanted with { AccountId = account.Id, Address = account.Address };
        await WriteAsync(site, cancellation).ConfigureAwait(false);
        return site;
    }

    /// <summary>Writes a changed site. Throws <see cref="DirectoryException"/> with the reason.</summary>
    public async ValueTask ChangeAsync(Site site, CancellationToken cancellation)
    {
        await WriteAsync(await CheckedAsync(site, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
    }

    /// <summary>All sites by address.</summary>
    public ValueTask<IReadOnlyList<Site>> ListAsync(CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<Site>>(sql => [.. SiteRows.All(sql).Values], cancellation);

    /// <summary>The site with this address, or null.</summary>
    public async ValueTask<Site?> FindAsync(EmailAddress address, CancellationToken cancellation) =>
        (await ListAsync(cancellation).ConfigureAwait(false)).FirstOrDefault(site => site.Address == address);

    /// <summary>The scripts of a site, the latest first.</summary>
    public ValueTask<IReadOnlyList<SiteScript>> ScriptsAsync(long accountId, CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<SiteScript>>(
        sql => sql.Query(
            $"""
            select id, script, state, first_seen, last_seen, messages, (select count(*) from site_holds where script_id = site_scripts.id)
            from site_scripts where account_id = {accountId} order by last_seen desc
            """,
            row => new SiteScript(row.GetInt64(0), row.GetString(1), (ScriptState)row.GetInt64(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)), row.GetInt64(5), row.GetInt32(6))),
        cancellation);

    /// <summary>Says something of a script; answers the ids of the messages that waited for that, or null where there is no such script.</summary>
    public ValueTask<IReadOnlyList<long>?> SetScriptAsync(long accountId, string script, ScriptState state, CancellationToken cancellation) => database.WriteAsync<IReadOnlyList<long>?>(
        sql =>
        {
            if (sql.First($"select id from site_scripts where account_id = {accountId} and script = {script}", row => (long?)row.GetInt64(0)) is not { } id) return null;
            sql.Execute($"update site_scripts set state = {(long)state} where id = {id}");
            if (state != ScriptState.Allowed) return [];
            var waiting = sql.Query($"select message_id from site_holds where script_id = {id} order by message_id", row => row.GetInt64(0));
            sql.Execute($"delete from site_holds where script_id = {id}");
            return waiting;
        },
        cancellation);

    private ValueTask<bool> WriteAsync(Site site, CancellationToken cancellation) => directory.ChangeDirectoryAsync(
        sql =>
        {
            SiteRows.Write(sql, site);
            return true;
        },
        cancellation);

    private async ValueTask<Site> CheckedAsync(Site site, CancellationToken cancellation)
    {
        if (site.Addresses.Count > MostAddresses) throw new DirectoryException($"A site may have {MostAddresses} addresses; @example.com stands for all of a domain.");
        if (site.Folder.Length > 0 && !Path.IsPathRooted(site.Folder)) throw new DirectoryException($"'{site.Folder}' is no full path.");
        // Anybody can stand in a folder, or say that he does.
        if (site is { Folder.Length: > 0, UserName.Length: 0 }) throw new DirectoryException("A folder alone proves nothing, because every user can go there. Name the user that the site's programs run as, too (--user).");
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var pattern in site.Addresses)
        {
            if (!AliasPattern.TryParse(pattern, out var read)) throw new DirectoryException($"'{pattern}' is neither an address nor a domain such as @example.com.");
            // Nobody's SPF, DKIM and DMARC but our own domains' would prove such mail.
            if (!await directory.IsLocalAsync(read.Domain, cancellation).ConfigureAwait(false)) throw new DirectoryException($"{read.Domain} is not one of this server's domains, so mail in its name would be taken for forged everywhere.");
            keys.Add(read.Key);
        }
        if (site.RepliesTo is { } replies && await directory.ResolveAsync(replies, cancellation).ConfigureAwait(false) is RecipientResolution.Unknown)
            throw new DirectoryException($"There is neither an account nor an alias {replies}, so answers to the site could not be delivered.");
        foreach (var other in await ListAsync(cancellation).ConfigureAwait(false))
        {
            if (site.IsLocal && other.Address != site.Address && other.UserName == site.UserName && other.Folder == site.Folder)
                throw new DirectoryException($"{other.Address} already has that user and folder, so a program there could not be told apart. Name a folder for each.");
        }
        return site with { Addresses = [.. keys] };
    }
}
