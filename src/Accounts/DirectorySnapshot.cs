using Sternpost.Accounts.AppPasswords;
using Sternpost.Accounts.Grants;
using Sternpost.Accounts.Masked;
using Sternpost.Accounts.Passwords;
using Sternpost.Accounts.SecondFactors;
using Sternpost.Accounts.Sites;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts;

/// <summary>
/// The whole directory at one version, in memory, immutable but for the last reading of each account's used octets: the lookups
/// on the path of a message touch nothing else.
/// </summary>
internal sealed class DirectorySnapshot
{
    private readonly Dictionary<DomainName, LocalDomain> domains;
    private readonly Dictionary<EmailAddress, AccountEntry> accounts;
    private readonly Dictionary<long, AccountEntry> accountsById;
    private readonly Dictionary<string, List<EmailAddress>> aliases;
    private readonly Dictionary<string, MaskedRecipient> masked;

    private DirectorySnapshot(long version, byte[]? secret, IReadOnlyList<LocalDomain> domains, IReadOnlyList<AccountEntry> accounts, IReadOnlyList<MailAlias> aliases, Dictionary<string, MaskedRecipient> masked)
    {
        Version = version;
        Secret = secret;
        this.masked = masked;
        this.domains = domains.ToDictionary(domain => domain.Name);
        this.accounts = accounts.ToDictionary(entry => entry.Account.Address);
        accountsById = accounts.ToDictionary(entry => entry.Account.Id);
        Accounts = accounts;
        this.aliases = new(StringComparer.Ordinal);
        foreach (var alias in aliases)
        {
            if (!this.aliases.TryGetValue(alias.Pattern, out var targets)) this.aliases[alias.Pattern] = targets = [];
            targets.Add(alias.Target);
        }
    }

    /// <summary>The value of directory_version this was read at.</summary>
    internal long Version { get; }

    /// <summary>The installation's own random key; null while it has no account.</summary>
    internal byte[]? Secret { get; }

    /// <summary>All accounts, oldest first.</summary>
    internal IReadOnlyList<AccountEntry> Accounts { get; }

    internal bool HasDomain(DomainName name) => domains.ContainsKey(name);

    internal AccountEntry? Account(EmailAddress address) => accounts.GetValueOrDefault(address);

    internal AccountEntry? Account(long id) => accountsById.GetValueOrDefault(id);

    /// <summary>The targets of an alias pattern as stored, or null.</summary>
    internal IReadOnlyList<EmailAddress>? Alias(string pattern) => aliases.GetValueOrDefault(pattern);

    /// <summary>The masked address of this key, switched off or not; null where there is none.</summary>
    internal MaskedRecipient? Masked(string key) => masked.GetValueOrDefault(key);

    internal static long ReadVersion(Sql sql) => sql.First($"select version from directory_version where id = 1", row => row.GetInt64(0));

    /// <summary>Reads it all.</summary>
    /// <param name="sql">One transaction, so that the version and the rows belong together.</param>
    /// <param name="now">The timestamp of the used octets read.</param>
    internal static DirectorySnapshot Read(Sql sql, long now)
    {
        var passwords = AppPasswordRows.Good(sql, null).ToLookup(password => password.AccountId);
        var grants = DirectoryRows.Grants(sql, null).ToLookup(grant => grant.AccountId);
        var sites = SiteRows.All(sql);
        var second = SecondFactorRows.Accounts(sql);
        return new(
            ReadVersion(sql),
            DirectoryRows.Secret(sql),
            DirectoryRows.Domains(sql),
            sql.Query(
                $"""
                select id, address, display_name, status, administrator, quota_bytes, used_bytes, created,
                    password_hash, scram_salt, scram_iterations, scram_stored_key, scram_server_key, sessions_from
                from accounts order by created, id
                """,
                row => new AccountEntry(DirectoryRows.Account(row) with { Site = sites.GetValueOrDefault(row.GetInt64(0)) }, new StoredPassword(row.GetString(8),
                    new ScramVerifier(row.GetFieldValue<byte[]>(9), row.GetInt32(10), row.GetFieldValue<byte[]>(11), row.GetFieldValue<byte[]>(12))), now)
                {
                    SessionsFrom = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(13)),
                    AppPasswords = [.. passwords[row.GetInt64(0)]],
                    HasSecondFactor = second.Contains(row.GetInt64(0)),
                    // A pattern that this release cannot read grants nothing.
                    Grants = [.. grants[row.GetInt64(0)].Select(grant => GrantPattern.Parse(grant.Pattern, out _)).OfType<GrantPattern>()],
                }),
            DirectoryRows.Aliases(sql, null),
            MaskedRows.All(sql));
    }
}

/// <summary>An account in a snapshot, with its secrets and the last reading of its used octets. Moments are timestamps of the monotonic clock.</summary>
internal sealed class AccountEntry(Account account, StoredPassword password, long read)
{
    // A reading is good for this long, unless three quarters of the quota were used by then: near the limit each message counts.
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(1);

    private sealed record Reading(Account Account, long At);

    private volatile Reading reading = new(account, read);

    /// <summary>The account; used octets as of the last reading.</summary>
    internal Account Account => reading.Account;

    internal StoredPassword Password { get; } = password;

    /// <summary>Sessions that began before are over.</summary>
    internal DateTimeOffset SessionsFrom { get; init; }

    /// <summary>The app passwords that are good.</summary>
    internal IReadOnlyList<AppPassword> AppPasswords { get; init; } = [];

    /// <summary>True where the password alone signs nobody in.</summary>
    internal bool HasSecondFactor { get; init; }

    /// <summary>What it may send as beside its own addresses.</summary>
    internal IReadOnlyList<GrantPattern> Grants { get; init; } = [];

    internal bool IsFull => Account is { QuotaBytes: > 0 } known && known.UsedBytes >= known.QuotaBytes;

    internal bool NeedsReading(TimeProvider time) =>
        time.GetElapsedTime(reading.At) >= GoodFor || (Account is { QuotaBytes: > 0 } known && known.UsedBytes >= known.QuotaBytes - (known.QuotaBytes / 4));

    internal void Used(long octets, long now) => reading = new Reading(reading.Account with { UsedBytes = octets }, now);
}
