using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Sternpost.Dns;

/// <summary>
/// A DNS of our own in memory, for tests and the demo: records are added by chained calls, names can be made to fail.
/// It answers as a resolver would: a name with no record of the type is NODATA, also where it only has names below it
/// (RFC 8020), an unknown name is NXDOMAIN, aliases are followed.
/// </summary>
public sealed class ZoneResolver : IDnsResolver
{
    private readonly ConcurrentDictionary<string, Node> nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> signed = new(StringComparer.Ordinal);
    private long asked;

    /// <summary>How many questions were put, for tests of query budgets.</summary>
    public long Asked => Interlocked.Read(ref asked);

    /// <summary>Adds one TXT record made of these character-strings.</summary>
    public ZoneResolver Txt(string name, params string[] strings) => With(name, node => node.Texts.Add(string.Concat(strings)));

    /// <summary>Adds A or AAAA records.</summary>
    public ZoneResolver Address(string name, params string[] addresses) =>
        With(name, node => node.Addresses.AddRange(addresses.Select(IPAddress.Parse)));

    /// <summary>Adds an MX record; an exchange of <c>.</c> is the null MX of RFC 7505.</summary>
    public ZoneResolver Mx(string name, int preference, string exchange) =>
        With(name, node => node.Exchanges.Add(new MxRecord(preference, DomainName.TryParseForQuery(exchange, out var host) ? host : null)));

    /// <summary>Adds the reverse name of an address.</summary>
    public ZoneResolver Reverse(string address, string name) =>
        With(ReverseName.Of(IPAddress.Parse(address)).Ascii, node => node.Pointers.Add(Query(name)));

    /// <summary>Adds a PTR record at a name already in its reversed form.</summary>
    public ZoneResolver ReverseAt(string arpa, string name) => With(arpa, node => node.Pointers.Add(Query(name)));

    /// <summary>Adds a TLSA record; <paramref name="data"/> in hexadecimal.</summary>
    public ZoneResolver Tlsa(string name, int usage, int selector, int matchingType, string data) =>
        With(name, node => node.Associations.Add(new TlsaRecord(usage, selector, matchingType, Convert.FromHexString(data))));

    /// <summary>Adds an SRV record; a target of <c>.</c> says that the service is not offered.</summary>
    public ZoneResolver Srv(string name, int priority, int weight, int port, string target) =>
        With(name, node => node.Services.Add(new SrvRecord(priority, weight, port, DomainName.TryParse(target, out var host) ? host : null)));

    /// <summary>Adds a CAA record.</summary>
    public ZoneResolver Caa(string name, int flags, string tag, string value) => With(name, node => node.Issuers.Add(new CaaRecord(flags, tag, value)));

    /// <summary>Adds a zone's server.</summary>
    public ZoneResolver Ns(string name, string host) => With(name, node => node.Servers.Add(DomainName.Parse(host)));

    /// <summary>Sets the SOA record of a zone.</summary>
    public ZoneResolver Soa(string name, string primary, uint serial) =>
        With(name, node => node.Zone = new SoaRecord(DomainName.Parse(primary), serial, TimeSpan.FromMinutes(5)));

    /// <summary>Makes all answers for this name and those below it authenticated, as from a signed zone.</summary>
    public ZoneResolver Secure(string name)
    {
        signed.TryAdd(Query(name).Ascii, true);
        return this;
    }

    /// <summary>Makes a name an alias.</summary>
    public ZoneResolver Cname(string name, string target) => With(name, node => node.Alias = Query(target).Ascii);

    /// <summary>Makes a name exist without adding a record.</summary>
    public ZoneResolver Exists(string name) => With(name, _ => { });

    /// <summary>Makes every question for the name fail for which it has no record: SERVFAIL or a timeout, which callers see alike.</summary>
    public ZoneResolver Fails(string name) => With(name, node => node.Failing = true);

