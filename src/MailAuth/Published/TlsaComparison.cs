using Sternpost.Dns;

namespace Sternpost.MailAuth.Published;

/// <summary>Compares TLSA records with the certificates the server shows: where none fits, mail stays away from everybody who honours DANE.</summary>
internal static class TlsaComparison
{
    internal static async Task<DnsRecordCheck> CheckAsync(DnsRecordToPublish record, DomainName name, PublishedFacts facts, IDnsResolver resolver, CancellationToken cancellation)
    {
        var answer = await resolver.TlsaAsync(name, cancellation).ConfigureAwait(false);
        if (answer.Status == DnsStatus.TemporaryFailure) return DnsRecordCheck.Unknown(record);
        if (answer.Records.Count == 0) return DnsRecordCheck.Missing(record);
        IReadOnlyList<string> found = [.. answer.Records.Select(tlsa => tlsa.ToString())];
        var usable = answer.Records.Where(tlsa => tlsa.Usage is 2 or 3).ToList();
        var remarks = new List<string>();
        if (!answer.Authenticated) remarks.Add("The answer is not validated: either the zone is not signed, and then the record does nothing, or your resolver does not validate, and then this cannot be told.");
        // RFC 7672 §3.1.3: the others have no place in SMTP.
        if (usable.Count < answer.Records.Count) remarks.Add("Records of usage 0 and 1 count for nothing in mail (RFC 7672).");
        if (facts.Certificates.Count == 0) return ByPin(record, found, usable, remarks);

        var fitting = usable.Where(tlsa => Fits(tlsa, facts)).ToList();
        foreach (var other in usable.Except(fitting)) remarks.Add(Misfit(other));
        if (fitting.Count > 0) return new(record, PublishedState.Published, found, remarks);
        return new(record, PublishedState.Different, found, usable.Count == 0 ? remarks : [.. remarks, "None of the records fits what the server shows: senders that honour DANE do not deliver until one does."]);
    }

    // RFC 7672 §3.1.1: usage 3 is the server's own certificate or key. §3.1.2: usage 2 is an authority, which the server must show with its own.
    private static bool Fits(TlsaRecord tlsa, PublishedFacts facts) =>
        tlsa.Usage == 3 ? tlsa.Matches(facts.Certificates[0]) : facts.Certificates.Any(tlsa.Matches);

    private static string Misfit(TlsaRecord tlsa)
    {
        var text = tlsa.ToString();
        var head = text.Length > 22 ? text[..22] + "..." : text;
        return tlsa.Usage == 2
            ? $"{head} names an authority that is not among the certificates the server shows; it can only count where it is shown (RFC 7672 §3.1.2)."
            : $"{head} is not of the {(tlsa.Selector == 0 ? "certificate" : "key")} the server shows. Right for the next one, before it is changed; otherwise take it out.";
    }

    // Only the wanted record is known.
    private static DnsRecordCheck ByPin(DnsRecordToPublish record, IReadOnlyList<string> found, List<TlsaRecord> usable, List<string> remarks)
    {
        if (found.Contains(record.Value, StringComparer.OrdinalIgnoreCase)) return new(record, PublishedState.Published, found, remarks);
        if (usable.Any(tlsa => tlsa.Usage == 2 || tlsa.Selector == 0 || tlsa.MatchingType != 1))
            return new(record, PublishedState.Published, found, [.. remarks, "No record is of the form 3 1 1 with the server's key; whether the others fit cannot be told without its certificate."]);
        if (usable.Count == 0) return new(record, PublishedState.Different, found, remarks);
        return new(record, PublishedState.Different, found, [.. remarks, "None of the records is of the key that the server shows: senders that honour DANE do not deliver until one is."]);
    }
}
