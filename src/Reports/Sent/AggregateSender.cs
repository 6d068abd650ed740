using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Sternpost.Dns;
using Sternpost.MailAuth.Dmarc;
using Sternpost.Messages.Addresses;
using Sternpost.Reports.Aggregate;
using Sternpost.Reports.Received;
using Sternpost.Storage;

namespace Sternpost.Reports.Sent;

/// <summary>Hands a message of this server's own to whoever delivers it.</summary>
/// <param name="to">The recipient.</param>
/// <param name="content">The whole message.</param>
/// <param name="alongside">Runs in the transaction that takes the message; null for nothing.</param>
/// <param name="cancellation">Ends the wait before anything is written.</param>
/// <returns>False where nobody can get it; <paramref name="alongside"/> has not run then.</returns>
public delegate ValueTask<bool> ReportPost(EmailAddress to, byte[] content, Action<Sql>? alongside, CancellationToken cancellation);

/// <summary>Who sends reports, asked anew for each round because domains come and go.</summary>
/// <param name="Address">The author; of a domain that is signed for, so that the report itself passes DMARC (RFC 9990 §3.5.2).</param>
/// <param name="Domains">The domains of this server.</param>
public sealed record ReportAuthor(EmailAddress Address, IReadOnlyList<DomainName> Domains);

/// <summary>How reports are sent.</summary>
/// <param name="HostName">This server.</param>
/// <param name="Schema">The form they have.</param>
/// <param name="Generator">The program and its version.</param>
public sealed record AggregateSenderOptions(DomainName HostName, AggregateSchema Schema, string Generator)
{
    /// <summary>Reports of one round, a minute: a day's mail is spread over the hours after it. Default 30.</summary>
    public int PerRound { get; init; } = 30;

    /// <summary>Reports of one day; the domains that come first in the alphabet are served first. Default 5,000.</summary>
    public int PerDay { get; init; } = 5000;

    /// <summary>Rows of one report, those with most messages. Default 5,000.</summary>
    public int Rows { get; init; } = 5000;

    /// <summary>Octets of one message. Default 10 MB, which most servers take.</summary>
    public int Octets { get; init; } = 10_000_000;
}

