namespace Sternpost.MailAuth.Published;

/// <summary>Compares the records of MTA-STS and of TLS reports.</summary>
internal static class TransportTexts
{
    // RFC 8461 §3.1.
    internal static DnsRecordCheck CheckSts(DnsRecordToPublish record, IReadOnlyList<string> texts)
    {
        var found = texts.Where(text => text.StartsWith("v=STSv1", StringComparison.Ordinal)).ToList();
        if (found.Count == 0) return DnsRecordCheck.Missing(record);
        if (found.Count > 1) return new(record, PublishedState.Different, found, ["There are several records, so senders act as if there were none."]);
        if (Tag(found[0], "id") is not { Length: > 0 } id) return new(record, PublishedState.Different, found, ["The record has no id, so senders pass it over."]);
        return id == Tag(record.Value, "id")
            ? new(record, PublishedState.Published, found, [])
            : new(record, PublishedState.Different, found, ["The id is not that of the policy served now: senders that know the old policy do not fetch the new one until it expires."]);
    }

    // RFC 8460 §3.
    internal static DnsRecordCheck CheckTlsReports(DnsRecordToPublish record, IReadOnlyList<string> texts)
    {
        var found = texts.Where(text => text.StartsWith("v=TLSRPTv1", StringComparison.Ordinal)).ToList();
        if (found.Count == 0) return DnsRecordCheck.Missing(record);
        if (found.Count > 1) return new(record, PublishedState.Different, found, ["There are several records, so senders act as if there were none."]);
        if (Tag(found[0], "rua") is not { Length: > 0 } destinations) return new(record, PublishedState.Different, found, ["The record names no address (rua=), so no report comes."]);
        return destinations.Contains(Tag(record.Value, "rua")!, StringComparison.OrdinalIgnoreCase)
            ? new(record, PublishedState.Published, found, [])
            : new(record, PublishedState.Published, found, [$"Reports go to {destinations}; 'sternpost report' does not see them."]);
    }

    private static string? Tag(string text, string name)
    {
        foreach (var field in text.Split(';'))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && field.AsSpan(0, equals).Trim().SequenceEqual(name)) return field[(equals + 1)..].Trim();
        }
        return null;
    }
}
