using System.Net;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Certificates;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.MailAuth.Published;
using Sternpost.Queue.Signing;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Storage;

namespace Sternpost.Composition;

/// <summary>What the DNS records of a domain of this server are made from, with the DKIM keys it signs with, which are made where there are none yet.</summary>
internal static class PublishedRecords
{
    // RFC 8659 §4.2: the name an authority is known by in CAA, by a word of the organisation that its certificates are issued by.
    private static readonly (string Organisation, string Domain)[] Authorities =
    [
        ("Let's Encrypt", "letsencrypt.org"), ("ZeroSSL", "sectigo.com"), ("Sectigo", "sectigo.com"), ("DigiCert", "digicert.com"), ("Google Trust Services", "pki.goog"),
        ("GlobalSign", "globalsign.com"), ("Buypass", "buypass.com"), ("SSL Corp", "ssl.com"), ("Actalis", "actalis.it"), ("HARICA", "harica.gr"), ("Entrust", "entrust.net"),
    ];

    /// <param name="domain">The domain.</param>
    /// <param name="configuration">The server's.</param>
    /// <param name="folder">What relative paths of certificates start from.</param>
    /// <param name="addresses">The addresses the world reaches it by.</param>
    /// <param name="database">Where its keys are.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<PublishedFacts> FactsAsync(
        DomainName domain, ServerConfiguration configuration, string folder, IReadOnlyList<IPAddress> addresses, Database database, CancellationToken cancellation)
    {
        var (certificates, tlsa, authority) = Certificate(configuration, folder);
        return (await FactsAsync(domain, configuration.Server.Hostname, addresses, database, cancellation)) with
        {
            ReportMailbox = configuration.Reports.Mailbox,
            // Under mode "none" there is nothing to announce (RFC 8461 §8.3 keeps the record until old policies have expired; that is the administrator's to judge).
            StsRecord = configuration.Transport.PolicyMode == "none" ? null : StsRecord.Of(Settings.OwnPolicy(configuration)),
            Certificates = certificates,
            Tlsa = tlsa,
            CertificateAuthority = authority,
        };
    }

    /// <summary>As above, where there is no configuration.</summary>
    public static async Task<PublishedFacts> FactsAsync(DomainName domain, DomainName hostname, IReadOnlyList<IPAddress> addresses, Database database, CancellationToken cancellation)
    {
        var keys = new DkimKeys(database, TimeProvider.System);
        await keys.EnsureAsync(domain, cancellation);
        return new PublishedFacts(domain, hostname, addresses, await keys.PublishedAsync(domain, cancellation));
    }

    // 'serve' says what is wrong with the files; the other records do not depend on them.
    private static (IReadOnlyList<X509Certificate2> Shown, string? Tlsa, string? Authority) Certificate(ServerConfiguration configuration, string folder)
    {
        if (new CertificateShelf(configuration, folder).Read(TimeProvider.System.GetUtcNow(), withKeys: false).Certificates is not [var shown, ..]) return ([], null, null);
        return ([.. shown.Chain], shown.Pin, Authorities.FirstOrDefault(known => shown.Leaf.Issuer.Contains(known.Organisation, StringComparison.OrdinalIgnoreCase)).Domain);
    }
}
