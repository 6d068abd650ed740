using System.Data.Common;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Sternpost.Abuse.Trust;
using Sternpost.Mailboxes;
using Sternpost.Queue.Bounces;
using Sternpost.Queue.Forwarding;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Replies;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.Suppression;
using Sternpost.Smtp.Client;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Queue.Delivery;

/// <summary>What an attempt came to for one recipient.</summary>
internal sealed record Attempt(QueuedRecipient Recipient, RecipientResult Result);

/// <summary>Who gave the results of some attempts.</summary>
/// <param name="Host">Its name; the reasons go on after it.</param>
/// <param name="Protection">What decided how the connection was protected, what came of it, and the certificate that was seen.</param>
internal readonly record struct AttemptedAt(string Host, AttemptProtection Protection);

/// <summary>
/// Writes down what attempts came to: recipients that are done leave, others wait, and the notifications that follow are written
/// in the same transaction. After a crash a recipient is therefore either still owed, or gone with its notification written.
/// </summary>
internal sealed class Settlement(
    Database database, MailStore mail, NotificationIntake notifications, QueueSignal signal, QueueOptions options, RetrySchedule retries, TraceBook? book, TimeProvider time, ILogger log, SenderTrust? trust = null)
{
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(1);

    /// <summary>Settles attempts of one message. Returns when durable; a failing database is asked again until it is.</summary>
    /// <param name="message">The message.</param>
    /// <param name="attempts">Each recipient once.</param>
    /// <param name="where">Who gave the results.</param>
    /// <param name="content">The message's octets where they are at hand.</param>
    /// <param name="cancellation">Ends the asking of a failing database; the recipients stay owed. It stops nothing else: what another server has said must be written down even while this one goes down.</param>
    /// <param name="copies">Copies that the results promise, written in the same transaction or not at all.</param>
    internal async Task SettleAsync(QueuedMessage message, IReadOnlyList<Attempt> attempts, AttemptedAt where, byte[]? content, CancellationToken cancellation, PlannedMessage? copies = null)
    {
        var jitter = retries.NextJitter();
        List<Fate> fates = [.. attempts.Select(attempt => Decide(message, attempt, where.Host, jitter) with { Cause = CauseOf(attempt, where.Host) })];
        while (fates.Count > 0)
        {
            try
            {
                var planned = await PlanAsync(message, fates, where.Host, content).ConfigureAwait(false);
                // The words are found before the transaction: every message waits for it.
                List<(Fate, Step)> steps = [.. fates.Select(fate => (fate, StepOf(message, fate, where)))];
                var gone = await database.WriteAsync(sql => Write(sql, message, steps, planned, where, copies), CancellationToken.None).ConfigureAwait(false);
                fates.RemoveAll(fate => gone.Contains(fate.Recipient.Id));
                break;
            }
            catch (DroppedMeanwhileException dropped)
            {
                // Nothing was written. Copies cannot be made smaller, so what is left is tried again from the beginning.
                if (copies is not null) return;
                // The notifications are made anew without the ones a command dropped.
                fates.RemoveAll(fate => dropped.Recipients.Contains(fate.Recipient.Id));
            }
            catch (Exception broken) when (broken is DbException or IOException)
            {
                log.StoreFailed(broken);
                await Task.Delay(StorePause, time, cancellation).ConfigureAwait(false);
            }
        }
        foreach (var fate in fates) Tell(message, fate, where);
    }

    private static DeliveryCause? CauseOf(Attempt attempt, string host) => attempt.Result.Outcome == RecipientOutcome.Delivered ? null
        : DeliveryCauses.Of(host, attempt.Result.Status, attempt.Result.Reply, attempt.Recipient.Recipient.Address.Domain);

    private Fate Decide(QueuedMessage message, Attempt attempt, string host, double jitter)
    {
        var (recipient, result) = attempt;
        var now = time.GetUtcNow();
        var reason = result.Reply is null ? $"{host} {result.Reason}" : $"{host} answered: {result.Reason}";
        switch (result.Outcome)
        {
            case RecipientOutcome.Delivered:
                // RFC 3461 §5.2.2: where the next server cannot tell the sender of the delivery, we tell that we passed the message on.
                return new Fate(recipient, result, reason, null, false, result.NotifiesSuccess ? null : DsnAction.Relayed);
            case RecipientOutcome.Failed:
                return new Fate(recipient, result, reason, null, false, DsnAction.Failed);
            case var _ when now >= message.Expires:
                // RFC 3463 X.4.7: delivery time expired.
                return new Fate(recipient, result with { Outcome = RecipientOutcome.Failed, Status = "5.4.7" }, reason, null, false, DsnAction.Failed);
            default:
                var warn = !recipient.Warned && options.WarnAfter > TimeSpan.Zero && now >= message.Created + options.WarnAfter;
                return new Fate(recipient, result, reason, retries.Next(recipient.Attempts + 1, message.Expires, jitter), recipient.Warned || warn, warn ? DsnAction.Delayed : null);
        }
    }

    private async ValueTask<IReadOnlyList<PlannedMessage>> PlanAsync(QueuedMessage message, List<Fate> fates, string host, byte[]? content)
    {
        var now = time.GetUtcNow();
        List<RecipientReport> reports = [];
        foreach (var fate in fates)
        {
            if (fate.Report is not { } action) continue;
            var report = new RecipientReport(fate.Recipient.Recipient, action, fate.Result.Status, fate.Reason,
                fate.Result.Reply is null ? null : host, fate.Result.Reply, now, action == DsnAction.Delayed ? message.Expires : null);
            if (report.IsWanted) reports.Add(report);
        }
        if (reports.Count == 0 || message.ReversePath is null) return [];
        content ??= await ReadAsync(message).ConfigureAwait(false);
        return await notifications.PlanAsync(
            new ReportedMessage(message.Id, message.ReversePath, message.EnvelopeId, message.Return, message.Created) { Transport = message.Transport }, content, reports, CancellationToken.None).ConfigureAwait(false);
    }

    // A message that cannot be read any more is reported without its header: its sender must hear of it all the same.
    private async ValueTask<byte[]> ReadAsync(QueuedMessage message)
    {
        try
        {
            return await database.ReadAsync(sql => QueueRows.Content(sql, database.Blobs, message), CancellationToken.None).ConfigureAwait(false) ?? [];
        }
        catch (IOException broken)
        {
            log.ContentUnreadable(broken, QueueId.Format(message.Id));
            return [];
        }
    }

    // Answers the recipients that were not there any more.
    private List<long> Write(Sql sql, QueuedMessage message, List<(Fate Fate, Step Step)> fates, IReadOnlyList<PlannedMessage> planned, AttemptedAt where, PlannedMessage? copies)
    {
        List<long> gone = [];
        foreach (var (fate, step) in fates)
        {
            var there = fate.Next is { } next
                ? QueueRows.Defer(sql, fate.Recipient, next, fate.Reason, fate.Cause!.Id, where.Protection, fate.Warned)
                : QueueRows.Remove(sql, fate.Recipient);
            if (!there)
            {
                gone.Add(fate.Recipient.Id);
                continue;
            }
            Learn(sql, message, fate);
            if (fate.Result.Outcome == RecipientOutcome.Failed) CauseRows.CountFailure(sql, fate.Cause!, fate.Recipient.Recipient.Address.Domain, fate.Reason, time.GetUtcNow());
            book?.Write(sql, message.Id, step);
        }
        // Thrown, because only an exception takes back what this work has done so far.
        if (gone.Count > 0 && (planned.Count > 0 || copies is not null)) throw new DroppedMeanwhileException(gone);
        // RFC 3463 §3.2: X.1 is about the address, and 1 to 3 say that it is none.
        if (message is { Origin: QueueOrigin.Submission, AccountId: { } sender })
            trust?.Bounced(sql, sender, fates.Count(settled => settled.Fate.Result is { Outcome: RecipientOutcome.Failed, Status: "5.1.1" or "5.1.2" or "5.1.3" }));
        QueueRows.RemoveIfSettled(sql, database.Blobs, message.Id);
        copies?.Write(sql, mail, database.Blobs, signal);
        foreach (var notification in planned) notification.Write(sql, mail, database.Blobs, signal);
        return gone;
    }

    // What the result says about the address itself, and about what is passed on to it.
    private void Learn(Sql sql, QueuedMessage message, Fate fate)
    {
        var address = fate.Recipient.Recipient.Address;
        var now = time.GetUtcNow();
        if (message.Origin == QueueOrigin.Forward && (fate.Result.Reply is not null || fate.Cause is null)) ForwardTargets.Count(sql, address, fate.Cause, fate.Reason, now, log);
        if (fate.Result.Outcome == RecipientOutcome.Delivered) SuppressionList.Delivered(sql, address);
        else if (fate is { Result: { Outcome: RecipientOutcome.Failed, Reply: not null }, Cause: { } cause } && message.Origin == QueueOrigin.Submission && SuppressionList.IsHard(cause))
            SuppressionList.Bounced(sql, address, fate.Reason, options, now);
    }

    private static Step StepOf(QueuedMessage message, Fate fate, AttemptedAt where)
    {
        var address = fate.Recipient.Recipient.Address;
        var protection = where.Protection.ToString();
        // Who reads the trace runs the server, so what he can do comes before what the sender can.
        var explained = fate.Cause is not { } cause ? "" : $"In other words, {cause.Cause}. {(cause.Administrator.Length > 0 ? cause.Administrator : cause.Remedy)}{(cause.Link is { } link ? " " + link : "")}";
        return fate.Result.Outcome switch
        {
            RecipientOutcome.Delivered => new Step(StepKind.Delivered, address.ToString(), $"{where.Host} took it for {address}: {fate.Result.Reason} ({protection})"),
            RecipientOutcome.Failed => new Step(StepKind.Failed, address.ToString(), $"Given up for {address}: {fate.Reason} ({protection}) {Told(message, fate.Recipient)}", explained),
            _ => new Step(StepKind.Deferred, address.ToString(), $"Attempt {fate.Recipient.Attempts + 1} for {address} came to nothing: {fate.Reason} ({protection}) Next try {fate.Next!.Value.UtcDateTime:u}.", explained),
        };
    }

    private static string Told(QueuedMessage message, QueuedRecipient recipient)
    {
        if (message.ReversePath is null) return "It was a notification, so nobody is told.";
        return RecipientReport.IsWantedFor(recipient.Recipient, DsnAction.Failed) ? "Its sender was told." : "Its sender had asked not to be told.";
    }

    private void Tell(QueuedMessage message, Fate fate, AttemptedAt where)
    {
        var id = QueueId.Format(message.Id);
        var address = fate.Recipient.Recipient.Address.ToString();
        QueueMetrics.Attempts.Add(1, new TagList { { "sternpost.outcome", fate.Result.Outcome.ToString() } });
        switch (fate.Result.Outcome)
        {
            case RecipientOutcome.Delivered:
                QueueMetrics.Latency.Record((time.GetUtcNow() - message.Created).TotalSeconds);
                log.Delivered(id, address, where.Host, where.Protection.ToString(), fate.Result.Reason);
                break;
            case RecipientOutcome.Failed:
                log.Failed(id, address, fate.Reason, where.Protection.ToString());
                if (message.ReversePath is null) log.NobodyToTell(id, address);
                break;
            default:
                log.Deferred(id, address, fate.Next!.Value, fate.Recipient.Attempts + 1, fate.Reason, where.Protection.ToString());
                break;
        }
    }

    /// <summary>What becomes of a recipient: it leaves, or is tried again at <paramref name="Next"/>; and what its sender is told.</summary>
    private sealed record Fate(QueuedRecipient Recipient, RecipientResult Result, string Reason, DateTimeOffset? Next, bool Warned, DsnAction? Report, DeliveryCause? Cause = null);

    private sealed class DroppedMeanwhileException(List<long> recipients) : Exception("Recipients were dropped while they were attempted.")
    {
        internal List<long> Recipients { get; } = recipients;
    }
}
