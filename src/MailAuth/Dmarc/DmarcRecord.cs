using System.Diagnostics.CodeAnalysis;

namespace Sternpost.MailAuth.Dmarc;

/// <summary>
/// A DMARC policy record (RFC 9989 §4.7). Records written for RFC 7489 are read alike; their <c>pct</c>, <c>rf</c> and <c>ri</c>
/// have no effect any more (RFC 9989 §A.6).
/// </summary>
public sealed record DmarcRecord
{
    /// <summary>The record as published.</summary>
    public required string Text { get; init; }

    /// <summary>p: for the domain itself. "None" also where a record without a valid one asks for reports (RFC 9989 §4.10.1).</summary>
    public DmarcPolicy Policy { get; init; }

    /// <summary>sp: for existing subdomains; null leaves them to p.</summary>
    public DmarcPolicy? SubdomainPolicy { get; init; }

    /// <summary>np: for names that do not exist; null leaves them to sp, then p.</summary>
    public DmarcPolicy? NonexistentPolicy { get; init; }

    /// <summary>adkim=s.</summary>
    public bool StrictDkim { get; init; }

    /// <summary>aspf=s.</summary>
    public bool StrictSpf { get; init; }

    /// <summary>t=y: the owner is testing and wants each policy one step milder.</summary>
    public bool Testing { get; init; }

    /// <summary>psd: true for y (a public suffix), false for n (an organisational domain), null for u or nothing.</summary>
    public bool? PublicSuffix { get; init; }

    /// <summary>rua: where aggregate reports go, as published; empty where none are wanted.</summary>
    public string AggregateReports { get; init; } = "";

    /// <summary>False where neither a valid policy nor a report address is given: the record is one, but asks for nothing.</summary>
    public bool Applies { get; init; } = true;

    /// <summary>Reads a record; false where the text is not a DMARC record at all (RFC 9989 §4.7: "v" comes first and is exactly DMARC1).</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DmarcRecord? record)
    {
        record = null;
        if (!HasVersion(text)) return false;
        // A record that begins well and then breaks off is kept as far as it can be read: unknown and broken tags are ignored.
        var tags = Tags(text);
        var sound = TryPolicy(tags, "p", out var policy) & TryPolicy(tags, "sp", out var sub) & TryPolicy(tags, "np", out var absent) && policy is not null;
        var reports = tags.GetValueOrDefault("rua", "");
        record = new DmarcRecord
        {
            Text = text,
            // RFC 9989 §4.10.1: without a sound policy, one who asks for reports is monitoring; anyone else gets no processing.
            Policy = sound ? policy!.Value : DmarcPolicy.None,
            SubdomainPolicy = sound ? sub : null,
            NonexistentPolicy = sound ? absent : null,
            Applies = sound || reports.Contains(':', StringComparison.Ordinal),
            StrictDkim = Is(tags, "adkim", "s"),
            StrictSpf = Is(tags, "aspf", "s"),
            Testing = Is(tags, "t", "y"),
            PublicSuffix = Is(tags, "psd", "y") ? true : Is(tags, "psd", "n") ? false : null,
            AggregateReports = reports,
        };
        return true;
    }

    // dmarc-version = "v" equals %s"DMARC1": case matters, white space around the equals sign does not.
    private static bool HasVersion(string text)
    {
        var first = text.AsSpan();
        if (first.IndexOf(';') is var end and >= 0) first = first[..end];
        var equals = first.IndexOf('=');
        return equals > 0 && first[..equals].Trim(" \t") is "v" && first[(equals + 1)..].Trim(" \t") is "DMARC1";
    }

    private static Dictionary<string, string> Tags(string text)
    {
        const int maxTags = 32;
        var tags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', maxTags + 1, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Take(maxTags))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) tags.TryAdd(part[..equals].TrimEnd(), part[(equals + 1)..].TrimStart());
        }
        return tags;
    }

    // False only where the tag is there and makes no sense.
    private static bool TryPolicy(Dictionary<string, string> tags, string name, out DmarcPolicy? policy)
    {
        policy = null;
        if (!tags.TryGetValue(name, out var value)) return true;
        policy = value.ToLowerInvariant() switch
        {
            "none" => DmarcPolicy.None,
            "quarantine" => DmarcPolicy.Quarantine,
            "reject" => DmarcPolicy.Reject,
            _ => null,
        };
        return policy is not null;
    }

    private static bool Is(Dictionary<string, string> tags, string name, string value) =>
        tags.TryGetValue(name, out var given) && given.Equals(value, StringComparison.OrdinalIgnoreCase);
}
