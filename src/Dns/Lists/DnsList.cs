using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Sternpost.Dns.Lists;

/// <summary>
/// One DNS-based block or allow list (RFC 5782). Fails open: what is not a proper listing counts for nothing, so that a list
/// that dies, is parked by a domain trader or blocks our resolver never makes all mail look bad.
/// </summary>
/// <param name="resolver">Asked.</param>
/// <param name="zone">The list's zone.</param>
/// <param name="logger">Told once where the list does not serve us.</param>
/// <param name="key">The key by which a vendor knows who asks: a label before the zone, as in <c>ENTRY.KEY.zen.dq.example</c>. A secret.</param>
public sealed class DnsList(IDnsResolver resolver, DomainName zone, ILogger logger, string key = "")
{
    private int refusalReported;

    /// <summary>The list's zone.</summary>
    public DomainName Zone => zone;

    /// <summary>Asks about an address (RFC 5782 §2.1 for IPv4, §2.4 for IPv6).</summary>
    public ValueTask<DnsListAnswer> AskAsync(IPAddress address, CancellationToken cancellation) =>
        AskAsync(ReverseName.LabelsOf(address), cancellation);

    /// <summary>Asks about a domain (RFC 5782 §3: name-based lists).</summary>
    public ValueTask<DnsListAnswer> AskAsync(DomainName domain, CancellationToken cancellation) => AskAsync(domain.Ascii, cancellation);

    /// <summary>Asks about an entry as the list writes it, for example a hash and the label of its kind.</summary>
    public async ValueTask<DnsListAnswer> AskAsync(string entry, CancellationToken cancellation)
    {
        if (!DomainName.TryParseForQuery(entry + (key.Length > 0 ? "." + key : "") + "." + zone.Ascii, out var name)) return DnsListAnswer.Of(DnsListOutcome.NotListed);
        // RFC 5782 §2.4: IPv6 entries are A records too.
        var answer = await resolver.AddressesAsync(name, AddressFamily.InterNetwork, cancellation).ConfigureAwait(false);
        return answer.Status switch
        {
            DnsStatus.Success => Read(answer.Records),
            DnsStatus.TemporaryFailure => DnsListAnswer.Of(DnsListOutcome.Unavailable),
            _ => DnsListAnswer.Of(DnsListOutcome.NotListed),
        };
    }

    private DnsListAnswer Read(IReadOnlyList<IPAddress> records)
    {
        var codes = new List<IPAddress>();
        foreach (var record in records)
        {
            var octets = record.GetAddressBytes();
            // RFC 5782 §2.1: listings lie in 127.0.0.0/8; anything else is a parked or hijacked zone.
            if (octets is not [127, ..]) continue;
            // 127.255.255.0/24 is the common "you may not ask" (Spamhaus and others), 127.0.0.1 that of URIBL and SURBL.
            if (octets is [127, 255, 255, _] or [127, 0, 0, 1])
            {
                if (Interlocked.Exchange(ref refusalReported, 1) == 0) logger.ListRefuses(zone.Ascii, record.ToString());
                return DnsListAnswer.Of(DnsListOutcome.Refused);
            }
            codes.Add(record);
        }
        return codes.Count == 0 ? DnsListAnswer.Of(DnsListOutcome.NotListed) : new DnsListAnswer(DnsListOutcome.Listed, codes);
    }
}
