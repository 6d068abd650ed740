using System.Net;
using System.Net.Sockets;

namespace Sternpost.Dns;

/// <summary>What a DNS question came to. The four outcomes every mail protocol treats differently.</summary>
public enum DnsStatus
{
    /// <summary>At least one record of the asked type.</summary>
    Success,
    /// <summary>The name exists without the asked type (NODATA).</summary>
    NoData,
    /// <summary>The name does not exist (NXDOMAIN).</summary>
    NameError,
    /// <summary>No answer to be had now: SERVFAIL, timeout, a broken answer. Ask again later.</summary>
    TemporaryFailure,
}

/// <summary>An answer. <paramref name="Records"/> is empty unless <paramref name="Status"/> is Success.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="Records">The records, in the order received.</param>
/// <param name="Authenticated">True where a resolver we trust to validate said so (the AD bit from loopback or a trusted address). It speaks of absence as well as of records.</param>
public sealed record DnsAnswer<T>(DnsStatus Status, IReadOnlyList<T> Records, bool Authenticated = false)
{
    /// <summary>An answer without records.</summary>
    public static DnsAnswer<T> Of(DnsStatus status) => new(status, []);
}

/// <summary>One MX record (RFC 5321 §5.1). A null MX (RFC 7505) has an <paramref name="Exchange"/> of null.</summary>
public readonly record struct MxRecord(int Preference, DomainName? Exchange);

/// <summary>The one way to DNS in the whole server. A seam: tests answer from a zone in memory.</summary>
public interface IDnsResolver
{
    /// <summary>TXT records, each with its character-strings joined without a space, as Latin-1 text.</summary>
    ValueTask<DnsAnswer<string>> TxtAsync(DomainName name, CancellationToken cancellation);

    /// <summary>A records for InterNetwork, AAAA for InterNetworkV6.</summary>
    ValueTask<DnsAnswer<IPAddress>> AddressesAsync(DomainName name, AddressFamily family, CancellationToken cancellation);

    /// <summary>MX records sorted by preference.</summary>
    ValueTask<DnsAnswer<MxRecord>> MxAsync(DomainName name, CancellationToken cancellation);

    /// <summary>PTR names of an address (in-addr.arpa, ip6.arpa).</summary>
    ValueTask<DnsAnswer<DomainName>> PtrAsync(IPAddress address, CancellationToken cancellation);

    /// <summary>TLSA records (RFC 6698). They mean something only where <see cref="DnsAnswer{T}.Authenticated"/>.</summary>
    ValueTask<DnsAnswer<TlsaRecord>> TlsaAsync(DomainName name, CancellationToken cancellation) => CannotTell<TlsaRecord>();

    /// <summary>SRV records in the order of their priority.</summary>
    ValueTask<DnsAnswer<SrvRecord>> SrvAsync(DomainName name, CancellationToken cancellation) => CannotTell<SrvRecord>();

    /// <summary>CAA records at exactly this name; climbing to the parents (RFC 8659 §3) is the caller's.</summary>
    ValueTask<DnsAnswer<CaaRecord>> CaaAsync(DomainName name, CancellationToken cancellation) => CannotTell<CaaRecord>();

    /// <summary>The names of a zone's servers.</summary>
    ValueTask<DnsAnswer<DomainName>> NsAsync(DomainName name, CancellationToken cancellation) => CannotTell<DomainName>();

    /// <summary>The SOA record of a zone.</summary>
    ValueTask<DnsAnswer<SoaRecord>> SoaAsync(DomainName name, CancellationToken cancellation) => CannotTell<SoaRecord>();

    /// <summary>Where the name of an alias leads, one step.</summary>
    ValueTask<DnsAnswer<DomainName>> CnameAsync(DomainName name, CancellationToken cancellation) => CannotTell<DomainName>();

    // For resolvers that stand in for a part of DNS only.
    private static ValueTask<DnsAnswer<T>> CannotTell<T>() => ValueTask.FromResult(DnsAnswer<T>.Of(DnsStatus.TemporaryFailure));
}
