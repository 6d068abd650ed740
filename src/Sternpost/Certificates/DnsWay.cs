using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Acme;
using Sternpost.Dns;
using Sternpost.Dns.Updates;

namespace Sternpost.Certificates;

/// <summary>Proves names by a record that is put into their zone (RFC 8555 §8.4, RFC 2136). Where <c>_acme-challenge</c> is an alias, the record goes where it leads.</summary>
internal sealed class DnsWay(PrimaryServer primary, IDnsResolver resolver, CertificateBook book, TimeProvider time) : IChallengeWay
{
    private const uint Ttl = 60;
    private const int MostAliases = 8;
    // Secondaries are told of a change and fetch it; most within seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    public string Type => "dns-01";

    public async ValueTask<string?> ShowAsync(AcmeIdentifier name, string token, string answer, CancellationToken cancellation)
    {
        if (name.Address is not null) return "an address cannot be proved by DNS";
        var owner = await OwnerAsync(name, cancellation);
        var text = Digest(answer);
        // Written down first: a crash must not leave a record nobody knows of.
        await book.RecordAsync(owner.Ascii, text, isThere: true, cancellation);
        var (zone, problem) = await ChangeAsync(owner, text, isThere: true, cancellation);
        if (problem is not null) return problem;
        await AwaitServersAsync(zone!, owner, text, cancellation);
        return null;
    }

    public async ValueTask WithdrawAsync(AcmeIdentifier name, string token, string answer, CancellationToken cancellation)
    {
        if (name.Address is null) await RemoveAsync(await OwnerAsync(name, cancellation), Digest(answer), cancellation);
    }

    /// <summary>Takes out what orders that were broken off have left.</summary>
    public async ValueTask CleanAsync(CancellationToken cancellation)
    {
        foreach (var (name, text) in await book.RecordsAsync(cancellation))
        {
            if (DomainName.TryParseForQuery(name, out var owner)) await RemoveAsync(owner, text, cancellation);
        }
    }

    private async ValueTask RemoveAsync(DomainName owner, string text, CancellationToken cancellation)
    {
        if ((await ChangeAsync(owner, text, isThere: false, cancellation)).Problem is null) await book.RecordAsync(owner.Ascii, text, isThere: false, cancellation);
    }

    private async ValueTask<(DomainName? Zone, string? Problem)> ChangeAsync(DomainName owner, string text, bool isThere, CancellationToken cancellation)
    {
        var (zone, found) = await primary.ZoneOfAsync(owner, cancellation);
        if (zone is null) return (null, found.Reason);
        var record = ZoneRecord.Txt(owner, Ttl, text);
        var outcome = await primary.UpdateAsync(isThere ? new ZoneUpdate(zone) { Added = [record] } : new ZoneUpdate(zone) { Removed = [record] }, cancellation);
        return (zone, outcome.State == PrimaryState.Done ? null : outcome.Reason);
    }

    // RFC 8555 §8.4: the authority follows aliases, which is how a zone that takes updates proves names of one that does not.
    private async ValueTask<DomainName> OwnerAsync(AcmeIdentifier name, CancellationToken cancellation)
    {
        if (!DomainName.TryParseForQuery("_acme-challenge." + name.Value, out var owner)) throw new AcmeException($"{name} cannot be proved by DNS: its name is too long.");
        for (var step = 0; step < MostAliases; step++)
        {
            var alias = await resolver.CnameAsync(owner, cancellation);
            if (alias.Records.Count == 0) break;
            owner = alias.Records[0];
        }
        return owner;
    }

    // The authority may ask any server of the zone. One that cannot be asked from here is not waited for: it may well answer others.
    private async Task AwaitServersAsync(DomainName zone, DomainName owner, string text, CancellationToken cancellation)
    {
        List<IPAddress> servers = [];
        foreach (var server in (await resolver.NsAsync(zone, cancellation)).Records)
        {
            foreach (var family in (AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6]) servers.AddRange((await resolver.AddressesAsync(server, family, cancellation)).Records);
        }
        var start = time.GetTimestamp();
        while (servers.Count > 0 && time.GetElapsedTime(start) < Patience)
        {
            List<IPAddress> behind = [];
            foreach (var server in servers)
            {
                var asked = new DnsResolver(new DnsResolverOptions { Servers = [new IPEndPoint(server, 53)], Timeout = TimeSpan.FromSeconds(2), Tries = 1, MaximumTries = 1 }, time, NullLogger<DnsResolver>.Instance);
                var answer = await asked.TxtAsync(owner, cancellation);
                if (answer.Status != DnsStatus.TemporaryFailure && !answer.Records.Contains(text)) behind.Add(server);
            }
            servers = behind;
            if (servers.Count > 0) await Task.Delay(AskEvery, time, cancellation);
        }
    }

    private static string Digest(string answer) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(answer)));
}
