using Sternpost.Dns;

namespace Sternpost.MailAuth.Published;

/// <summary>Compares TLSA records with the server's key: a wrong one keeps mail away from everybody who honours DANE.</summary>
internal static class TlsaComparison
{
    internal static async Task<DnsRecordCheck> CheckAsync(DnsRecordToPublish record, DomainName name, IDnsResolver resolver, CancellationToken cancellation)
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
        if (found.Contains(record.Value, StringComparer.OrdinalIgnoreCase)) return new(record, PublishedState.Published, found, remarks);
        // A trust anchor (2 x x) pins the authority, and the whole certificate (3 0 x) or another digest can be right as well.
        if (usable.Any(tlsa => tlsa.Usage == 2 || tlsa.Selector == 0 || tlsa.MatchingType != 1))
            return new(record, PublishedState.Published, found, [.. remarks, "No record is of the form 3 1 1 with the server's key; whether the others fit is not looked at."]);
        if (usable.Count == 0) return new(record, PublishedState.Different, found, remarks);
        return new(record, PublishedState.Different, found, [.. remarks, "None of the records is of the key that the server shows: senders that honour DANE do not deliver until one is."]);
    }
}
