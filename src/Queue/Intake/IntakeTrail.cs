using System.Globalization;
using Sternpost.Filter.Verdicts;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Filing;
using Sternpost.Smtp.Intake;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Queue.Intake;

/// <summary>The first steps of a message that is taken: who brought it, what was made of it, and where its copies went.</summary>
internal static class IntakeTrail
{
    private const int MostNamed = 200;

    internal static Action<Sql> Of(TraceBook book, long id, IncomingMessage message, RecipientPlan plan, IReadOnlyDictionary<long, Verdict> verdicts, IReadOnlyDictionary<long, ScriptFiling> filings)
    {
        var trail = new Trail
        {
            Id = id,
            Session = message.Session.SessionId,
            Name = QueueId.Format(id),
            Client = message.Session.ClientAddress.ToString(),
            Sender = message.Envelope.ReversePath?.ToString() ?? "",
            AccountId = message.Submitter?.Id,
            Recipients = [.. message.Envelope.Recipients.Select(recipient => recipient.Address.ToString())],
            About = message.Session.Caller is { Script.Length: > 0 } caller ? [caller.Script, Path.GetFileName(caller.Script)] : [],
        }.Of(message.Content.Span);
        var steps = new List<Step> { new(StepKind.Accepted, "", Came(message)) };
        foreach (var copy in plan.Local.Take(MostNamed))
        {
            var verdict = verdicts.GetValueOrDefault(copy.Account.Id);
            if (filings.TryGetValue(copy.Account.Id, out var filing))
            {
                steps.Add(new Step(StepKind.Filed, copy.Recipient.Address.ToString(), $"For {copy.Account.Address} {filing.Words}{(verdict is null ? "" : "; judged " + Judged(verdict))}.", filing.Advice));
                continue;
            }
            var junk = verdict?.Disposition is Disposition.Junk or Disposition.Reject;
            steps.Add(new Step(StepKind.Filed, copy.Recipient.Address.ToString(),
                $"Put into the {(junk ? "Junk folder" : "inbox")} of {copy.Account.Address}{(verdict is null ? "" : ": " + Judged(verdict))}.",
                junk ? "If it was wanted, moving it out of Junk teaches the filter; so does 'sternpost learn ham'." : ""));
        }
        foreach (var recipient in plan.Outside.Take(MostNamed))
            steps.Add(new Step(StepKind.Queued, recipient.Address.ToString(), message.Hold is null ? $"Waits to go out to {recipient.Address}." : $"Is kept back and does not go to {recipient.Address} yet.", message.Hold ?? ""));
        foreach (var (recipient, reason) in plan.KeptBack.Take(MostNamed))
            steps.Add(new Step(StepKind.Refused, recipient.Address.ToString(), $"Not passed on to {recipient.Address}: {reason}.", "Deliver it to a mailbox here instead, where it can be looked at and the filter taught; queue.forward_below sets the measure."));
        return book.Begin(trail, steps);
    }

    internal static Action<Sql> OfHeld(TraceBook book, long id, IncomingMessage message, string reason)
    {
        var name = QueueId.Format(id);
        var trail = new Trail
        {
            Id = id,
            Session = message.Session.SessionId,
            Name = name,
            Client = message.Session.ClientAddress.ToString(),
            Sender = message.Envelope.ReversePath?.ToString() ?? "",
            Recipients = [.. message.Envelope.Recipients.Select(recipient => recipient.Address.ToString())],
        }.Of(message.Content.Span);
        List<Step> steps = [new(StepKind.Accepted, "", Came(message)), new(StepKind.Held, "", $"Held in quarantine: {reason}", $"Look at it with 'sternpost quarantine show {name}', and let it go with 'sternpost quarantine release {name}'.")];
        return book.Begin(trail, steps);
    }

    private static string Came(IncomingMessage message)
    {
        var session = message.Session;
        var how = $"by {session.Protocol}{(session.TlsVersion is null ? ", in the clear" : ", " + session.TlsVersion)}, {message.Content.Length} octets, for {Words(message.Envelope)}";
        if (session.Caller is { } caller) return $"Sent by {(message.Submitter is { } site ? $"the site {site.Address}" : "a program of no site")}: {caller.InWords}; {how}.";
        if (message.Submitter is { } account) return $"Sent by {account.Address} from {session.ClientAddress} {how}.";
        var name = session.ReverseName is { } reverse ? $" ({reverse})" : "";
        var judged = message.Judgement is { } judgement ? " " + Proved(judgement.AuthenticationResults) : "";
        return $"Brought by {session.ClientAddress}{name} {how}.{judged}";
    }

    private static string Words(Envelope envelope) => envelope.Recipients.Count == 1 ? "one recipient" : $"{envelope.Recipients.Count} recipients";

    private static string Judged(Verdict verdict) =>
        string.Create(CultureInfo.InvariantCulture, $"{verdict.Disposition.ToString().ToLowerInvariant()}, score {verdict.Score:0.0}: {verdict.Reason.TrimEnd('.')}");

    // The results alone, without their properties: spf=pass, dkim=pass, dmarc=pass.
    private static string Proved(string results)
    {
        var found = new List<string>();
        foreach (var part in results.Split(';', StringSplitOptions.TrimEntries))
        {
            var word = part.Split((char[]?)null, 2)[0];
            if (word.Contains('=', StringComparison.Ordinal) && !found.Contains(word)) found.Add(word);
        }
        return found.Count == 0 ? "" : $"Authentication: {string.Join(", ", found)}.";
    }
}
