using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Dns;

/// <summary>One TLSA record (RFC 6698 §2.1): which certificate or key a TLS server must show.</summary>
/// <param name="Usage">2 is a trust anchor (DANE-TA), 3 the server's own (DANE-EE); 0 and 1 have no place in SMTP (RFC 7672 §3.1.3).</param>
/// <param name="Selector">0 the whole certificate, 1 its public key.</param>
/// <param name="MatchingType">0 the data itself, 1 its SHA-256, 2 its SHA-512.</param>
/// <param name="Data">What to compare with.</param>
public sealed record TlsaRecord(int Usage, int Selector, int MatchingType, ReadOnlyMemory<byte> Data)
{
    /// <inheritdoc/>
    public bool Equals(TlsaRecord? other) =>
        other is not null && Usage == other.Usage && Selector == other.Selector && MatchingType == other.MatchingType && Data.Span.SequenceEqual(other.Data.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Usage, Selector, MatchingType, Data.Length);

    /// <summary>True where the record is met by this certificate (RFC 6698 §2.1.2, §2.1.3): the selected part of it, as it is or digested.</summary>
    public bool Matches(X509Certificate2 certificate)
    {
        var selected = Selector == 0 ? certificate.RawDataMemory.Span : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return MatchingType switch
        {
            0 => selected.SequenceEqual(Data.Span),
            1 => SHA256.HashData(selected).AsSpan().SequenceEqual(Data.Span),
            2 => SHA512.HashData(selected).AsSpan().SequenceEqual(Data.Span),
            _ => false,
        };
    }

    /// <summary>The presentation form (RFC 6698 §2.2).</summary>
    public override string ToString() => $"{Usage} {Selector} {MatchingType} {Convert.ToHexStringLower(Data.Span)}";
}

/// <summary>One SRV record (RFC 2782). A <paramref name="Target"/> of null says that the service is not offered.</summary>
public sealed record SrvRecord(int Priority, int Weight, int Port, DomainName? Target);

/// <summary>One CAA record (RFC 8659 §4.1): who may issue certificates.</summary>
public sealed record CaaRecord(int Flags, string Tag, string Value);

/// <summary>The SOA record of a zone (RFC 1035 §3.3.13).</summary>
/// <param name="Primary">The primary server.</param>
/// <param name="Serial">The zone's version.</param>
/// <param name="Minimum">How long absence may be remembered (RFC 2308 §4).</param>
public sealed record SoaRecord(DomainName? Primary, uint Serial, TimeSpan Minimum);