    /// <summary>Removes a name with all its records.</summary>
    public ZoneResolver Remove(string name)
    {
        nodes.TryRemove(Query(name).Ascii, out _);
        return this;
    }

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<string>> TxtAsync(DomainName name, CancellationToken cancellation) =>
        Answer(name, node => node.Texts, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(DomainName name, AddressFamily family, CancellationToken cancellation) =>
        Answer(name, node => node.Addresses.FindAll(address => address.AddressFamily == family), cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<MxRecord>> MxAsync(DomainName name, CancellationToken cancellation) =>
        Answer(name, node => node.Exchanges.OrderBy(mx => mx.Preference).ToList(), cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<DomainName>> PtrAsync(IPAddress address, CancellationToken cancellation) =>
        Answer(ReverseName.Of(address), node => node.Pointers, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<TlsaRecord>> TlsaAsync(DomainName name, CancellationToken cancellation) => Answer(name, node => node.Associations, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<SrvRecord>> SrvAsync(DomainName name, CancellationToken cancellation) =>
        Answer(name, node => node.Services.OrderBy(srv => srv.Priority).ToList(), cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<CaaRecord>> CaaAsync(DomainName name, CancellationToken cancellation) => Answer(name, node => node.Issuers, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<DomainName>> NsAsync(DomainName name, CancellationToken cancellation) => Answer(name, node => node.Servers, cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<SoaRecord>> SoaAsync(DomainName name, CancellationToken cancellation) =>
        Answer(name, node => node.Zone is null ? new List<SoaRecord>() : [node.Zone], cancellation);

    /// <inheritdoc/>
    public ValueTask<DnsAnswer<DomainName>> CnameAsync(DomainName name, CancellationToken cancellation) =>
        Answer(name, node => node.Alias is { } alias ? new List<DomainName> { Query(alias) } : [], cancellation);

    private ValueTask<DnsAnswer<T>> Answer<T>(DomainName name, Func<Node, List<T>> pick, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Interlocked.Increment(ref asked);
        var answer = Find(name.Ascii, pick);
        return ValueTask.FromResult(answer.Status != DnsStatus.TemporaryFailure && IsSigned(name) ? answer with { Authenticated = true } : answer);
    }

    private bool IsSigned(DomainName name)
    {
        if (signed.IsEmpty) return false;
        for (var zone = name; zone is not null; zone = zone.Parent)
        {
            if (signed.ContainsKey(zone.Ascii)) return true;
        }
        return false;
    }

    private DnsAnswer<T> Find<T>(string name, Func<Node, List<T>> pick)
    {
        for (var hops = 0; hops < AnswerBudget.Aliases; hops++)
        {
            if (!nodes.TryGetValue(name, out var node))
                return DnsAnswer<T>.Of(HasNamesBelow(name) ? DnsStatus.NoData : DnsStatus.NameError);
            lock (node)
            {
                var records = pick(node);
                if (records.Count > 0)
                {
                    return new DnsAnswer<T>(DnsStatus.Success, [.. records.Take(AnswerBudget.Records)]);
                }
                if (node.Failing) return DnsAnswer<T>.Of(DnsStatus.TemporaryFailure);
                if (node.Alias is null) return DnsAnswer<T>.Of(DnsStatus.NoData);
                name = node.Alias;
            }
        }
        // A loop of aliases: resolvers answer SERVFAIL.
        return DnsAnswer<T>.Of(DnsStatus.TemporaryFailure);
    }

    private bool HasNamesBelow(string name) => nodes.Keys.Any(key => key.EndsWith("." + name, StringComparison.Ordinal));

    private ZoneResolver With(string name, Action<Node> change)
    {
        var node = nodes.GetOrAdd(Query(name).Ascii, _ => new Node());
        lock (node) change(node);
        return this;
    }

    private static DomainName Query(string name) =>
        DomainName.TryParseForQuery(name, out var parsed) ? parsed : throw new FormatException($"'{name}' cannot be a name in a zone.");

    private sealed class Node
    {
        public List<string> Texts { get; } = [];
        public List<IPAddress> Addresses { get; } = [];
        public List<MxRecord> Exchanges { get; } = [];
        public List<DomainName> Pointers { get; } = [];
        public List<TlsaRecord> Associations { get; } = [];
        public List<SrvRecord> Services { get; } = [];
        public List<CaaRecord> Issuers { get; } = [];
        public List<DomainName> Servers { get; } = [];
        public SoaRecord? Zone { get; set; }
        public string? Alias { get; set; }
        public bool Failing { get; set; }
    }
}
