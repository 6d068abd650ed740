using Sternpost.Dns;

namespace Sternpost.MailAuth.Dkim;

/// <summary>What came of one signature (RFC 8601 §2.7.1).</summary>
public enum DkimKind
{
    /// <summary>The signature is good.</summary>
    Pass,
    /// <summary>The message or the signature was changed.</summary>
    Fail,
    /// <summary>Good, but made in a way we do not accept.</summary>
    Policy,
    /// <summary>The signature could not be read or understood.</summary>
    Neutral,
    /// <summary>The key could not be fetched now.</summary>
    TempError,
    /// <summary>It can never be verified: no key, a revoked key, a forbidden algorithm, a contradiction.</summary>
    PermError,
}

/// <summary>One signature's result.</summary>
/// <param name="Kind">The result.</param>
/// <param name="Domain">The signing domain (d=), or null where unreadable.</param>
/// <param name="Reason">Why it did not pass; empty where it did.</param>
public sealed record DkimResult(DkimKind Kind, DomainName? Domain, string Reason)
{
    /// <summary>The selector (s=), empty where unreadable.</summary>
    public string Selector { get; init; } = "";

    /// <summary>The algorithm (a=), empty where unreadable.</summary>
    public string Algorithm { get; init; } = "";

    /// <summary>The agent or user identifier (i=), <c>@d</c> where absent.</summary>
    public string Identity { get; init; } = "";

    /// <summary>The first characters of b=, which tell several signatures of one domain apart (RFC 6008).</summary>
    public string SignaturePrefix { get; init; } = "";

    /// <summary>Bits of the RSA key; 256 for Ed25519; 0 where no key was seen.</summary>
    public int KeyBits { get; init; }

    /// <summary>The key's owner is only testing (t=y): the signature should weigh neither way.</summary>
    public bool Testing { get; init; }

    /// <summary>Octets of canonical body the signature leaves uncovered through l=; anyone may have written them.</summary>
    public long UnsignedOctets { get; init; }

    /// <summary>The result's word in header fields.</summary>
    public string Word => Kind.ToString().ToLowerInvariant();
}
