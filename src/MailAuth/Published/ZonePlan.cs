using Sternpost.Dns;
using Sternpost.Dns.Updates;

namespace Sternpost.MailAuth.Published;

/// <summary>What is to become of one record in a zone.</summary>
public enum PlannedFate
{
    /// <summary>It is there as wanted.</summary>
    Kept,
    /// <summary>It is put in.</summary>
    Added,
    /// <summary>It is taken out: we put it in earlier, or the administrator said so.</summary>
    Removed,
    /// <summary>It is wanted, and not put in: something that is not ours stands in its way.</summary>
    LeftAlone,
    /// <summary>It is wanted, but this server's zone is not where it belongs.</summary>
    Elsewhere,
}

/// <summary>One line of a plan.</summary>
/// <param name="Fate">What becomes of it.</param>
/// <param name="Name">The owner.</param>
/// <param name="Type">Its type.</param>
/// <param name="Value">Its data as text.</param>
/// <param name="Reason">Why, where that is not plain; empty where it is.</param>
public sealed record PlannedRecord(PlannedFate Fate, string Name, string Type, string Value, string Reason = "");

/// <summary>
/// The difference between what a zone should hold of us and what it holds. Only what we put in earlier is changed or removed; of what others put in,
/// nothing, unless they are told to be replaced. The update holds only where every set it touches is still as it was read.
/// </summary>
/// <param name="Update">What to send.</param>
/// <param name="Lines">Every record that was looked at, and what becomes of it.</param>
public sealed record ZonePlan(ZoneUpdate Update, IReadOnlyList<PlannedRecord> Lines)
{
    /// <summary>Makes a plan.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="wanted">The records it should hold.</param>
    /// <param name="found">The sets at their names, and at the names of <paramref name="ours"/>, as the zone has them now.</param>
    /// <param name="aliases">Names that are aliases and hold nothing else.</param>
    /// <param name="ours">What we put in earlier.</param>
    /// <param name="replace">Whether what others put in gives way to ours.</param>
    public static ZonePlan For(
        DomainName zone, IReadOnlyList<ZoneRecord> wanted, IReadOnlyList<RecordSet> found, IReadOnlySet<DomainName> aliases, IReadOnlyCollection<ZoneRecord> ours, bool replace)
    {
        List<ZoneRecord> added = [], removed = [];
        List<PlannedRecord> lines = [];
        foreach (var set in found)
        {
            List<ZoneRecord> here = [.. wanted.Where(record => record.Name == set.Name && record.Type == set.Type)];
            // Of ours, what is no longer wanted goes: the id of an old policy, a key that was revoked long ago.
            List<ZoneRecord> stale = [.. set.Records.Where(record => ours.Contains(record) && !here.Exists(want => IsSame(want, record)))];
            foreach (var want in here)
            {
                if (set.Records.Any(record => IsSame(want, record)))
                {
                    lines.Add(Line(PlannedFate.Kept, want));
                    continue;
                }
                if (aliases.Contains(set.Name))
                {
                    lines.Add(Line(PlannedFate.LeftAlone, want, "the name is an alias (CNAME), and an alias holds nothing else"));
                    continue;
                }
                List<ZoneRecord> foreign = [.. set.Records.Where(record => !stale.Contains(record) && !here.Exists(other => IsSame(other, record)) && StandsInTheWay(record, want))];
                if (foreign.Count > 0 && !replace)
                {
                    lines.Add(Line(PlannedFate.LeftAlone, want, $"this is there and was not put in by this server: {string.Join(" | ", foreign.Select(record => record.Text))}"));
                    continue;
                }
                foreach (var record in foreign.Where(record => !removed.Contains(record)))
                {
                    removed.Add(record);
                    lines.Add(Line(PlannedFate.Removed, record, "replaced; it was not put in by this server"));
                }
                added.Add(want);
                lines.Add(Line(PlannedFate.Added, want));
            }
            foreach (var record in stale)
            {
                removed.Add(record);
                lines.Add(Line(PlannedFate.Removed, record, "no longer wanted; this server put it in"));
            }
        }
        HashSet<(DomainName, int)> touched = [.. added.Concat(removed).Select(record => (record.Name, record.Type))];
        return new ZonePlan(new ZoneUpdate(zone) { Expected = [.. found.Where(set => touched.Contains((set.Name, set.Type)))], Added = added, Removed = removed }, lines);
    }

    /// <summary>A line about a record.</summary>
    public static PlannedRecord Line(PlannedFate fate, ZoneRecord record, string reason = "") => new(fate, record.Name.Ascii, record.TypeName, record.Text, reason);

    // A text may be cut into strings in many ways and is the same to whoever reads it.
    private static bool IsSame(ZoneRecord a, ZoneRecord b) => a.Equals(b) || (a.Name == b.Name && a.Type == b.Type && a.TypeName == "TXT" && a.Text == b.Text);

    private static bool StandsInTheWay(ZoneRecord other, ZoneRecord wanted) => wanted.TypeName switch
    {
        // Several are as good as one: each says something of its own.
        "TLSA" or "CAA" => false,
        // RFC 6376 §3.6.2.2: a selector has one record, whatever it says.
        "TXT" when wanted.Name.Ascii.Contains("._domainkey.", StringComparison.Ordinal) => true,
        // A second SPF, DMARC, MTA-STS or TLS report record makes both worthless; other texts do no harm.
        "TXT" => Kind(other.Text) == Kind(wanted.Text),
        _ => true,
    };

    private static string Kind(string text) => text.TrimStart().Split(' ', ';')[0].ToLowerInvariant();
}
