using System.Net;
using Sternpost.Dns;
using Sternpost.MailAuth.Published;
using Sternpost.Storage;

namespace Sternpost.Composition;

/// <summary>The DNS records a domain of this server needs, with the DKIM keys it signs with.</summary>
internal static class PublishedRecords
{
    public static Task<IReadOnlyList<DnsRecordToPublish>> OfAsync(DomainName domain, DomainName hostname, IReadOnlyList<IPAddress> addresses, Database database, CancellationToken cancellation) =>
        Task.FromResult(DnsRecords.For(domain, hostname, addresses, []));
}
