using Sternpost.Dns;

namespace Sternpost.MailAuth.Spf;

/// <summary>The results of check_host() (RFC 7208 §2.6).</summary>
public enum SpfKind
{
    /// <summary>No domain to ask about, or it publishes no record.</summary>
    None,
    /// <summary>The domain says nothing about this client.</summary>
    Neutral,
    /// <summary>The client may send for the domain.</summary>
    Pass,
    /// <summary>The client may not.</summary>
    Fail,
    /// <summary>The client probably may not.</summary>
    SoftFail,
    /// <summary>DNS did not answer now.</summary>
    TempError,
    /// <summary>The published record cannot be understood, or costs more than it may.</summary>
    PermError,
}

/// <summary>Which identity was checked (RFC 7208 §2.3, §2.4).</summary>
public enum SpfIdentity
{
    /// <summary>The reverse-path.</summary>
    MailFrom,
    /// <summary>The HELO name, in place of a null reverse-path.</summary>
    Helo,
}

/// <summary>What SPF says about a client.</summary>
/// <param name="Kind">The result.</param>
/// <param name="Identity">Whose domain was asked.</param>
/// <param name="Domain">The domain asked, or null where the identity holds none.</param>
/// <param name="Mechanism">The mechanism that matched as published (<c>ip4:192.0.2.0/24</c>), <c>default</c> where none did, or null.</param>
/// <param name="Explanation">What the domain wants refused senders told; written by a stranger, printable ASCII, or null.</param>
/// <param name="Problem">Why the result is an error, in plain words; null otherwise.</param>
public sealed record SpfResult(SpfKind Kind, SpfIdentity Identity, DomainName? Domain, string? Mechanism = null, string? Explanation = null, string? Problem = null)
{
    /// <summary>The result's word in header fields (RFC 8601 §2.7.2).</summary>
    public string Word => Kind.ToString().ToLowerInvariant();
}