/// <summary>
/// Sends the aggregate reports that are due: yesterday's, from some time after midnight UTC that differs from server to server, so that
/// not all the world reports at once. A destination of another organisation is asked first (RFC 9990 §4). What cannot be decided now
/// is tried again for two days.
/// </summary>
public sealed class AggregateSender(
    Database database, ReceivedReports received, IDnsResolver dns, ReportPost post, Func<CancellationToken, ValueTask<ReportAuthor?>> author, AggregateSenderOptions options, TimeProvider time, ILogger<AggregateSender> log)
{
    private const int DaysTried = 2;
    private const int DaysKept = 7;
    private const int SpreadMinutes = 180;
    private static readonly TimeSpan Rest = TimeSpan.FromHours(1);
    private static readonly TimeSpan DnsPatience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<OwedReport, DateTimeOffset> postponed = [];
    private (long Day, int Sent) today;

    /// <summary>Sends what is due now, at most <see cref="AggregateSenderOptions.PerRound"/>; answers how many reports were settled.</summary>
    public async Task<int> SendDueAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var day = DmarcObservations.Day(now);
        if (now < DateTimeOffset.FromUnixTimeSeconds(day * 24 * 60 * 60) + Spread()) return 0;
        if (await author(cancellation).ConfigureAwait(false) is not { } from) return 0;
        if (today.Day != day)
        {
            today = (day, 0);
            await database.WriteAsync(sql => { SentRows.Forget(sql, day - DaysKept); return true; }, cancellation).ConfigureAwait(false);
        }
        var settled = 0;
        foreach (var report in await database.ReadAsync(sql => SentRows.Owed(sql, day, options.PerDay), cancellation).ConfigureAwait(false))
        {
            if (settled >= options.PerRound || today.Sent >= options.PerDay) break;
            if (postponed.TryGetValue(report, out var until) && until > now) continue;
            var outcome = await SendAsync(report, from, cancellation).ConfigureAwait(false);
            if (outcome is null && report.Day >= day - DaysTried)
            {
                postponed[report] = now + Rest;
                continue;
            }
            postponed.Remove(report);
            settled++;
            today.Sent++;
            // What was sent or kept is settled already, in the transaction that did it.
            if (outcome is not { Done: true }) await SettleAsync(report, outcome?.Words ?? "not sent: DNS did not answer for two days", cancellation).ConfigureAwait(false);
        }
        return settled;
    }

    // Null where it cannot be decided now.
    private async ValueTask<Outcome?> SendAsync(OwedReport owed, ReportAuthor from, CancellationToken cancellation)
    {
        if (await MakeAsync(owed, from, cancellation).ConfigureAwait(false) is not { } report) return new Outcome(false, "not sent: there is nothing to report");
        if (from.Domains.Any(owed.Domain.IsWithin)) return await KeepAsync(owed, report, from, cancellation).ConfigureAwait(false);
        var destinations = new List<ReportDestination>();
        var reasons = new List<string>();
        foreach (var wanted in ReportDestinations.Parse(DmarcRecord.TryParse(owed.Record, out var record) ? record.AggregateReports : ""))
        {
            var answer = await VerifyAsync(owed.Domain, wanted, cancellation).ConfigureAwait(false);
            if (answer.State == DestinationState.Unknown) return null;
            if (answer.Destination is { } destination) destinations.Add(destination);
            else reasons.Add($"{wanted.Address}: {answer.Reason}");
        }
        var content = AggregateMail.Write(report, from.Address, [.. destinations.Select(destination => destination.Address)], time.GetUtcNow());
        if (destinations.RemoveAll(destination => content.Length > Math.Min(destination.MaxOctets ?? long.MaxValue, options.Octets)) > 0) reasons.Add("it is larger than a destination takes");
        if (destinations.Count == 0) return new Outcome(false, "not sent: " + (reasons.Count > 0 ? string.Join("; ", reasons) : "the record names no address"));

        var words = "sent to " + string.Join(", ", destinations.Select(destination => destination.Address));
        for (var i = 0; i < destinations.Count; i++)
        {
            // Settled with the last one: a crash before it sends the others again, under the same Report-ID.
            Action<Sql>? settle = i == destinations.Count - 1 ? sql => SentRows.Settle(sql, owed, words) : null;
            if (!await post(destinations[i].Address, content, settle, cancellation).ConfigureAwait(false) && settle is not null)
                return new Outcome(false, $"not sent: there is no {destinations[i].Address}");
        }
        log.ReportSent(owed.Domain.Ascii, report.Rows.Count, words);
        return new Outcome(true, words);
    }

    // What we would tell our own domain is kept where reports of others are, and nobody needs a mail about it.
    private async ValueTask<Outcome> KeepAsync(OwedReport owed, AggregateReport report, ReportAuthor from, CancellationToken cancellation)
    {
        const string words = "kept here";
        var kept = KeptForms.Of(report, from.Address.Domain.Ascii, authenticated: true, time.GetUtcNow()).Select(item => new ReportToKeep(database.NextId(), item.Report, item.Rows)).ToList();
        await database.WriteAsync(sql =>
        {
            received.Write(sql, kept);
            SentRows.Settle(sql, owed, words);
            return true;
        }, cancellation).ConfigureAwait(false);
        return new Outcome(true, words);
    }

    private async ValueTask<AggregateReport?> MakeAsync(OwedReport owed, ReportAuthor from, CancellationToken cancellation)
    {
        var rows = await database.ReadAsync(sql => SentRows.Rows(sql, owed, options.Rows + 1), cancellation).ConfigureAwait(false);
        if (rows.Count == 0 || !DmarcRecord.TryParse(owed.Record, out var record)) return null;
        var begin = DateTimeOffset.FromUnixTimeSeconds(owed.Day * 24 * 60 * 60);
        return new AggregateReport
        {
            Schema = options.Schema,
            Organisation = from.Address.Domain.Ascii,
            Email = from.Address.ToString(),
            // RFC 9990 §3.5.1: unique among our reports to the domain, and the same where a report is made again.
            ReportId = string.Create(CultureInfo.InvariantCulture, $"{begin:yyyyMMdd}.{owed.Domain.Ascii}@{options.HostName.Ascii}"),
            Generator = options.Generator,
            Begin = begin,
            End = begin.AddDays(1).AddSeconds(-1),
            Errors = rows.Count > options.Rows ? [$"there were more rows; these are the {options.Rows} with most messages"] : [],
            Policy = new PublishedPolicy(owed.Domain, record.Policy)
            {
                Subdomains = record.SubdomainPolicy,
                Nonexistent = record.NonexistentPolicy,
                StrictDkim = record.StrictDkim,
                StrictSpf = record.StrictSpf,
                Testing = record.Testing,
                Discovery = "treewalk",
            },
            Rows = [.. rows.Take(options.Rows).Select(row => ObservedRow.Read(row.Content, row.Messages))],
        };
    }

    private async ValueTask<DestinationAnswer> VerifyAsync(DomainName domain, ReportDestination wanted, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(DnsPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            return await ReportDestinations.VerifyAsync(domain, wanted, dns, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new DestinationAnswer(DestinationState.Unknown, null, "DNS did not answer");
        }
    }

    private async ValueTask SettleAsync(OwedReport report, string words, CancellationToken cancellation)
    {
        log.ReportNotSent(report.Domain.Ascii, words);
        await database.WriteAsync(sql => { SentRows.Settle(sql, report, words); return true; }, cancellation).ConfigureAwait(false);
    }

    private TimeSpan Spread() => TimeSpan.FromMinutes(10 + (SHA256.HashData(Encoding.ASCII.GetBytes(options.HostName.Ascii))[0] * (long)SpreadMinutes / 256));

    private sealed record Outcome(bool Done, string Words);
}
