using System.Net;
using Sternpost.Dns;
using Sternpost.MailAuth.Published;
using Sternpost.Queue.Signing;
using Sternpost.Storage;

namespace Sternpost.Composition;

/// <summary>The DNS records a domain of this server needs, with the DKIM keys it signs with, which are made where there are none yet.</summary>
internal static class PublishedRecords
{
    public static async Task<IReadOnlyList<DnsRecordToPublish>> OfAsync(DomainName domain, DomainName hostname, IReadOnlyList<IPAddress> addresses, Database database, CancellationToken cancellation)
    {
        var keys = new DkimKeys(database, TimeProvider.System);
        await keys.EnsureAsync(domain, cancellation);
        return DnsRecords.For(domain, hostname, addresses, await keys.PublishedAsync(domain, cancellation));
    }
}
