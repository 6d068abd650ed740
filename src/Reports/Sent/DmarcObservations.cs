using Microsoft.Extensions.Logging;
using Sternpost.MailAuth;
using Sternpost.MailAuth.Dmarc;
using Sternpost.Reports.Aggregate;
using Sternpost.Storage;

namespace Sternpost.Reports.Sent;

/// <summary>
/// Counts what incoming mail comes to by DMARC, for domains that ask to be told. Counts gather in memory and are written together
/// every minute: a crash may lose the last of them, which a report can bear, and a write for each message could not be.
/// </summary>
public sealed class DmarcObservations(Database database, TimeProvider time, ILogger<DmarcObservations> log)
{
    // Different rows between two writes, and of a day: a hostile sender could make any number, one for each message.
    private const int Capacity = 10_000;
    private const long RowsPerDay = 250_000;
    private const int DomainsPerDay = 20_000;

    private readonly Lock gate = new();
    private Dictionary<(long Day, string Domain, string Content), long> counts = [];
    private Dictionary<(long Day, string Domain), (string Record, string Organisation)> records = [];
    private (long Day, long Rows, HashSet<string> Domains) today = (-1, 0, []);

    /// <summary>Counts a message; does nothing where nobody wants to know. Cheap, and never throws for what the message holds.</summary>
    /// <param name="outcome">What authentication came to.</param>
    /// <param name="disposition">What was done with it because of DMARC.</param>
    /// <param name="overrides">Why something else than the policy asks for.</param>
    public void Count(AuthenticationOutcome outcome, AggregateDisposition disposition, IReadOnlyList<PolicyOverride> overrides)
    {
        var dmarc = outcome.Dmarc;
        // What could not be decided now is not an outcome of the domain's.
        if (dmarc is not { Kind: DmarcKind.Pass or DmarcKind.Fail, Record: { } record, RecordDomain: { } domain, AuthorDomain: not null }) return;
        if (ReportDestinations.Parse(record.AggregateReports).Count == 0) return;
        var day = Day(time.GetUtcNow());
        var content = ObservedRow.Write(ObservedRow.Of(outcome, disposition, overrides));
        lock (gate)
        {
            var key = (day, domain.Ascii, content);
            if (counts.TryGetValue(key, out var messages)) counts[key] = messages + 1;
            else if (counts.Count < Capacity) counts[key] = 1;
            else return;
            records[(day, domain.Ascii)] = (record.Text, dmarc.OrganisationalDomain?.Ascii ?? domain.Ascii);
        }
    }

    /// <summary>Writes what has gathered.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        Dictionary<(long Day, string Domain, string Content), long> written;
        Dictionary<(long Day, string Domain), (string Record, string Organisation)> owed;
        lock (gate)
        {
            if (counts.Count == 0) return;
            (written, counts) = (counts, []);
            (owed, records) = (records, []);
        }
        await database.WriteAsync(
            sql =>
            {
                var dropped = 0;
                var counted = new HashSet<(long, string)>();
                // By day, since around midnight there are two.
                foreach (var ((day, domain, content), messages) in written.OrderBy(entry => entry.Key.Day))
                {
                    if (HasRoom(sql, day, domain))
                    {
                        SentRows.Count(sql, day, domain, content, messages);
                        counted.Add((day, domain));
                    }
                    else dropped++;
                }
                foreach (var ((day, domain), (record, organisation)) in owed)
                {
                    if (counted.Contains((day, domain))) SentRows.Owe(sql, day, domain, record, organisation);
                }
                if (dropped > 0) sql.AfterCommit(() => log.ObservationsDropped(dropped));
                return true;
            },
            cancellation).ConfigureAwait(false);
    }

    internal static long Day(DateTimeOffset moment) => moment.ToUnixTimeSeconds() / (24 * 60 * 60);

    // Only on the writer's thread. Rows that are counted again count twice here, so the limit may come a little early.
    private bool HasRoom(Sql sql, long day, string domain)
    {
        if (today.Day != day) today = (day, SentRows.Rows(sql, day), []);
        if (today.Rows >= RowsPerDay) return false;
        if (!today.Domains.Contains(domain))
        {
            if (today.Domains.Count >= DomainsPerDay) return false;
            today.Domains.Add(domain);
        }
        today.Rows++;
        return true;
    }
}
