using System.Net;
using System.Net.Sockets;
using Sternpost.Dns;

namespace Sternpost.MailAuth.Published;

/// <summary>Compares the records to publish with the world's view of them, each by what it is for: a record that reads otherwise and works is in order.</summary>
public static class DnsComparison
{
    /// <summary>Looks up all records at the same time, so that a DNS that does not answer costs one wait, and answers in their order; behind them what others have left in the domain and programs believe.</summary>
    public static async Task<IReadOnlyList<DnsRecordCheck>> CheckAsync(PublishedFacts facts, IDnsResolver resolver, TimeProvider time, CancellationToken cancellation)
    {
        var leftover = LeftoverRecords.FindAsync(facts, resolver, cancellation);
        var checks = await Task.WhenAll(DnsRecords.For(facts).Select(record => CheckAsync(record, facts, resolver, time, cancellation))).ConfigureAwait(false);
        return [.. checks, .. await leftover.ConfigureAwait(false)];
    }

    private static async Task<DnsRecordCheck> CheckAsync(DnsRecordToPublish record, PublishedFacts facts, IDnsResolver resolver, TimeProvider time, CancellationToken cancellation)
    {
        if (!DomainName.TryParseForQuery(record.Name, out var name)) return new(record, PublishedState.NotChecked, [], []);
        switch (record.Type)
        {
            case "A" or "AAAA": return await AddressAsync(record, name, facts, resolver, cancellation).ConfigureAwait(false);
            case "PTR": return await PointerAsync(record, facts, resolver, cancellation).ConfigureAwait(false);
            case "MX": return await ExchangeAsync(record, name, facts, resolver, cancellation).ConfigureAwait(false);
            case "SRV": return await ServiceAsync(record, name, resolver, cancellation).ConfigureAwait(false);
            case "CNAME": return await WithPolicyAsync(await AliasAsync(record, name, facts, resolver, cancellation).ConfigureAwait(false), facts, cancellation).ConfigureAwait(false);
            case "TLSA": return await TlsaComparison.CheckAsync(record, name, facts, resolver, cancellation).ConfigureAwait(false);
            case "CAA": return await CaaAsync(record, name, facts, resolver, cancellation).ConfigureAwait(false);
        }
        var texts = await resolver.TxtAsync(name, cancellation).ConfigureAwait(false);
        if (texts.Status == DnsStatus.TemporaryFailure) return DnsRecordCheck.Unknown(record);
        return record.Value.Split(' ', ';')[0] switch
        {
            "v=spf1" => await SpfComparison.CheckAsync(record, name, texts.Records, facts, resolver, time, cancellation).ConfigureAwait(false),
            "v=DKIM1" => DkimComparison.Check(record, texts.Records),
            "v=DMARC1" => await DmarcComparison.CheckAsync(record, texts.Records, facts, resolver, cancellation).ConfigureAwait(false),
            "v=STSv1" => TransportTexts.CheckSts(record, texts.Records),
            _ => TransportTexts.CheckTlsReports(record, texts.Records),
        };
    }

    private static async Task<DnsRecordCheck> AddressAsync(DnsRecordToPublish record, DomainName name, PublishedFacts facts, IDnsResolver resolver, CancellationToken cancellation)
    {
        var wanted = IPAddress.Parse(record.Value);
        var answer = await resolver.AddressesAsync(name, wanted.AddressFamily, cancellation).ConfigureAwait(false);
        if (answer.Status == DnsStatus.TemporaryFailure) return DnsRecordCheck.Unknown(record);
        if (answer.Records.Count == 0) return DnsRecordCheck.Missing(record);
        var others = answer.Records.Where(address => !facts.Addresses.Contains(address)).ToList();
        if (!answer.Records.Contains(wanted))
            return new(record, PublishedState.Different, Texts(answer.Records), [$"{name} leads to {Words(answer.Records)}: mail goes there, and not to {wanted}."]);
        return new(record, PublishedState.Published, Texts(answer.Records), others.Count == 0 ? [] : [$"{name} also leads to {Words(others)}; part of the mail goes there."]);
    }

