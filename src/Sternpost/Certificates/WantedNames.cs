using System.Net;
using System.Net.Sockets;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Web;

namespace Sternpost.Certificates;

/// <summary>A certificate that should be there.</summary>
/// <param name="Name"><c>host</c>, or a domain.</param>
/// <param name="Names">What it should be for; empty where none of its names leads here.</param>
/// <param name="LeftOut">Names that it cannot be for now.</param>
/// <param name="IsUnknown">DNS did not answer: nothing is to be concluded.</param>
internal sealed record WantedCertificate(string Name, IReadOnlyList<string> Names, IReadOnlyList<LeftOutName> LeftOut, bool IsUnknown);

/// <summary>
/// Which names certificates are wanted for: the host's in one, those of each domain in one of its own, so that a bad name spoils no other's and no
/// customer reads of another. DNS is asked first, because an authority counts failures.
/// </summary>
internal sealed class WantedNames(ServerConfiguration configuration, IDnsResolver resolver)
{
    /// <summary>All of them.</summary>
    /// <param name="domains">The domains of this server.</param>
    /// <param name="authority">The names by which CAA allows the authority; empty where it does not say.</param>
    /// <param name="byDnsAlone">Whether names are proved by records only, so that the host may be out of reach.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<IReadOnlyList<WantedCertificate>> AllAsync(IReadOnlyList<DomainName> domains, IReadOnlyList<string> authority, bool byDnsAlone, CancellationToken cancellation)
    {
        var host = configuration.Server.Hostname;
        var own = (await ServerAddresses.OfAsync(configuration, resolver, cancellation)).ToHashSet();
        List<WantedCertificate> wanted = [await HostAsync(host, authority, byDnsAlone, own, cancellation)];
        foreach (var domain in domains)
        {
            List<string> names = [];
            List<LeftOutName> leftOut = [];
            var unknown = false;
            foreach (var label in OwnHosts.Labels)
            {
                if (!DomainName.TryParse(label + "." + domain.Ascii, out var name) || name == host || configuration.Acme.Names.Contains(name.Ascii)) continue;
                var (addresses, isUnknown) = await AddressesAsync(name, cancellation);
                unknown |= isUnknown;
                // Not published at all: then nobody goes there.
                if (addresses.Count == 0) continue;
                var problem = addresses.FirstOrDefault(address => !own.Contains(address)) is { } elsewhere
                    ? new LeftOutName(name.Ascii, $"leads to {elsewhere}, which is not this server", $"Have {name} lead to {host} (sternpost dns show {domain}), or name {elsewhere} in server.addresses if it is this server's.")
                    : await CaaAsync(name, authority, cancellation);
                if (problem is null) names.Add(name.Ascii);
                else leftOut.Add(problem);
            }
            if (names.Count + leftOut.Count > 0 || unknown) wanted.Add(new WantedCertificate(domain.Ascii, names, leftOut, unknown));
        }
        return wanted;
    }

    private async Task<WantedCertificate> HostAsync(DomainName host, IReadOnlyList<string> authority, bool byDnsAlone, HashSet<IPAddress> own, CancellationToken cancellation)
    {
        List<string> names = [];
        List<LeftOutName> leftOut = [];
        var unknown = false;
        foreach (var text in configuration.Acme.Names.Prepend(host.Ascii).Distinct())
        {
            if (!DomainName.TryParse(text, out var name) || IPAddress.TryParse(text, out _))
            {
                names.Add(text);
                continue;
            }
            var (addresses, isUnknown) = await AddressesAsync(name, cancellation);
            var problem = addresses.Count == 0 && !byDnsAlone && !isUnknown
                ? new LeftOutName(text, "has no address in DNS", $"Publish an A record for {name} (and AAAA, if there is IPv6) with the address of this server.")
                // The host's own addresses are what "own" is made of, unless the configuration says otherwise.
                : addresses.FirstOrDefault(address => !own.Contains(address)) is { } elsewhere && !byDnsAlone
                    ? new LeftOutName(text, $"leads to {elsewhere}, which is not this server", $"Correct its address records, or name {elsewhere} in server.addresses if it is this server's.")
                    : await CaaAsync(name, authority, cancellation);
            if (isUnknown && addresses.Count == 0 && !byDnsAlone)
            {
                unknown = true;
                problem = new LeftOutName(text, "cannot be looked up, because DNS does not answer", "Look at the resolver of this machine and at the servers of the domain.");
            }
            if (problem is null) names.Add(text);
            else leftOut.Add(problem);
        }
        return new WantedCertificate(CertificateShelf.HostName, names, leftOut, unknown);
    }

    private async Task<(IReadOnlyList<IPAddress> Addresses, bool IsUnknown)> AddressesAsync(DomainName name, CancellationToken cancellation)
    {
        var four = await resolver.AddressesAsync(name, AddressFamily.InterNetwork, cancellation);
        var six = await resolver.AddressesAsync(name, AddressFamily.InterNetworkV6, cancellation);
        return ([.. four.Records, .. six.Records], four.Status == DnsStatus.TemporaryFailure || six.Status == DnsStatus.TemporaryFailure);
    }

    // RFC 8659 §3: the nearest name with CAA records decides; §4.2: a value up to its first semicolon names the authority.
    private async Task<LeftOutName?> CaaAsync(DomainName name, IReadOnlyList<string> authority, CancellationToken cancellation)
    {
        if (authority.Count == 0) return null;
        for (var at = name; at is not null; at = at.Parent)
        {
            var answer = await resolver.CaaAsync(at, cancellation);
            if (answer.Status == DnsStatus.TemporaryFailure) return null;
            var issuers = answer.Records.Where(record => record.Tag.Equals("issue", StringComparison.OrdinalIgnoreCase)).Select(record => record.Value.Split(';')[0].Trim().ToLowerInvariant()).ToList();
            if (answer.Records.Count == 0) continue;
            return issuers.Count == 0 || issuers.Exists(authority.Contains)
                ? null
                : new LeftOutName(name.Ascii, $"the CAA records at {at} allow {string.Join(", ", issuers.Where(issuer => issuer.Length > 0).DefaultIfEmpty("nobody"))}, and not this authority", $"Add to them: {at} CAA 0 issue \"{authority[0]}\"");
        }
        return null;
    }
}
