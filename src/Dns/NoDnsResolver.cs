using System.Net;
using System.Net.Sockets;

namespace Sternpost.Dns;

/// <summary>
/// Stands where no lookups may be made (<c>check --no-dns</c>, <c>evaluate</c>): answers "cannot say now" at once, so nothing is
/// ever taken for published or for absent. Judges that would read temporary failures as a sign look at <see cref="IsOff"/> and skip.
/// </summary>
public sealed class NoDnsResolver : IDnsResolver
{
    /// <summary>True where <paramref name="resolver"/> never looks anything up.</summary>
    public static bool IsOff(IDnsResolver resolver) => resolver is NoDnsResolver;

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<string>> TxtAsync(DomainName name, CancellationToken cancellation) => Nothing<string>();

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(DomainName name, AddressFamily family, CancellationToken cancellation) => Nothing<IPAddress>();

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<MxRecord>> MxAsync(DomainName name, CancellationToken cancellation) => Nothing<MxRecord>();

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<DomainName>> PtrAsync(IPAddress address, CancellationToken cancellation) => Nothing<DomainName>();

    private static ValueTask<DnsAnswer<T>> Nothing<T>() => ValueTask.FromResult(DnsAnswer<T>.Of(DnsStatus.TemporaryFailure));
}