    private static async Task<DnsRecordCheck> PointerAsync(DnsRecordToPublish record, PublishedFacts facts, IDnsResolver resolver, CancellationToken cancellation)
    {
        foreach (var address in facts.Addresses)
        {
            if (ReverseName.Of(address).Ascii != record.Name) continue;
            var answer = await resolver.PtrAsync(address, cancellation).ConfigureAwait(false);
            if (answer.Status == DnsStatus.TemporaryFailure) return DnsRecordCheck.Unknown(record);
            if (answer.Records.Count == 0) return DnsRecordCheck.Missing(record);
            if (!answer.Records.Contains(facts.HostName))
                return new(record, PublishedState.Different, Texts(answer.Records), [$"{address} is called {Words(answer.Records)}, and the server calls itself {facts.HostName}. Receivers compare the two and distrust a server whose names differ. Ask whoever gave you the address to change it, or set server.hostname to that name."]);
            return new(record, PublishedState.Published, Texts(answer.Records), answer.Records.Count == 1 ? [] : ["The address has several names; some receivers look at one of them only."]);
        }
        return new(record, PublishedState.NotChecked, [], []);
    }

    private static async Task<DnsRecordCheck> ExchangeAsync(DnsRecordToPublish record, DomainName name, PublishedFacts facts, IDnsResolver resolver, CancellationToken cancellation)
    {
        var answer = await resolver.MxAsync(name, cancellation).ConfigureAwait(false);
        if (answer.Status == DnsStatus.TemporaryFailure) return DnsRecordCheck.Unknown(record);
        if (answer.Records.Count == 0) return DnsRecordCheck.Missing(record);
        IReadOnlyList<string> found = [.. answer.Records.Select(mx => $"{mx.Preference} {mx.Exchange?.Ascii ?? "."}")];
        // RFC 7505 §3.
        if (answer.Records.Any(mx => mx.Exchange is null)) return new(record, PublishedState.Different, found, ["The record says that the domain takes no mail at all (null MX)."]);
        var ours = answer.Records.Where(mx => mx.Exchange == facts.HostName).Select(mx => (int?)mx.Preference).Min();
        if (ours is null) return new(record, PublishedState.Different, found, [$"Mail for {name} goes to {string.Join(", ", answer.Records.Select(mx => mx.Exchange!.Ascii))}, and not to this server."]);
        var before = answer.Records.Where(mx => mx.Exchange != facts.HostName && mx.Preference <= ours).ToList();
        var after = answer.Records.Where(mx => mx.Preference > ours).ToList();
        var remarks = new List<string>();
        if (before.Count > 0) remarks.Add($"{string.Join(", ", before.Select(mx => mx.Exchange!.Ascii))} is tried first or as often; mail arrives there as well.");
        if (after.Count > 0) remarks.Add($"{string.Join(", ", after.Select(mx => mx.Exchange!.Ascii))} stands behind this server. Spammers like such back doors: it must know every address and filter as this one does.");
        return new(record, PublishedState.Published, found, remarks);
    }

    private static async Task<DnsRecordCheck> ServiceAsync(DnsRecordToPublish record, DomainName name, IDnsResolver resolver, CancellationToken cancellation)
    {
        var answer = await resolver.SrvAsync(name, cancellation).ConfigureAwait(false);
        if (answer.Status == DnsStatus.TemporaryFailure) return DnsRecordCheck.Unknown(record);
        if (answer.Records.Count == 0) return DnsRecordCheck.Missing(record);
        var wanted = record.Value.Split(' ');
        IReadOnlyList<string> found = [.. answer.Records.Select(srv => $"{srv.Priority} {srv.Weight} {srv.Port} {srv.Target?.Ascii ?? "."}")];
        if (answer.Records.Any(srv => srv.Port.ToString() == wanted[2] && srv.Target?.Ascii == wanted[3])) return new(record, PublishedState.Published, found, []);
        // RFC 2782: a target of "." says that the service is not offered, which is the administrator's to say.
        return answer.Records.All(srv => srv.Target is null)
            ? new(record, PublishedState.Published, found, ["The record says that this service is not offered; mail programs will not try it."])
            : new(record, PublishedState.Different, found, [$"Mail programs are sent to {string.Join(", ", found)} instead of this server."]);
    }

