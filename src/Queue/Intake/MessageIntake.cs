using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Sternpost.Abuse.Holds;
using Sternpost.Abuse.Limits;
using Sternpost.Abuse.Trust;
using Sternpost.Accounts;
using Sternpost.Filter;
using Sternpost.Filter.Evidence;
using Sternpost.Filter.Evidence.Findings;
using Sternpost.Filter.Lessons;
using Sternpost.Filter.Outgoing;
using Sternpost.Filter.Verdicts;
using Sternpost.MailAuth.Dmarc;
using Sternpost.MailAuth.Spf;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Answers;
using Sternpost.Queue.Bounces;
using Sternpost.Queue.Filing;
using Sternpost.Queue.Forwarding;
using Sternpost.Queue.Gateway;
using Sternpost.Queue.Quarantine;
using Sternpost.Queue.Reputation;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Reports.Received;
using Sternpost.Smtp.Intake;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Queue.Intake;

/// <summary>
/// The point at which this server begins to answer for a message. Local copies, queued copies, the sender's count and the
/// notifications that follow at once are one transaction: after a crash all of them are there, or the client was never told 250.
/// </summary>
public sealed class MessageIntake(
    Database database,
    AccountDirectory directory,
    MailStore mail,
    JudgePanel judges,
    SendingLimits limits,
    MessageSigner signer,
    QueueSignal signal,
    QueueOptions options,
    TimeProvider time,
    ILogger<MessageIntake> log) : IMessageIntake
{
    /// <summary>Seals what aliases pass on; null leaves it unsealed.</summary>
    public MessageSealer? Sealer { get; init; }

    /// <summary>Where reports about our domains are kept; null keeps none.</summary>
    public ReceivedReports? Reports { get; init; }

    /// <summary>Reads what may be a complaint about our mail; answers what keeps it, for the transaction that keeps the message. Null reads none.</summary>
    public Func<IncomingMessage, CancellationToken, ValueTask<Action<Sql>?>>? Desk { get; init; }

    /// <summary>This server's own history of mail; null keeps none.</summary>
    public ServerEvidence? Evidence { get; init; }

    /// <summary>The trust each sender has; null trusts everybody.</summary>
    public SenderTrust? Trust { get; init; }

    /// <summary>Looks at what users send; null looks at nothing.</summary>
    public OutgoingContent? Content { get; init; }

    /// <summary>Where the way of messages is written down; null writes nothing down.</summary>
    public TraceBook? Book { get; init; }

    /// <summary>Answers for who is away; null answers nobody.</summary>
    public VacationAnswers? Answers { get; init; }

    /// <summary>Runs the scripts of accounts; null runs none.</summary>
    public ScriptedDelivery? Scripts { get; init; }

    /// <summary>What goes to mailboxes behind us that the filter learns from; null where it learns from none.</summary>
    public PassedMail? Passed { get; init; }

    /// <summary>How long messages are held that nobody looks at.</summary>
    public TimeSpan KeepHeld { get; init; } = TimeSpan.FromDays(30);

    // How long a single message waits that is too much by itself.
    private static readonly TimeSpan TooMuchAtOnce = TimeSpan.FromHours(1);

    private NotificationIntake? made;

    private NotificationIntake Notifications => made ??= new NotificationIntake(database, new ServerMail(database, directory, mail, signer, signal, options, time) { Book = Book }, options, time);

    /// <inheritdoc/>
    public ValueTask<IntakeResult> AcceptAsync(IncomingMessage message, CancellationToken cancellation) => AcceptAsync(message, null, cancellation);

    /// <summary>Takes a message that was held, with what ends its being held in the same transaction.</summary>
    internal ValueTask<IntakeResult> ReleaseAsync(IncomingMessage message, Action<Sql> alongside, CancellationToken cancellation) => AcceptAsync(message, alongside, cancellation);

    private async ValueTask<IntakeResult> AcceptAsync(IncomingMessage message, Action<Sql>? alongside, CancellationToken cancellation)
    {
        var id = database.NextId();
        var name = QueueId.Format(id);
        if (HeaderBlock.HasLooped(message.Content.Span, options.HostName.Ascii))
            return Refuse(name, 554, "5.4.6", "The message has passed through too many servers; it is going round in circles");

        var plan = await RecipientPlan.MakeAsync(directory, message.Envelope.Recipients, mayRelay: message.Submitter is not null || message.Gateway != GatewayRole.None, isBounce: message.Envelope.ReversePath is null, cancellation).ConfigureAwait(false);
        if (plan.Local.Count == 0 && plan.Outside.Count == 0)
            return Refuse(name, plan.Refused[0].Code, plan.Refused[0].Status, plan.Refused[0].Text);

        if (message.Judgement?.Verdict.IsQuarantined == true) return await HoldAsync(id, message, plan, cancellation).ConfigureAwait(false);
        var (verdicts, filings) = await FileAsync(message, plan, isReleased: alongside is not null, cancellation).ConfigureAwait(false);
        // RFC 5429 §2.1.1: where a refusal can be said to the client, no message says it to somebody innocent.
        if (plan is { Local: [var only], Outside: [] } && filings.GetValueOrDefault(only.Account.Id)?.Rejection is { } reason) return Refuse(name, 550, "5.7.1", $"{only.Recipient.Address} does not take this message: {OneLine(reason)}");
        await KeepSpamBackAsync(name, message, plan, cancellation).ConfigureAwait(false);
        plan.LeaveOut(filings);
        if (plan.Local.Count == 0 && plan.Outside.Count == 0) return Refuse(name, 550, "5.7.1", plan.KeptBack[0].Reason);

        var (planned, edited, junk) = await PlanAsync(id, message, plan, verdicts, filings, cancellation).ConfigureAwait(false);
        IReadOnlyList<PlannedMessage> followUps = [.. await FollowUpsAsync(id, message, plan, filings, junk, cancellation).ConfigureAwait(false), .. filings.Values.SelectMany(filing => filing.Replies)];
        var reports = await ReportsInAsync(message, cancellation).ConfigureAwait(false);
        var sender = message.Submitter is null ? null : message.Sender ?? SendingIdentity.Of(message.Submitter, null, message.Session.ClientAddress);
        var counted = new OutgoingCount(plan.Local.Count, [.. plan.Outside.Select(recipient => recipient.Address)], IsAutomatic(message));
        var traits = Trust is null || message.Submitter is null ? null : TraitsOf(message);
        IReadOnlyList<DeliveredEmail> delivered = [];
        var complaint = Desk is null ? null : await Desk(message, cancellation).ConfigureAwait(false);
        IntakeResult? instead = null;
        var (reached, hold) = await database.WriteAsync(
            sql =>
            {
                if ((instead = message.Guard?.Before(sql)) is not null) return (null, null);
                Hold? held = null;
                if (sender is not null)
                {
                    var outcome = limits.Count(sql, sender, counted);
                    if (outcome.Refusal is not null) return (outcome.Refusal, null);
                    if (outcome.Hold is { } soft) held = HoldOf(soft);
                    if (traits is not null && Trust!.Judge(sql, id, message.Submitter!, traits, counted.External.Count, outcome.New.Count) is { } unusual) held = unusual;
                    if (counted.External.Count == 0) held = null;
                }
                alongside?.Invoke(sql);
                delivered = [.. planned.Write(sql, mail, database.Blobs, signal, held), .. edited.SelectMany(copy => copy.Write(sql, mail, database.Blobs, signal))];
                foreach (var filing in filings.Values) filing.Alongside.ForEach(seen => seen(sql));
                if (held is not null) WriteHold(sql, id, message.Submitter!.Id, held);
                if (traits is not null) NoteCopies(sql, id, counted.External, delivered);
                foreach (var report in reports) NoteComplaint(sql, message, report.Report);
                foreach (var notification in followUps) notification.Write(sql, mail, database.Blobs, signal);
                if (reports.Count > 0) Reports!.Write(sql, reports);
                complaint?.Invoke(sql);
                message.Guard?.Kept(sql, id, name, leaves: plan.Outside.Count > 0);
                return ((LimitReached?)null, held);
            },
            cancellation).ConfigureAwait(false);
        if (reached is not null || instead is not null)
        {
            database.Blobs.Discard(planned.Blob);
            foreach (var notification in followUps.Concat(edited)) database.Blobs.Discard(notification.Blob);
        }
        // A script that threw the message away left nobody with it.
        else if (planned.Targets.Count == 0 && planned.Outgoing is null) database.Blobs.Discard(planned.Blob);
        if (instead is not null) return instead.Accepted ? instead : Refuse(name, instead.Code, instead.EnhancedCode, instead.Text);
        if (reached is not null)
        {
            log.LimitReached(name, message.Submitter!.Address.ToString(), reached.Limit, reached.Allowed);
            return reached.IsForGood ? Refuse(name, 550, "5.7.28", reached.Explanation) : Refuse(name, 452, "4.7.28", reached.Explanation);
        }
        // Whom a thief writes to is no acquaintance of the account's.
        if (hold is not { Kind: HoldKind.Trust }) Remember(message, delivered, verdicts);
        Answer(message, plan, delivered, verdicts);
        QueueMetrics.Accepted.Add(1, new TagList { { "sternpost.direction", message.Submitter is null ? "in" : "out" } });
        if (plan.Outside.Count > 0) QueueMetrics.Queued.Add(plan.Outside.Count);
        log.Accepted(name, message.Session.SessionId, message.Envelope.ReversePath?.ToString() ?? "<>", plan.Local.Count, plan.Outside.Count, message.Content.Length);
        if (hold is null) return new IntakeResult(true, 250, "2.0.0", "Ok, kept as " + name, name);
        log.Held(name, message.Submitter!.Address.ToString(), hold.Reason);
        QueueMetrics.Held.Add(1, new TagList { { "sternpost.hold", hold.Kind.ToString() } });
        return new IntakeResult(true, 250, "2.0.0", $"Ok, kept as {name}, but it waits for a while: {hold.Reason}", name);
    }

    private MessageTraits TraitsOf(IncomingMessage message)
    {
        var view = Content?.Look(message.Session, message.Envelope, message.Content) ?? OutgoingView.None;
        return new MessageTraits
        {
            Source = message.Session.ClientAddress,
            Program = HeaderBlock.Program(message.Content.Span),
            LinkDomains = view.LinkDomains,
            Script = view.Script,
            ContentScore = view.Score,
            MessageId = HeaderBlock.MessageId(message.Content.Span),
            Session = message.Session.SessionId,
            Credential = message.Credential,
        };
    }

    // Where each copy went, for the case that the message turns out to be a thief's.
    private static void NoteCopies(Sql sql, long id, IReadOnlyList<EmailAddress> outside, IReadOnlyList<DeliveredEmail> delivered)
    {
        var number = 0;
        foreach (var address in outside) SentMessages.AddCopy(sql, number++, new SentCopy(id, address.ToString(), null, 0, 0, 0));
        foreach (var copy in delivered) SentMessages.AddCopy(sql, number++, new SentCopy(id, "", copy.AccountId, copy.EmailId, copy.MailboxId, copy.Uid));
    }

    // A complaint counts where its author is proved, or anybody could spend anybody's trust.
    private void NoteComplaint(Sql sql, IncomingMessage message, ReceivedReport report)
    {
        if (Trust is null || report is not { Kind: ReportKind.Feedback, Authenticated: true }) return;
        if (SentMessages.Find(sql, report.ReportId, HeaderBlock.SessionOf(message.Content.Span, options.HostName.Ascii)) is not { } sent) return;
        Trust.Complained(sql, sent, report.Organisation.Length > 0 ? report.Organisation : report.Sender);
        Book?.Write(sql, sent.Id, new Step(StepKind.Failed, "", $"{report.Sender} passed a recipient's complaint on.", "Whoever complains did not want it: take the address off the list it came from."));
    }

    // RFC 3834 §5 marks what answers by itself; a receipt or a bounce has the null reverse-path. To several recipients neither goes.
    private static bool IsAutomatic(IncomingMessage message) =>
        message.Envelope.Recipients.Count == 1 && (message.Envelope.ReversePath is null || HeaderBlock.IsAutomatic(message.Content.Span));

    private Hold HoldOf(LimitReached soft) => new(HoldKind.Limit, soft.Explanation, soft.IsForGood ? time.GetUtcNow() + TooMuchAtOnce : soft.RoomAt);

    private void WriteHold(Sql sql, long id, long account, Hold hold)
    {
        HoldRows.Insert(sql, id, account, time.GetUtcNow(), hold);
        Book?.Write(sql, id, new Step(StepKind.Held, "", $"Kept back until {hold.ReleaseAt.UtcDateTime:u}: {hold.Reason}.", $"It goes on by itself then. To let it go at once: sternpost queue release {QueueId.Format(id)}"));
    }

    // What an alias passes on counts as ours where it arrives, so the measure is stricter than for a mailbox here; and stricter still for a target that has refused much.
    private async ValueTask KeepSpamBackAsync(string name, IncomingMessage message, RecipientPlan plan, CancellationToken cancellation)
    {
        if (message.Submitter is not null || plan.Forwarded.Count == 0 || message.Judgement?.Verdict is not { } verdict) return;
        foreach (var copy in plan.Forwarded)
        {
            var rests = await database.ReadAsync(sql => ForwardTargets.RestsUntil(sql, copy.Address, time.GetUtcNow()), cancellation).ConfigureAwait(false);
            var most = rests is null ? options.ForwardBelow : Math.Min(0, options.ForwardBelow);
            if (verdict.Disposition == Disposition.Accept && verdict.Score < most) continue;
            var reason = rests is null
                ? "The message looks too much like spam to be passed on to its recipient, whose mail is kept elsewhere"
                : "Mail for this recipient is kept elsewhere, where too much of it was refused lately; for a day only what is surely wanted is passed on";
            plan.KeepBack(copy, reason);
            log.NotPassedOn(name, copy.Address.ToString(), reason);
        }
    }

    // Kept as safely as a delivered message, but in nobody's mailbox.
    private async ValueTask<IntakeResult> HoldAsync(long id, IncomingMessage message, RecipientPlan plan, CancellationToken cancellation)
    {
        var (name, now) = (QueueId.Format(id), time.GetUtcNow());
        var blob = database.Blobs.Prepare(message.Content);
        var held = HoldPlan.Of(id, message, plan, blob, now, KeepHeld);
        var writeTrail = Book is null ? null : IntakeTrail.OfHeld(Book, id, message, held.Reason);
        await database.WriteAsync(
            sql =>
            {
                writeTrail?.Invoke(sql);
                database.Blobs.Put(sql, blob);
                QuarantineRows.Insert(sql, held);
                return true;
            },
            cancellation).ConfigureAwait(false);
        QueueMetrics.Quarantined.Add(1);
        log.Quarantined(name, message.Session.SessionId, message.Envelope.ReversePath?.ToString() ?? "<>", held.Recipients.Count, held.Reason);
        return new IntakeResult(true, 250, "2.0.0", "Ok, kept as " + name, name);
    }

    // Behind the mail: nothing here can fail it any more.
    private void Remember(IncomingMessage message, IReadOnlyList<DeliveredEmail> delivered, Dictionary<long, Verdict> verdicts)
    {
        if (Evidence is null) return;
        if (message.Submitter is not null)
            Evidence.Submitted(message.Submitter.Id, message.Content, [.. message.Envelope.Recipients.Select(recipient => recipient.Address)]);
        else if (message.Judgement is { } judgement)
            Evidence.Delivered(judgement, [.. delivered.Select(copy => new DeliveredCopy(copy.AccountId, copy.EmailId, copy.MailboxId, copy.Uid, verdicts[copy.AccountId]))]);
    }

    // RFC 3834 §2: to the reverse-path alone; and never to one that is not proved, for it may be anybody's.
    private void Answer(IncomingMessage message, RecipientPlan plan, IReadOnlyList<DeliveredEmail> delivered, Dictionary<long, Verdict> verdicts)
    {
        if (Answers is null || message.Envelope.ReversePath is not { } sender || message.Judgement?.Authentication?.Dmarc.Kind == DmarcKind.Fail) return;
        foreach (var copy in delivered)
        {
            if (verdicts.TryGetValue(copy.AccountId, out var verdict) && verdict.Disposition != Disposition.Accept) continue;
            if (plan.Local.Find(local => local.Account.Id == copy.AccountId) is { } found) Answers.Consider(found.Account, copy.EmailId, sender, found.Recipient.Address);
        }
    }

    // What each account's own learning and its script make of the message. What a script sends on to an account here is filed by that one's script in turn.
    private async ValueTask<(Dictionary<long, Verdict> Verdicts, Dictionary<long, ScriptFiling> Filings)> FileAsync(IncomingMessage message, RecipientPlan plan, bool isReleased, CancellationToken cancellation)
    {
        var verdicts = new Dictionary<long, Verdict>(plan.Local.Count);
        var filings = new Dictionary<long, ScriptFiling>();
        for (var i = 0; i < plan.Local.Count; i++)
        {
            var copy = plan.Local[i];
            var verdict = message.Judgement is null ? null : await judges.ForAccountAsync(message.Judgement, copy.Account.Id, cancellation).ConfigureAwait(false);
            if (verdict is not null) verdicts[copy.Account.Id] = verdict;
            if (Scripts is not null && await Scripts.FileAsync(message, copy, verdict, DeliveryHeaders.Build(message.Envelope.ReversePath, verdict, message.TraceHeaders.Span, copy.Masked), cancellation).ConfigureAwait(false) is { } filing)
            {
                // Whoever let it go wants it; and a sender who was told it was taken, days ago, is not told otherwise now.
                if (isReleased && filing.Rejection is not null) filing = ScriptedDelivery.Released();
                filings[copy.Account.Id] = filing;
                foreach (var address in filing.Redirects) await plan.SendOnAsync(directory, copy, address, cancellation).ConfigureAwait(false);
                if (filing.Rejection is not null) continue;
            }
            // Junk stays where its owner can look at it, and where it spoils nobody's opinion of this server.
            if (verdict?.Disposition is Disposition.Junk or Disposition.Reject || await directory.ForwardAsync(copy.Account.Id, cancellation).ConfigureAwait(false) is not { } forward) continue;
            await plan.SendOnAsync(directory, copy, forward.Target, cancellation).ConfigureAwait(false);
            if (!forward.Keeps) plan.Instead.Add((copy, forward.Target));
        }
        return (verdicts, filings);
    }

    private static string OneLine(string text)
    {
        var line = string.Concat(text.ReplaceLineEndings(" ").Select(c => c is >= ' ' and <= '~' ? c : '?'));
        return line.Length <= 200 ? line : line[..200];
    }

    // A copy whose header the script has changed is a message of its own.
    private PlannedMessage PlanEdited(long accountId, FiledCopy copy)
    {
        var email = mail.Prepare(copy.Edited!.Value);
        return new PlannedMessage { Id = database.NextId(), Blob = email.Blob, Email = email, Targets = [TargetOf(accountId, copy, default)] };
    }

    private static DeliveryTarget TargetOf(long accountId, FiledCopy copy, ReadOnlyMemory<byte> prefix) =>
        new(accountId, copy.Use, prefix) { Mailbox = copy.Mailbox, Create = copy.Create, Flags = copy.Flags, Keywords = copy.Keywords };

    private async ValueTask<(PlannedMessage Message, List<PlannedMessage> Edited, bool Junk)> PlanAsync(
        long id, IncomingMessage message, RecipientPlan plan, Dictionary<long, Verdict> verdicts, Dictionary<long, ScriptFiling> filings, CancellationToken cancellation)
    {
        var signature = message.Submitter is null && message.Gateway != GatewayRole.Outward
            ? ReadOnlyMemory<byte>.Empty
            : await signer(HeaderBlock.From(message.Content.Span), message.Content, cancellation).ConfigureAwait(false);
        ReadOnlyMemory<byte> trace = signature.IsEmpty ? message.TraceHeaders : (byte[])[.. signature.Span, .. message.TraceHeaders.Span];
        var (reversePath, seal) = await ForwardAsync(message, plan, trace, cancellation).ConfigureAwait(false);
        ReadOnlyMemory<byte> outgoing = seal.IsEmpty ? trace : (byte[])[.. seal.Span, .. trace.Span];
        // The server behind files by what this one found.
        Action<Sql>? notePassed = null;
        if (message is { Gateway: GatewayRole.Inward, Judgement: { } judged })
        {
            var found = await FindBehindAsync(judged, plan, cancellation).ConfigureAwait(false);
            outgoing = (byte[])[.. DeliveryHeaders.Verdict(found), .. outgoing.Span];
            if (Passed is not null) notePassed = sql => Passed.Note(sql, id, message, [.. plan.Outside.Select(recipient => recipient.Address)], found.Disposition != Disposition.Accept);
        }
        var targets = new List<DeliveryTarget>(plan.Local.Count);
        List<PlannedMessage> edited = [];
        var junk = message.Judgement?.Verdict.Disposition is Disposition.Junk;
        foreach (var local in plan.Local)
        {
            var accountId = local.Account.Id;
            var verdict = verdicts.GetValueOrDefault(accountId);
            var prefix = DeliveryHeaders.Build(message.Envelope.ReversePath, verdict, trace.Span, local.Masked);
            if (filings.TryGetValue(accountId, out var filing))
            {
                foreach (var copy in filing.Copies)
                {
                    if (copy.Edited is null) targets.Add(TargetOf(accountId, copy, prefix));
                    else edited.Add(PlanEdited(accountId, copy));
                }
                continue;
            }
            var use = verdict?.Disposition is Disposition.Junk or Disposition.Reject ? SpecialUse.Junk : SpecialUse.Inbox;
            targets.Add(new DeliveryTarget(accountId, use, prefix));
        }
        var now = time.GetUtcNow();
        var email = targets.Count > 0 ? mail.Prepare(message.Content) : null;
        var blob = email?.Blob ?? database.Blobs.Prepare(message.Content);
        return (new PlannedMessage
        {
            Id = id,
            Blob = blob,
            Email = email,
            Targets = targets,
            OutgoingPrefix = outgoing,
            Outgoing = plan.Outside.Count == 0 ? null : new QueuedMessage
            {
                Id = id,
                BlobId = blob.Id,
                Origin = message.Submitter is null ? QueueOrigin.Forward : QueueOrigin.Submission,
                AccountId = message.Submitter?.Id,
                ReversePath = reversePath,
                Body = message.Envelope.Body,
                SmtpUtf8 = message.Envelope.SmtpUtf8,
                Return = message.Envelope.Return,
                EnvelopeId = message.Envelope.EnvelopeId,
                // RFC 8689 §4.1: the option counts more than the field.
                Transport = message.Envelope.RequireTls ? TransportNeed.RequireTls : HeaderBlock.SaysTlsNotRequired(message.Content.Span) ? TransportNeed.TlsNotRequired : TransportNeed.Usual,
                Pool = message.Submitter is { } sender && sender.Created + options.NewSenderFor <= now ? SourcePool.Usual : SourcePool.Risky,
                Size = outgoing.Length + message.Content.Length,
                Created = now,
                Expires = now + options.GiveUpAfter,
            },
            Recipients = [.. plan.Outside.Select(recipient => new QueuedRecipient(database.NextId(), id, recipient, 0, now, null, Held: message.Hold is not null, Warned: false))],
            WriteTrail = (Book is null ? null : IntakeTrail.Of(Book, id, message, plan, verdicts, filings)) + notePassed,
        }, edited, junk);
    }

    // One recipient's mark may follow that user's lessons; a mark that several will read follows those of the whole server.
    private async ValueTask<Verdict> FindBehindAsync(Judgement judgement, RecipientPlan plan, CancellationToken cancellation)
    {
        var owner = Passed is null || plan.Outside is not [var only] || plan.Local.Count > 0 ? null : await Passed.LessonsOfAsync(only.Address, cancellation).ConfigureAwait(false);
        return await judges.ForAccountAsync(judgement, owner ?? AccountLessons.WholeServer, cancellation).ConfigureAwait(false);
    }

    // What an alias passes on leaves in our name, with a way back to its sender, and with our word on who that was.
    private async ValueTask<(EmailAddress? ReversePath, ReadOnlyMemory<byte> Seal)> ForwardAsync(IncomingMessage message, RecipientPlan plan, ReadOnlyMemory<byte> trace, CancellationToken cancellation)
    {
        var sender = message.Envelope.ReversePath;
        if (message.Submitter is not null || plan.ForwardedBy is not { } domain) return (sender, default);
        return (sender is null ? null : await directory.ReturnPathAsync(sender, domain, cancellation).ConfigureAwait(false),
            Sealer is null ? default : await Sealer(domain, message.Content, trace, message.Judgement?.AuthenticationResults ?? "", cancellation).ConfigureAwait(false));
    }

    // Reports to our own report addresses are kept beside the mail they came in.
    private async ValueTask<IReadOnlyList<ReportToKeep>> ReportsInAsync(IncomingMessage message, CancellationToken cancellation)
    {
        if (Reports is null || message.Submitter is not null || !message.Envelope.Recipients.Any(recipient => Reports.IsReportAddress(recipient.Address))) return [];
        var ours = await directory.DomainsAsync(cancellation).ConfigureAwait(false);
        var authentication = message.Judgement?.Authentication;
        return Reports.Read(message.Content, authentication?.FromDomain, authentication?.Dmarc.Kind == DmarcKind.Pass, [.. ours.Select(domain => domain.Name)]);
    }

    // What the sender must be told at once: of recipients that vanished since RCPT, and of local delivery where asked (RFC 3461 §5.2.1).
    private async ValueTask<IReadOnlyList<PlannedMessage>> FollowUpsAsync(long id, IncomingMessage message, RecipientPlan plan, Dictionary<long, ScriptFiling> filings, bool junk, CancellationToken cancellation)
    {
        // A junk message's sender is as a rule forged, and a notification would be spam to somebody innocent.
        if (message.Envelope.ReversePath is null || junk) return [];
        var reports = new List<RecipientReport>();
        foreach (var refusal in plan.Refused)
            reports.Add(new RecipientReport(refusal.Recipient, DsnAction.Failed, "5" + refusal.Status[1..], refusal.Text));
        foreach (var copy in plan.Local)
        {
            if (filings.GetValueOrDefault(copy.Account.Id)?.Rejection is { } reason)
            {
                // RFC 5429 §2.1.1: a reverse-path that is shown to be forged belongs to somebody who never wrote.
                if (message.Judgement?.Authentication is { Dmarc.Kind: DmarcKind.Fail } or { Spf.Kind: SpfKind.Fail, Dmarc.Kind: not DmarcKind.Pass }) continue;
                reports.Add(new RecipientReport(copy.Recipient, DsnAction.Failed, "5.7.1", OneLine(reason)));
                continue;
            }
            if (copy.Recipient.Notify.HasFlag(DsnNotify.Success))
                reports.Add(new RecipientReport(copy.Recipient, DsnAction.Delivered, "2.1.5", "The message is in the mailbox"));
        }
        if (reports.Count == 0) return [];
        return await Notifications.PlanAsync(
            new ReportedMessage(id, message.Envelope.ReversePath, message.Envelope.EnvelopeId, message.Envelope.Return, time.GetUtcNow()) { Transport = message.Envelope.RequireTls ? TransportNeed.RequireTls : TransportNeed.Usual }, message.Content, reports, cancellation).ConfigureAwait(false);
    }

    private IntakeResult Refuse(string name, int code, string status, string text)
    {
        log.Refused(name, code, text);
        return new IntakeResult(false, code, status, text, name);
    }
}
