using Sternpost.Dns;

namespace Sternpost.MailAuth.Dmarc;

/// <summary>A DMARC record and where it stands.</summary>
internal readonly record struct DmarcRecordAt(DomainName Domain, DmarcRecord Record);

/// <summary>The DNS Tree Walk (RFC 9989 §4.10): at most eight questions, however many labels a name has.</summary>
internal sealed class DmarcTreeWalk
{
    private const int MaxLabels = 8;

    private readonly DomainName start;
    private readonly List<DmarcRecordAt> records = new(2);

    private DmarcTreeWalk(DomainName start) => this.start = start;

    /// <summary>A name for which DNS did not answer, or null: then nothing may be concluded.</summary>
    public DomainName? Unanswered { get; private set; }

    /// <summary>The record at the start itself.</summary>
    public DmarcRecord? OwnRecord => records.Count > 0 && records[0].Domain == start ? records[0].Record : null;

    /// <summary>Walks from <paramref name="start"/> to the top, or to a record that says where to stop.</summary>
    public static async ValueTask<DmarcTreeWalk> From(DomainName start, IDnsResolver resolver, CancellationToken cancellation)
    {
        var walk = new DmarcTreeWalk(start);
        for (var target = start; target is not null; target = Next(target))
        {
            if (!DomainName.TryParse("_dmarc." + target.Ascii, out var name)) continue;
            var answer = await resolver.TxtAsync(name, cancellation).ConfigureAwait(false);
            if (answer.Status == DnsStatus.TemporaryFailure)
            {
                walk.Unanswered = name;
                break;
            }
            if (Single(answer.Records) is not { } record) continue;
            walk.records.Add(new DmarcRecordAt(target, record));
            // §4.10 steps 2 and 6: psd=n and psd=y end the walk.
            if (record.PublicSuffix is not null) break;
        }
        return walk;
    }

    /// <summary>The walk from a name this walk came by, without asking again; null for any other name.</summary>
    public DmarcTreeWalk? Above(DomainName name)
    {
        // A long name's walk leaves out the names between itself and its last seven labels.
        if (!start.IsWithin(name) || (name != start && Labels(name) > MaxLabels - 1 && Labels(start) > MaxLabels)) return null;
        var part = new DmarcTreeWalk(name) { Unanswered = Unanswered };
        part.records.AddRange(records.Where(entry => name.IsWithin(entry.Domain)));
        return part;
    }

    /// <summary>The organisational domain (RFC 9989 §4.10.2).</summary>
    public DomainName OrganisationalDomain()
    {
        foreach (var (domain, record) in records)
        {
            if (record.PublicSuffix == false) return domain;
            if (record.PublicSuffix == true && domain != start) return OneBelow(domain);
        }
        return records.Count > 0 ? records[^1].Domain : start;
    }

    /// <summary>The record that applies to the start (RFC 9989 §4.10.1): its own, its organisational domain's, or the public suffix's.</summary>
    public DmarcRecordAt? Policy()
    {
        if (records.Count == 0) return null;
        if (OwnRecord is not null) return records[0];
        var organisation = OrganisationalDomain();
        foreach (var entry in records)
        {
            if (entry.Domain == organisation) return entry;
        }
        return records[^1] is { Record.PublicSuffix: true } suffix ? suffix : null;
    }

    private DomainName OneBelow(DomainName suffix)
    {
        var below = start;
        while (below.Parent is { } parent && parent != suffix) below = parent;
        return below;
    }

    // Steps 3, 4 and 7: long names are cut to seven labels at once.
    private static DomainName? Next(DomainName name)
    {
        var next = name.Parent;
        while (next is not null && Labels(next) > MaxLabels - 1) next = next.Parent;
        return next;
    }

    private static int Labels(DomainName name) => name.Ascii.AsSpan().Count('.') + 1;

    // Steps 2 and 6: other records are not looked at, and several DMARC records count as none.
    private static DmarcRecord? Single(IReadOnlyList<string> texts)
    {
        DmarcRecord? single = null;
        foreach (var text in texts)
        {
            if (!DmarcRecord.TryParse(text, out var record)) continue;
            if (single is not null) return null;
            single = record;
        }
        return single;
    }
}
