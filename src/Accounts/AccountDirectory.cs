using Sternpost.Accounts.Forwarding;
using Sternpost.Accounts.Masked;
using Sternpost.Accounts.Passwords;
using Sternpost.Accounts.Scripts;
using Sternpost.Accounts.SecondFactors;
using Sternpost.Accounts.Shields;
using Sternpost.Accounts.Sites;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts;

/// <summary>
/// Domains, accounts and aliases; the only room that knows how they are stored. Lookups on the path of a message come from memory;
/// a change made by another process on the same data folder is seen within a second, one of this process at once.
/// </summary>
public sealed class AccountDirectory(Database database, TimeProvider time)
{
    // Resolution follows at most AddressExpansion.MaxAddresses; one alias takes a tenth of that.
    private const int MaxTargets = 100;

    private readonly DirectoryCache cache = new(database, time);
    private readonly ReturnPaths returnPaths = new(database, time);
    private readonly DirectorySecret bounceKey = new(database, "bounce tags");

    /// <summary>
    /// Called with the account's id inside the transaction that removes it, before its row goes: the store of the mail deletes what
    /// it keeps for the account. Set once at composition, wherever accounts can be removed.
    /// </summary>
    public Action<Sql, long>? RemovingAccount { get; set; }

    /// <summary>Adds a domain; false where it exists.</summary>
    public async ValueTask<bool> AddDomainAsync(DomainName name, CancellationToken cancellation)
    {
        var (id, now) = (database.NextId(), Now());
        return await ChangeAsync(
            sql => sql.Execute($"insert into domains (id, name, created) values ({id}, {name.Ascii}, {now}) on conflict (name) do nothing") == 1, cancellation).ConfigureAwait(false);
    }

    /// <summary>All domains by name.</summary>
    public async ValueTask<IReadOnlyList<LocalDomain>> DomainsAsync(CancellationToken cancellation) =>
        await database.ReadAsync(DirectoryRows.Domains, cancellation).ConfigureAwait(false);

    /// <summary>True where mail for this domain is received here. From memory.</summary>
    public async ValueTask<bool> IsLocalAsync(DomainName name, CancellationToken cancellation) =>
        (await CurrentAsync(cancellation).ConfigureAwait(false)).HasDomain(name);

    /// <summary>Removes a domain with no accounts, and its aliases; false where it does not exist. Throws <see cref="DirectoryException"/> where accounts remain.</summary>
    public ValueTask<bool> RemoveDomainAsync(DomainName name, CancellationToken cancellation) => ChangeAsync(
        sql =>
        {
            if (DirectoryRows.DomainId(sql, name) is not { } id) return false;
            var accounts = sql.First($"select count(*) from accounts where domain_id = {id}", row => row.GetInt64(0));
            if (accounts > 0) throw new DirectoryException($"{name} still has {accounts} account{(accounts == 1 ? "" : "s")}. Remove them first; see them with: sternpost account list --domain {name}");
            sql.Execute($"delete from aliases where domain_id = {id}");
            sql.Execute($"delete from domains where id = {id}");
            return true;
        },
        cancellation);

