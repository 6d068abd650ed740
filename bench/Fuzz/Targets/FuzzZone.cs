using System.Net;
using System.Net.Sockets;
using Sternpost.Dns;

namespace Sternpost.Fuzz.Targets;

/// <summary>A DNS that says whatever the input wants: every name has the texts a function gives it, and a few addresses, servers and reverse names.</summary>
internal sealed class FuzzZone(Func<DomainName, IReadOnlyList<string>> texts) : IDnsResolver
{
    private static readonly IPAddress[] Four = [.. Enumerable.Range(1, 12).Select(last => IPAddress.Parse($"192.0.2.{last}"))];
    private static readonly IPAddress[] Six = [IPAddress.Parse("2001:db8::1"), IPAddress.Parse("2001:db8::2")];
    private static readonly MxRecord[] Exchanges = [.. Enumerable.Range(0, 12).Select(at => new MxRecord(at, DomainName.Parse($"mx{at}.example.org")))];
    private static readonly DomainName[] Pointers = [.. Enumerable.Range(0, 12).Select(at => DomainName.Parse($"host{at}.example.org"))];

    /// <summary>Each name has one of these texts, by its own letters, so that one record can lead to the others.</summary>
    internal static FuzzZone Of(string[] all) => new(name => all.Length == 0 ? [] : [all[Number(name) % all.Length]]);

    public ValueTask<DnsAnswer<string>> TxtAsync(DomainName name, CancellationToken cancellation) => Answer(name, texts(name));

    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(DomainName name, AddressFamily family, CancellationToken cancellation) =>
        Answer(name, family == AddressFamily.InterNetworkV6 ? Six : Four);

    public ValueTask<DnsAnswer<MxRecord>> MxAsync(DomainName name, CancellationToken cancellation) => Answer(name, Exchanges);

    public ValueTask<DnsAnswer<DomainName>> PtrAsync(IPAddress address, CancellationToken cancellation) => Answer(Pointers[0], Pointers);

    private static int Number(DomainName name) => name.Ascii.Aggregate(0, (sum, c) => ((sum * 31) + c) & 0xFFFF);

    // Some names are not there, and some cannot be asked for.
    private static ValueTask<DnsAnswer<T>> Answer<T>(DomainName name, IReadOnlyList<T> records) => ValueTask.FromResult(
        name.Ascii[0] == 'v' ? DnsAnswer<T>.Of(DnsStatus.NameError)
        : name.Ascii[0] == 't' ? DnsAnswer<T>.Of(DnsStatus.TemporaryFailure)
        : records.Count == 0 ? DnsAnswer<T>.Of(DnsStatus.NoData)
        : new DnsAnswer<T>(DnsStatus.Success, records, true));
}
