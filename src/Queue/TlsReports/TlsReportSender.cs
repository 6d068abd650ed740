using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Queue.Intake;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Storage;

namespace Sternpost.Queue.TlsReports;

/// <summary>
/// Sends each day's reports to the destinations that ask for them. A report is queued in the transaction that forgets its counts, so
/// that it is sent once or, after a crash, not yet.
/// </summary>
internal sealed class TlsReportSender(Database database, AccountDirectory directory, IDnsResolver dns, ServerMail mail, TlsReportPost post, QueueOptions options, TimeProvider time, ILogger log)
{
    // In one round, so that a busy day does not turn into a burst; the next round goes on.
    private const int ReportsTogether = 500;
    // How long a destination may be unable to say where its reports go.
    private const int DaysKept = 3;
    private static readonly TimeSpan SpreadOver = TimeSpan.FromHours(4);

    /// <summary>Sends what is due; answers how many reports.</summary>
    internal async Task<int> SendDueAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var today = TlsResults.Day(now);
        if (await SubmitterAsync(cancellation).ConfigureAwait(false) is not { } submitter) return 0;
        var sent = 0;
        foreach (var (day, text) in await database.ReadAsync(sql => TlsResultRows.Due(sql, today, ReportsTogether), cancellation).ConfigureAwait(false))
        {
            if (day == today - 1 && now < DateTimeOffset.FromUnixTimeSeconds(today * 24 * 60 * 60) + Delay(text)) continue;
            if (!DomainName.TryParse(text, out var domain) || !DomainName.TryParseForQuery("_smtp._tls." + domain.Ascii, out var name))
            {
                await ForgetAsync(day, text, cancellation).ConfigureAwait(false);
                continue;
            }
            var answer = await dns.TxtAsync(name, cancellation).ConfigureAwait(false);
            if (answer.Status == DnsStatus.TemporaryFailure && day >= today - DaysKept) continue;
            sent += await SendAsync(domain, submitter, day, answer.Records, cancellation).ConfigureAwait(false);
        }
        return sent;
    }

    private async Task<int> SendAsync(DomainName domain, DomainName submitter, long day, IReadOnlyList<string> texts, CancellationToken cancellation)
    {
        var (addresses, places) = TlsReportRecord.DestinationsOf(texts);
        if (addresses.Count == 0 && places.Count == 0)
        {
            await ForgetAsync(day, domain.Ascii, cancellation).ConfigureAwait(false);
            return 0;
        }
        var results = await database.ReadAsync(sql => TlsResultRows.Of(sql, day, domain.Ascii), cancellation).ConfigureAwait(false);
        var report = new TlsReport(QueueId.Format(database.NextId()), domain, submitter, options.HostName, day, results);
        var posted = 0;
        foreach (var place in places)
        {
            if (await post.SendAsync(report, place, cancellation).ConfigureAwait(false)) posted++;
        }
        // RFC 8460 §5.4: tried again for a while, as nothing keeps it for us as the queue keeps mail.
        if (addresses.Count == 0 && posted == 0 && day >= TlsResults.Day(time.GetUtcNow()) - DaysKept) return 0;
        var sent = 0;
        foreach (var address in addresses)
        {
            // The first copy takes the counts with it: a crash between copies costs a copy, never makes two of one.
            if (await mail.SendAsync(address, report.ToMail(address, time.GetUtcNow()), TransportNeed.TlsNotRequired, sql => TlsResultRows.Remove(sql, day, domain.Ascii), cancellation).ConfigureAwait(false)) sent++;
        }
        if (sent == 0) await ForgetAsync(day, domain.Ascii, cancellation).ConfigureAwait(false);
        if (sent + posted > 0) log.TlsReportSent(domain.Ascii, report.Id, string.Join(", ", addresses.Select(address => address.ToString()).Concat(places.Select(place => place.Host))), results.Sum(result => result.Sessions));
        return sent + posted;
    }

    private async Task ForgetAsync(long day, string domain, CancellationToken cancellation) => await database.WriteAsync(
        sql =>
        {
            TlsResultRows.Remove(sql, day, domain);
            return true;
        },
        cancellation).ConfigureAwait(false);

    // RFC 8460 §4.1: not everybody's at midnight.
    private static TimeSpan Delay(string domain) =>
        TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(domain))) % (uint)SpreadOver.TotalSeconds);

    // The domain whose key signs the report (RFC 8460 §3): the one our host lies in, or the first.
    private async ValueTask<DomainName?> SubmitterAsync(CancellationToken cancellation)
    {
        var domains = await directory.DomainsAsync(cancellation).ConfigureAwait(false);
        return (domains.FirstOrDefault(domain => options.HostName.IsWithin(domain.Name)) ?? (domains.Count > 0 ? domains[0] : null))?.Name;
    }
}