    /// <summary>Adds an account with its password (hashed with Argon2id, SCRAM verifier beside it). Throws <see cref="DirectoryException"/> with the reason.</summary>
    /// <param name="address">Its address; the domain must be one of ours.</param>
    /// <param name="password">At least 8 characters, and none of the first that attackers try.</param>
    /// <param name="displayName">The person's name; may be empty.</param>
    /// <param name="administrator">May administer the server; receives what is written to postmaster and abuse.</param>
    /// <param name="quotaBytes">Most octets of mail; 0 means no limit.</param>
    /// <param name="cancellation">Cancels before the change is made.</param>
    public async ValueTask<Account> AddAccountAsync(EmailAddress address, string password, string displayName, bool administrator, long quotaBytes, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quotaBytes);
        var stored = StoredPassword.Make(PasswordRules.Prepare(password, address));
        var (id, now) = (database.NextId(), Now());
        await ChangeAsync(
            sql =>
            {
                var domain = DirectoryRows.DomainId(sql, address.Domain) ?? throw NotOurs(address.Domain);
                if (AccountId(sql, address) is not null) throw new DirectoryException($"There is already an account {address}.");
                if (sql.First($"select count(*) from aliases where pattern = {address.Key}", row => row.GetInt64(0)) > 0)
                {
                    throw new DirectoryException($"{address} is an alias, and an account there would silence it. Remove the alias first: sternpost alias remove {address}");
                }
                RefuseMasked(sql, address);
                DirectoryRows.EnsureSecret(sql);
                sql.Execute(
                    $"""
                    insert into accounts (id, domain_id, address, display_name, status, administrator, quota_bytes, used_bytes,
                        password_hash, scram_salt, scram_iterations, scram_stored_key, scram_server_key, created)
                    values ({id}, {domain}, {address.Key}, {displayName}, {(long)AccountStatus.Active}, {administrator}, {quotaBytes}, {0L},
                        {stored.Hash}, {stored.Scram.Salt}, {stored.Scram.Iterations}, {stored.Scram.StoredKey}, {stored.Scram.ServerKey}, {now})
                    """);
                return true;
            },
            cancellation).ConfigureAwait(false);
        return new Account(id, AddressKey.Read(address.Key), displayName, AccountStatus.Active, administrator, quotaBytes, 0, DateTimeOffset.FromUnixTimeMilliseconds(now));
    }

    /// <summary>The account at exactly this address, or null. From memory; used octets are at most a second old.</summary>
    public async ValueTask<Account?> FindAccountAsync(EmailAddress address, CancellationToken cancellation)
    {
        var snapshot = await CurrentAsync(cancellation).ConfigureAwait(false);
        if (snapshot.Account(address) is not { } entry) return null;
        await ReadUsedAsync([entry], cancellation).ConfigureAwait(false);
        return entry.Account;
    }

    /// <summary>All accounts by address; of one domain where given.</summary>
    public async ValueTask<IReadOnlyList<Account>> AccountsAsync(DomainName? domain, CancellationToken cancellation) => await database.ReadAsync<IReadOnlyList<Account>>(
        sql => domain is null ? DirectoryRows.Accounts(sql, null) : DirectoryRows.DomainId(sql, domain) is { } id ? DirectoryRows.Accounts(sql, id) : [], cancellation).ConfigureAwait(false);

    /// <summary>Replaces the password and ends the sessions that used the old one. Throws <see cref="DirectoryException"/> where there is no such account or the password may not be used.</summary>
    public async ValueTask SetPasswordAsync(EmailAddress address, string password, CancellationToken cancellation)
    {
        var before = (await CurrentAsync(cancellation).ConfigureAwait(false)).Account(address);
        var stored = StoredPassword.Make(PasswordRules.Prepare(password, address), before?.Password.Scram.Salt);
        var now = Now();
        await ChangeAsync(
            sql =>
            {
                var id = AccountId(sql, address) ?? throw NoSuchAccount(address);
                EndSessions(sql, id, now);
                return StorePassword(sql, id, stored);
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Suspends or resumes. Throws <see cref="DirectoryException"/> where there is no such account.</summary>
    public async ValueTask SetStatusAsync(EmailAddress address, AccountStatus status, CancellationToken cancellation) => await ChangeAsync(
        sql => sql.Execute($"update accounts set status = {(long)status} where address = {address.Key}") == 1 ? true : throw NoSuchAccount(address), cancellation).ConfigureAwait(false);

    /// <summary>Sets how many octets of mail an account may have, 0 for no limit; false where there is no such account.</summary>
    public ValueTask<bool> SetQuotaAsync(EmailAddress address, long quotaBytes, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quotaBytes);
        return ChangeAsync(sql => sql.Execute($"update accounts set quota_bytes = {quotaBytes} where address = {address.Key}") == 1, cancellation);
    }

    /// <summary>Removes an account, all its mail, and the alias targets that name it; false where there is none.</summary>
    public ValueTask<bool> RemoveAccountAsync(EmailAddress address, CancellationToken cancellation) => ChangeAsync(
        sql =>
        {
            if (AccountId(sql, address) is not { } id) return false;
            RemovingAccount?.Invoke(sql, id);
            // Whoever gets this address next must not inherit the mail of another's aliases.
            foreach (var alias in DirectoryRows.AliasesTo(sql, address)) sql.Execute($"delete from aliases where id = {alias.Id}");
            SiteRows.Remove(sql, id);
            ScriptRows.RemoveAccount(sql, id);
            sql.Execute($"delete from app_passwords where account_id = {id}");
            SecondFactorRows.Remove(sql, id);
            MaskedRows.RemoveAccount(sql, id);
            ShieldRows.RemoveAccount(sql, id);
            sql.Execute($"delete from sender_grants where account_id = {id}");
            sql.Execute($"delete from accounts where id = {id}");
            return true;
        },
        cancellation);

    /// <summary>Adds an alias target; one pattern may have several. Throws <see cref="DirectoryException"/> with the reason.</summary>
    /// <param name="pattern">An address at one of our domains, or <c>@domain</c> for everything else there.</param>
    /// <param name="target">An account or alias here, or an address elsewhere.</param>
    /// <param name="cancellation">Cancels before the change is made.</param>
    public async ValueTask AddAliasAsync(string pattern, EmailAddress target, CancellationToken cancellation)
    {
        if (!AliasPattern.TryParse(pattern, out var alias)) throw new DirectoryException($"'{pattern}' is neither an address nor a catch-all such as @example.com.");
        await CheckTargetAsync(alias, target, cancellation).ConfigureAwait(false);
        var (id, now) = (database.NextId(), Now());
        await ChangeAsync(
            sql =>
            {
                var domain = DirectoryRows.DomainId(sql, alias.Domain) ?? throw NotOurs(alias.Domain);
                if (alias.Address is not null && AccountId(sql, alias.Address) is not null) throw new DirectoryException($"{alias.Address} is an account; its mail goes there and nowhere else.");
                if (alias.Address is not null) RefuseMasked(sql, alias.Address);
                if (sql.First($"select count(*) from aliases where pattern = {alias.Key}", row => row.GetInt64(0)) >= MaxTargets)
                {
                    throw new DirectoryException($"{alias.Key} already has {MaxTargets} targets. Put some of them behind an alias of their own.");
                }
                return sql.Execute($"insert into aliases (id, domain_id, pattern, target, created) values ({id}, {domain}, {alias.Key}, {target.Key}, {now}) on conflict (pattern, target) do nothing");
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>All aliases; of one domain where given.</summary>
    public async ValueTask<IReadOnlyList<MailAlias>> AliasesAsync(DomainName? domain, CancellationToken cancellation) => await database.ReadAsync<IReadOnlyList<MailAlias>>(
        sql => domain is null ? DirectoryRows.Aliases(sql, null) : DirectoryRows.DomainId(sql, domain) is { } id ? DirectoryRows.Aliases(sql, id) : [], cancellation).ConfigureAwait(false);

    /// <summary>Removes an alias, one target of it where given; false where there is none.</summary>
    public async ValueTask<bool> RemoveAliasAsync(string pattern, EmailAddress? target, CancellationToken cancellation)
    {
        if (!AliasPattern.TryParse(pattern, out var alias)) return false;
        return await ChangeAsync(
            sql => (target is null
                ? sql.Execute($"delete from aliases where pattern = {alias.Key}")
                : sql.Execute($"delete from aliases where pattern = {alias.Key} and target = {target.Key}")) > 0,
            cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Where mail for <paramref name="address"/> goes: account, subaddress (<c>+detail</c>), masked address, alias, catch-all, in that order; postmaster
    /// and abuse always exist. Of several targets the full ones receive too, so that what was accepted for all reaches all.
    /// </summary>
    public async ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancellation)
    {
        var snapshot = await CurrentAsync(cancellation).ConfigureAwait(false);
        if (!snapshot.HasDomain(address.Domain)) return new RecipientResolution.NotLocal();
        // Whoever answers the reverse-path of our mail reaches its sender, tag or not.
        if (BounceTag.TryRemove(address, out var plain, out _)) address = plain;
        // Before a catch-all takes it for somebody's name.
        if (await returnPaths.RestoreAsync(address, cancellation).ConfigureAwait(false) is { } sender) return new RecipientResolution.Return(sender);
        var expansion = AddressExpansion.Of(address, snapshot);
        // Part of the recipients is not an answer: the sender keeps the message and tries again, until somebody mends the alias.
        if (expansion.TooLarge) return new RecipientResolution.Full();
        if (expansion.IsEmpty) return expansion.IsSwitchedOff ? new RecipientResolution.SwitchedOff() : new RecipientResolution.Unknown();
        if (expansion.Forward.Count == 0)
        {
            await ReadUsedAsync([.. expansion.Local.Select(target => target.Entry).Where(entry => entry.Account.QuotaBytes > 0)], cancellation).ConfigureAwait(false);
            if (expansion.Local.All(target => target.Entry.IsFull)) return new RecipientResolution.Full();
        }
        return new RecipientResolution.Deliver([.. expansion.Local.Select(target => (target.Entry.Account, target.Detail))], expansion.Forward);
    }

    /// <summary>The masked address that a recipient is, with or without the tag of a bounce; null where it is none. From memory.</summary>
    public async ValueTask<MaskedRecipient?> FindMaskedAsync(EmailAddress address, CancellationToken cancellation)
    {
        var snapshot = await CurrentAsync(cancellation).ConfigureAwait(false);
        return snapshot.Masked((BounceTag.TryRemove(address, out var plain, out _) ? plain : address).Key);
    }

    /// <summary>The reverse-path under which mail from <paramref name="sender"/> is passed on by an alias at <paramref name="domain"/>: an address of ours that leads back (SRS), or the sender where it is one of ours itself.</summary>
    public async ValueTask<EmailAddress> ReturnPathAsync(EmailAddress sender, DomainName domain, CancellationToken cancellation)
    {
        var snapshot = await CurrentAsync(cancellation).ConfigureAwait(false);
        return snapshot.HasDomain(sender.Domain) || !snapshot.HasDomain(domain) ? sender : await returnPaths.RewriteAsync(sender, domain, cancellation).ConfigureAwait(false);
    }

    /// <summary>The sender as the reverse-path of his mail, with a tag by which its bounces are known again (BATV); as he is where his domain is none of ours.</summary>
    public async ValueTask<EmailAddress> BounceTagAsync(EmailAddress sender, CancellationToken cancellation)
    {
        var snapshot = await CurrentAsync(cancellation).ConfigureAwait(false);
        return snapshot.HasDomain(sender.Domain) ? BounceTag.Tag(sender, (await bounceKey.ReadAsync(make: true, cancellation).ConfigureAwait(false))!, time.GetUtcNow()) : sender;
    }

    /// <summary>Whether a bounce to this address is of mail that was sent here: it has a tag that was made lately.</summary>
    public async ValueTask<bool> HasBounceTagAsync(EmailAddress recipient, CancellationToken cancellation) =>
        BounceTag.TryRemove(recipient, out var plain, out var tag)
        && await bounceKey.ReadAsync(make: false, cancellation).ConfigureAwait(false) is { } key
        && BounceTag.IsGood(plain, tag, key, time.GetUtcNow());

    /// <summary>
    /// True where <paramref name="account"/> owns <paramref name="address"/>: its own, a subaddress of it, or an alias or catch-all that
    /// delivers to it, and what an administrator has granted. Never for an account that is suspended or gone.
    /// </summary>
    public async ValueTask<bool> MaySendAsAsync(Account account, EmailAddress address, CancellationToken cancellation)
    {
        var snapshot = await CurrentAsync(cancellation).ConfigureAwait(false);
        return snapshot.Account(account.Id) is { Account.Status: AccountStatus.Active } entry
            && snapshot.HasDomain(address.Domain)
            && ((entry.Account.Site?.Owns(address) ?? AddressExpansion.Of(address, snapshot).Local.Any(target => target.Entry.Account.Id == account.Id)) || entry.Grants.Any(grant => grant.Matches(address)));
    }

    /// <summary>
    /// Sets an account's status and ends its sessions, inside the caller's transaction; every process knows within a second.
    /// False where there is no such account.
    /// </summary>
    public bool SetStatus(Sql sql, long accountId, AccountStatus status)
    {
        if (sql.Execute($"update accounts set status = {(long)status} where id = {accountId}") == 0) return false;
        EndSessions(sql, accountId, Now());
        MarkChanged(sql);
        return true;
    }

    /// <summary>
    /// Removes, inside the caller's transaction, the targets outside that were added since a moment to aliases that lead to an account as well:
    /// copies of its mail that somebody had sent elsewhere. Answers alias and target of each.
    /// </summary>
    public IReadOnlyList<string[]> RemoveForwardsSince(Sql sql, Account account, DateTimeOffset since)
    {
        var domains = DirectoryRows.Domains(sql).Select(domain => domain.Name).ToHashSet();
        var removed = new List<string[]>();
        foreach (var pattern in DirectoryRows.AliasesTo(sql, account.Address).Select(alias => alias.Pattern).Distinct())
        {
            foreach (var (id, target) in sql.Query($"select id, target from aliases where pattern = {pattern} and created >= {since.ToUnixTimeMilliseconds()}", row => (row.GetInt64(0), row.GetString(1))))
            {
                if (domains.Contains(AddressKey.Read(target).Domain)) continue;
                sql.Execute($"delete from aliases where id = {id}");
                removed.Add([pattern, target]);
            }
        }
        if (removed.Count > 0) MarkChanged(sql);
        return removed;
    }

    /// <summary>Puts back what <see cref="RemoveForwardsSince"/> removed, inside the caller's transaction.</summary>
    public void RestoreForwards(Sql sql, IReadOnlyList<string[]> forwards)
    {
        foreach (var forward in forwards)
        {
            if (!AliasPattern.TryParse(forward[0], out var alias) || DirectoryRows.DomainId(sql, alias.Domain) is not { } domain) continue;
            sql.Execute($"insert into aliases (id, domain_id, pattern, target, created) values ({database.NextId()}, {domain}, {forward[0]}, {forward[1]}, {Now()}) on conflict (pattern, target) do nothing");
        }
        if (forwards.Count > 0) MarkChanged(sql);
    }

    /// <summary>When the account's password was replaced last, or its sessions were ended otherwise.</summary>
    public static DateTimeOffset SessionsFrom(Sql sql, long accountId) =>
        DateTimeOffset.FromUnixTimeMilliseconds(sql.First($"select sessions_from from accounts where id = {accountId}", row => row.GetInt64(0)));

    /// <summary>
    /// The site that a program of this computer belongs to, the account with it: of those its user and folders fit, the one with the longest
    /// folder; null where none is. From memory.
    /// </summary>
    /// <param name="userId">The program's user, as a number.</param>
    /// <param name="userName">And by name.</param>
    /// <param name="places">Paths of its script and its working folder.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async ValueTask<Account?> FindSiteAsync(string userId, string userName, IReadOnlyList<string> places, CancellationToken cancellation) =>
        (await CurrentAsync(cancellation).ConfigureAwait(false)).Accounts.Select(entry => entry.Account)
            .Where(account => account.Site?.Includes(userId, userName, places) == true)
            .MaxBy(account => account.Site!.Folder.Length);

    /// <summary>The accounts that are web sites. From memory.</summary>
    public async ValueTask<IReadOnlyList<Account>> SitesAsync(CancellationToken cancellation) =>
        [.. (await CurrentAsync(cancellation).ConfigureAwait(false)).Accounts.Select(entry => entry.Account).Where(account => account.Site is not null)];

    internal ValueTask<T> ChangeDirectoryAsync<T>(Func<Sql, T> change, CancellationToken cancellation) => ChangeAsync(change, cancellation);

    internal ValueTask<DirectorySnapshot> CurrentAsync(CancellationToken cancellation) => cache.CurrentAsync(cancellation);

    /// <summary>Stores a hash of the same password with today's parameters, unless the password was changed meanwhile.</summary>
    internal async ValueTask UpgradePasswordAsync(long accountId, string oldHash, StoredPassword stored, CancellationToken cancellation) => await ChangeAsync(
        sql => sql.First($"select password_hash from accounts where id = {accountId}", row => row.GetString(0)) == oldHash && StorePassword(sql, accountId, stored), cancellation).ConfigureAwait(false);

    private static bool StorePassword(Sql sql, long id, StoredPassword stored) => sql.Execute(
        $"""
        update accounts set password_hash = {stored.Hash}, scram_salt = {stored.Scram.Salt}, scram_iterations = {stored.Scram.Iterations},
            scram_stored_key = {stored.Scram.StoredKey}, scram_server_key = {stored.Scram.ServerKey}
        where id = {id}
        """) == 1;

    private async ValueTask CheckTargetAsync(AliasPattern alias, EmailAddress target, CancellationToken cancellation)
    {
        var snapshot = await CurrentAsync(cancellation).ConfigureAwait(false);
        if (!snapshot.HasDomain(target.Domain)) return;
        var expansion = AddressExpansion.Of(target, snapshot);
        if (target.Key == alias.Key || (alias.Address is not null && expansion.PassedBy(alias.Address)))
        {
            throw new DirectoryException($"{target} already leads to {alias.Key}; this alias would send mail in a circle.");
        }
        if (expansion.IsEmpty) throw new DirectoryException($"There is neither an account nor an alias {target}. Add it first, or correct the target.");
        if (expansion.TooLarge) throw new DirectoryException($"{target} leads to more than {AddressExpansion.MaxAddresses} addresses, which is the most an alias may reach.");
    }

    private async ValueTask ReadUsedAsync(IReadOnlyCollection<AccountEntry> entries, CancellationToken cancellation)
    {
        if (!entries.Any(entry => entry.NeedsReading(time))) return;
        var now = time.GetTimestamp();
        await database.ReadAsync(
            sql =>
            {
                foreach (var entry in entries.Where(entry => entry.NeedsReading(time)))
                {
                    if (sql.First($"select used_bytes from accounts where id = {entry.Account.Id}", row => (long?)row.GetInt64(0)) is { } used) entry.Used(used, now);
                }
                return true;
            },
            cancellation).ConfigureAwait(false);
    }

    internal static void EndSessions(Sql sql, long accountId, long now) => sql.Execute($"update accounts set sessions_from = {now} where id = {accountId}");

    /// <summary>Says inside a transaction that it changes the directory.</summary>
    internal void MarkChanged(Sql sql)
    {
        DirectoryRows.RaiseVersion(sql);
        sql.AfterCommit(cache.Changed);
    }

    internal async ValueTask<T> ChangeAsync<T>(Func<Sql, T> change, CancellationToken cancellation)
    {
        var result = await database.WriteAsync(
            sql =>
            {
                var changed = change(sql);
                DirectoryRows.RaiseVersion(sql);
                return changed;
            },
            cancellation).ConfigureAwait(false);
        cache.Changed();
        return result;
    }

    internal static long? AccountId(Sql sql, EmailAddress address) => sql.First($"select id from accounts where address = {address.Key}", row => (long?)row.GetInt64(0));

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static void RefuseMasked(Sql sql, EmailAddress address)
    {
        if (MaskedRows.Exists(sql, address.Key)) throw new DirectoryException($"{address} is a masked address that an account has given away. Choose another.");
    }

    private static DirectoryException NotOurs(DomainName name) => new($"{name} is not one of this server's domains. Add it first: sternpost domain add {name}");

    private static DirectoryException NoSuchAccount(EmailAddress address) => new($"There is no account {address}. See them with: sternpost account list");
}