    // An alias, or addresses of the server's own, do alike.
    private static async Task<DnsRecordCheck> AliasAsync(DnsRecordToPublish record, DomainName name, PublishedFacts facts, IDnsResolver resolver, CancellationToken cancellation)
    {
        var alias = await resolver.CnameAsync(name, cancellation).ConfigureAwait(false);
        if (alias.Records.Contains(facts.HostName)) return new(record, PublishedState.Published, Texts(alias.Records), []);
        var addresses = new List<IPAddress>();
        foreach (var family in (AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
        {
            var answer = await resolver.AddressesAsync(name, family, cancellation).ConfigureAwait(false);
            if (answer.Status == DnsStatus.TemporaryFailure) return DnsRecordCheck.Unknown(record);
            addresses.AddRange(answer.Records);
        }
        if (addresses.Count == 0) return DnsRecordCheck.Missing(record);
        return addresses.Any(facts.Addresses.Contains)
            ? new(record, PublishedState.Published, Texts(addresses), [])
            : new(record, PublishedState.Different, Texts(addresses), [$"{name} leads to {Words(addresses)}, which is not this server. {record.Without}"]);
    }

    // That the name of the policy host leads here says little: what counts is what senders are given there (RFC 8461 §3.3).
    private static async Task<DnsRecordCheck> WithPolicyAsync(DnsRecordCheck check, PublishedFacts facts, CancellationToken cancellation)
    {
        if (facts.ServedPolicy is not { } look || check.Record.Name != "mta-sts." + facts.Domain.Ascii || check.State is not (PublishedState.Published or PublishedState.Different)) return check;
        var found = await look(cancellation).ConfigureAwait(false);
        return check with { State = found.IsSound ? check.State : PublishedState.Different, Remarks = [.. check.Remarks, .. found.Remarks] };
    }

    // RFC 8659 §3: the nearest name with CAA records decides.
    private static async Task<DnsRecordCheck> CaaAsync(DnsRecordToPublish record, DomainName name, PublishedFacts facts, IDnsResolver resolver, CancellationToken cancellation)
    {
        for (var at = name; at is not null; at = at.Parent)
        {
            var answer = await resolver.CaaAsync(at, cancellation).ConfigureAwait(false);
            if (answer.Status == DnsStatus.TemporaryFailure) return DnsRecordCheck.Unknown(record);
            if (answer.Records.Count == 0) continue;
            IReadOnlyList<string> found = [.. answer.Records.Select(caa => $"{caa.Flags} {caa.Tag} \"{caa.Value}\"")];
            var issuers = answer.Records.Where(caa => caa.Tag.Equals("issue", StringComparison.OrdinalIgnoreCase)).Select(caa => caa.Value.Split(';')[0].Trim()).ToList();
            return issuers.Count == 0 || issuers.Contains(facts.CertificateAuthority!, StringComparer.OrdinalIgnoreCase)
                ? new(record, PublishedState.Published, found, [])
                : new(record, PublishedState.Different, found, [$"The records at {at} let {Listed(issuers)} issue certificates, and the server's is of {facts.CertificateAuthority}: its next one will be refused."]);
        }
        return DnsRecordCheck.Missing(record);
    }

    private static string Listed(List<string> issuers) => issuers.All(issuer => issuer.Length == 0) ? "nobody" : string.Join(", ", issuers.Where(issuer => issuer.Length > 0));

    private static string Words<T>(IEnumerable<T> items) => string.Join(" and ", items);

    private static IReadOnlyList<string> Texts<T>(IEnumerable<T> items) => [.. items.Select(item => item!.ToString()!)];
}
