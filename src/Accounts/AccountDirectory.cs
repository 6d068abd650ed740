using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts;

/// <summary>A domain this server receives mail for.</summary>
public sealed record LocalDomain(long Id, DomainName Name, DateTimeOffset Created);

/// <summary>Whether an account may be used.</summary>
public enum AccountStatus
{
    /// <summary>In use.</summary>
    Active,
    /// <summary>Receives, but nobody can sign in or send.</summary>
    Suspended,
}

/// <summary>A person's (or program's) mail account.</summary>
public sealed record Account(long Id, EmailAddress Address, string DisplayName, AccountStatus Status, bool IsAdministrator, long QuotaBytes, long UsedBytes, DateTimeOffset Created);

/// <summary>An alias. <paramref name="Pattern"/> is an address, or <c>@domain</c> for everything else at the domain (catch-all).</summary>
public sealed record MailAlias(long Id, string Pattern, EmailAddress Target);

/// <summary>What an address at RCPT comes to.</summary>
public abstract record RecipientResolution
{
    private RecipientResolution() { }

    /// <summary>The domain is not one of ours.</summary>
    public sealed record NotLocal : RecipientResolution;

    /// <summary>Our domain, but nobody there: 550 5.1.1.</summary>
    public sealed record Unknown : RecipientResolution;

    /// <summary>Every target is over quota: 452 4.2.2.</summary>
    public sealed record Full : RecipientResolution;

    /// <summary>Delivered to these accounts (detail is the <c>+part</c>, or null) and passed on to these outside addresses.</summary>
    public sealed record Deliver(IReadOnlyList<(Account Account, string? Detail)> Local, IReadOnlyList<EmailAddress> Forward) : RecipientResolution;
}

/// <summary>Domains, accounts and aliases; the only room that knows how they are stored. Lookups on the path of a message are cached in memory.</summary>
public sealed class AccountDirectory(Database database, TimeProvider time)
{
    /// <summary>Adds a domain; false where it exists.</summary>
    public ValueTask<bool> AddDomainAsync(DomainName name, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>All domains by name.</summary>
    public ValueTask<IReadOnlyList<LocalDomain>> DomainsAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Removes a domain with no accounts; false where it does not exist. Throws <see cref="DirectoryException"/> where accounts remain.</summary>
    public ValueTask<bool> RemoveDomainAsync(DomainName name, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Adds an account with its password (hashed with Argon2id, SCRAM verifier beside it). Throws <see cref="DirectoryException"/> with the reason.</summary>
    public ValueTask<Account> AddAccountAsync(EmailAddress address, string password, string displayName, bool administrator, long quotaBytes, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The account at exactly this address, or null.</summary>
    public ValueTask<Account?> FindAccountAsync(EmailAddress address, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>All accounts by address; of one domain where given.</summary>
    public ValueTask<IReadOnlyList<Account>> AccountsAsync(DomainName? domain, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Replaces the password.</summary>
    public ValueTask SetPasswordAsync(EmailAddress address, string password, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Suspends or resumes.</summary>
    public ValueTask SetStatusAsync(EmailAddress address, AccountStatus status, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Removes an account and all its mail.</summary>
    public ValueTask<bool> RemoveAccountAsync(EmailAddress address, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Adds an alias target; one pattern may have several.</summary>
    public ValueTask AddAliasAsync(string pattern, EmailAddress target, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>All aliases; of one domain where given.</summary>
    public ValueTask<IReadOnlyList<MailAlias>> AliasesAsync(DomainName? domain, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Removes an alias, one target of it where given.</summary>
    public ValueTask<bool> RemoveAliasAsync(string pattern, EmailAddress? target, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Where mail for <paramref name="address"/> goes: account, subaddress (<c>+detail</c>), alias, catch-all, in that order; postmaster and abuse always exist.</summary>
    public ValueTask<RecipientResolution> ResolveAsync(EmailAddress address, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>True where <paramref name="account"/> owns <paramref name="address"/>: its own, a subaddress of it, or an alias that delivers to it.</summary>
    public ValueTask<bool> MaySendAsAsync(Account account, EmailAddress address, CancellationToken cancellation) => throw new NotImplementedException();
}

/// <summary>A change of the directory that cannot be made; the message is for the administrator.</summary>
public sealed class DirectoryException(string message) : Exception(message);
