using Sternpost.Dns;

namespace Sternpost.Smtp.Client;

/// <summary>By which TLSA records a server proves itself (RFC 7672 §3).</summary>
/// <param name="Associations">The records that can be used, at least one.</param>
/// <param name="Names">The names that a certificate under a trust anchor may be for; the first is the TLSA base domain, which is asked for in TLS (RFC 7672 §3.2).</param>
public sealed record DaneAuthentication(IReadOnlyList<TlsaRecord> Associations, IReadOnlyList<DomainName> Names)
{
    private const int Sha256Length = 32, Sha512Length = 64;

    /// <summary>True where a record can be used at all (RFC 7672 §3.1): usage DANE-TA or DANE-EE, known selector and matching type, data of the right length.</summary>
    public static bool IsUsable(TlsaRecord record) =>
        // RFC 7672 §3.1.3: PKIX-TA(0) and PKIX-EE(1) name no authority both sides know, so they are left out.
        record.Usage is 2 or 3 && record.Selector is 0 or 1 && record.MatchingType switch
        {
            0 => record.Data.Length > 0,
            1 => record.Data.Length == Sha256Length,
            2 => record.Data.Length == Sha512Length,
            _ => false,
        };
}
