using Sternpost.Abuse.Alerts;
using Sternpost.Abuse.Holds;
using Sternpost.Abuse.Limits;
using Sternpost.Certificates;
using Sternpost.Commands;
using Sternpost.Composition;
using Sternpost.Configuration;
using Sternpost.Doctor;
using Sternpost.Filter.Evidence.Findings;
using Sternpost.Filter.Verdicts;
using Sternpost.Queue;
using Sternpost.Queue.Containment;
using Sternpost.Queue.Quarantine;
using Sternpost.Setup;
using Sternpost.Storage;
using Sternpost.Tracing;
using Sternpost.Watch;

namespace Sternpost.Administration;

/// <summary>Reads how the server is.</summary>
internal sealed class StatusReader(ServerConfiguration configuration, ServerParts parts, TimeProvider time)
{
    private const int MostLines = 20;

    // From here on a sender is near a limit.
    private const double NearShare = 0.8;

    // Examining the machine reads files and connects to the listeners; a page that is looked at twice does not do it twice.
    private static readonly TimeSpan FindingsAge = TimeSpan.FromMinutes(1);

    private readonly Lock examining = new();
    private (DateTimeOffset At, Task<IReadOnlyList<CheckResult>> Results)? examined;

    public async Task<ServerStatus> ReadAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var database = parts.Database;
        var queue = new QueueInspection(database, time);
        var (messages, recipients) = await queue.CountAsync(cancellation);
        var outbound = await queue.OutboundAsync(cancellation);
        var causes = await queue.CausesAsync(now.AddDays(-1), cancellation);
        var steps = await TraceSearch.CountsAsync(database, now.AddDays(-1), cancellation);
        var judged = await new FindingsBook(database, time).CountsAsync(now.AddDays(-1), cancellation);
        var shelf = new CertificateShelf(configuration, database.Folder).Read(now, withKeys: false).Certificates;
        var accounts = (await parts.Directory.AccountsAsync(null, cancellation)).ToDictionary(account => account.Id, account => account.Address.ToString());
        return new ServerStatus(
            now, configuration.Server.Hostname.Ascii, typeof(StatusReader).Assembly.GetName().Version?.ToString(3) ?? "",
            new QueueStatus(messages, recipients, outbound.Explanation, [.. causes.Take(MostLines).Select(cause => new CauseStatus(cause.Cause.Cause, cause.Cause.Administrator.Length > 0 ? cause.Cause.Administrator : cause.Cause.Remedy, cause.Waiting, cause.Failed, cause.Domains))]),
            new DayStatus(judged.GetValueOrDefault(Disposition.Accept), judged.GetValueOrDefault(Disposition.Junk), steps.GetValueOrDefault(StepKind.Refused), steps.GetValueOrDefault(StepKind.Delivered), steps.GetValueOrDefault(StepKind.Deferred), steps.GetValueOrDefault(StepKind.Failed)),
            [.. (await FindingsAsync(now, cancellation)).Where(result => result.Level is CheckLevel.Warning or CheckLevel.Failed).OrderByDescending(result => result.Level == CheckLevel.Failed)],
            await new WatchBook(database, time).ProblemsAsync(cancellation),
            CertificateFact.All(shelf, await new CertificateBook(database).AllAsync(cancellation)),
            [.. (await AlertBook.NewestAsync(database, MostLines, cancellation)).Select(alert => new AlertStatus(alert.At, alert.Alert.Kind, alert.Alert.Subject, alert.Alert.Body))],
            [.. (await parts.Sending.Containment.ListAsync(cancellation)).Where(one => one.State == ContainmentState.Contained).Take(MostLines).Select(one => new ContainedStatus(one.Address, Database.TimeOf(one.Id), one.Reason, one.IsAutomatic))],
            [.. (await database.ReadAsync(sql => HoldRows.Newest(sql, MostLines), cancellation)).Select(hold => new HoldStatus(QueueId.Format(hold.MessageId), accounts.GetValueOrDefault(hold.AccountId, "?"), hold.Since, hold.Hold.ReleaseAt, hold.Hold.Reason))],
            [.. (await new QuarantineList(database).ListAsync(null, MostLines, cancellation)).Select(held => new QuarantinedStatus(
                QueueId.Format(held.Id), held.Received, held.Author, held.Subject, [.. held.Recipients.Select(recipient => recipient.Address.ToString())], held.Reason, held.IsMalware, held.IsGoing))],
            await NearAsync(cancellation));
    }

    // Of those who sent within the day; most of what an installation has sends nothing.
    private async Task<IReadOnlyList<NearLimitStatus>> NearAsync(CancellationToken cancellation)
    {
        var active = (await parts.Sending.Limits.ActiveAsync("account", cancellation)).ToHashSet();
        var accounts = (await parts.Directory.AccountsAsync(null, cancellation)).Concat(await parts.Directory.SitesAsync(cancellation)).ToList();
        List<SendingLayer> layers = [.. accounts.Select(SendingLayer.Of).Where(layer => active.Contains(layer.Scope)), .. (await parts.Directory.DomainsAsync(cancellation)).Select(domain => SendingLayer.Of(domain.Name)), SendingLayer.Server];
        var near = new List<(double Share, NearLimitStatus Status)>();
        foreach (var state in await parts.Sending.Limits.StatesAsync(layers, cancellation))
        {
            var isHard = state.Bounds.Soft == 0 || state.Used > state.Bounds.Soft;
            var allowed = isHard ? state.Bounds.Hard : state.Bounds.Soft;
            if (allowed == 0 || state.Used < allowed * NearShare) continue;
            var isAccount = state.Layer.Kind == "account";
            near.Add(((double)state.Used / allowed, new NearLimitStatus(state.Layer.Name, isAccount ? state.Layer.Name : null, state.Name.ToString(), state.Used, allowed, isHard)));
        }
        return [.. near.OrderByDescending(one => one.Share).Take(MostLines).Select(one => one.Status)];
    }

    // Whoever asks first begins it, and all who ask meanwhile wait for the same; each check has its deadline.
    private Task<IReadOnlyList<CheckResult>> FindingsAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        lock (examining)
        {
            if (examined is not var (at, results) || now - at >= FindingsAge || results.IsFaulted)
            {
                var patient = new Patient(configuration, Path.GetFullPath(parts.Database.Folder), parts.Database, parts.Resolver, configuration.Server.Addresses, parts.QueueOptions.LoopbackOnly);
                results = Examination.RunAsync(patient, outside: false, only: null, CancellationToken.None);
                examined = (now, results);
            }
            return results.WaitAsync(cancellation);
        }
    }
}
