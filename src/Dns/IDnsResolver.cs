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
/// <param name="Authenticated">True where a resolver we trust to validate said so (the AD bit from loopback); see docs/architecture.md.</param>
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
}
