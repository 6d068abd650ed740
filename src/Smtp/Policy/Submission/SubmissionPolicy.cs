using Sternpost.Abuse.Limits;
using Sternpost.Accounts;
using Sternpost.Filter;
using Sternpost.Filter.Verdicts;
using Sternpost.Messages.Addresses;
using Sternpost.Smtp.Grammar;
using Sternpost.Smtp.Intake;
using Sternpost.Smtp.Policy.Local;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Policy.Submission;

/// <summary>The door for our users (RFC 6409): signed in, as themselves, to anybody, within their limits.</summary>
internal sealed class SubmissionPolicy(SmtpServices services) : SessionPolicy
{
    internal override string Door => "submission";

    internal override bool TakesUsers => true;

    internal override async ValueTask<Reply?> MaySendAsync(SmtpSession session, MailArgument mail, CancellationToken cancellation)
    {
        // RFC 6409 §4.3.
        if (session.Account is not { } account) return session.Connection.IsTls ? Replies.AuthRequired : Replies.AuthRequiredTls;
        // Asked anew for each message: a connection may outlive the account's right to send.
        var now = await services.Directory.FindAccountAsync(account.Address, cancellation).ConfigureAwait(false);
        if (now is not { Status: AccountStatus.Active } || now.Id != account.Id) return Replies.AccountClosed(account.Address);
        session.Account = now;
        // The null reverse-path is for what must not be answered, such as read receipts (RFC 8098 §2.1); From is checked all the same.
        if (mail.ReversePath is not { } sender) return null;
        return await services.Directory.MaySendAsAsync(now, sender, cancellation).ConfigureAwait(false) ? null : Replies.SenderNotOwned(sender, now);
    }

    internal override async ValueTask<Reply?> MayReceiveAsync(SmtpSession session, Transaction transaction, EmailAddress recipient, CancellationToken cancellation)
    {
        var outside = 0;
        if (services.RecipientAsked is { } asked) await asked(session.Account!, recipient, session.Client, cancellation).ConfigureAwait(false);
        switch (await services.Directory.ResolveAsync(recipient, cancellation).ConfigureAwait(false))
        {
            case RecipientResolution.Deliver found:
                outside = found.Forward.Count;
                break;
            case RecipientResolution.Unknown or RecipientResolution.Return:
                return Replies.UnknownRecipient(recipient);
            case RecipientResolution.SwitchedOff:
                return Replies.SwitchedOff(recipient);
            case RecipientResolution.Full:
                return Replies.RecipientFull(recipient);
            default:
                if (services.Suppressed is { } suppressed && await suppressed(recipient, cancellation).ConfigureAwait(false) is { } why) return Replies.Suppressed(recipient, why);
                outside = 1;
                break;
        }
        if (outside == 0) return null;
        // The first is not asked about: an automatic reply has one recipient and a limit of its own, and only its header says that it is one.
        // Nor is what stays here. The count at the end of the message decides; here it is only told early.
        if (transaction.Outside == 0 && outside == 1)
        {
            transaction.Outside = 1;
            return null;
        }
        var reached = await services.Limits.CheckAsync(Sender(session), 0, transaction.Outside + outside, cancellation).ConfigureAwait(false);
        if (reached is not null) return Replies.LimitReached(reached);
        transaction.Outside += outside;
        return null;
    }

    internal override async ValueTask<Reply> TakeAsync(SmtpSession session, Transaction transaction, MessageBuffer message, CancellationToken cancellation)
    {
        var account = session.Account!;
        var header = SubmittedHeader.Read(message.Content.Span);
        if (header.Problem is not null) return Replies.MessageMalformed(header.Problem);
        foreach (var author in header.Authors)
        {
            if (!await services.Directory.MaySendAsAsync(account, author, cancellation).ConfigureAwait(false)) return Replies.FromNotOwned(author, account);
        }
        var envelope = transaction.ToEnvelope();
        if (await SiteRules.CheckAsync(services, account, message.Content, [.. envelope.Recipients.Select(recipient => recipient.Address)], cancellation).ConfigureAwait(false) is { } injected) return injected;
        if (account.Site is not null) session.Caller = CallerEvidence.Said(session.Claims);
        var facts = await session.FactsAsync(transaction).ConfigureAwait(false);
        var inspected = await services.Judges.InspectOutgoingAsync(new MessageUnderJudgement(facts, envelope, message.Content), cancellation).ConfigureAwait(false);
        if (inspected.Deferral is { } waiting) return Replies.ComeBack(waiting);
        // Held mail would be missed by its sender; told at once, he can mend it.
        if (inspected.Verdict.Disposition == Disposition.Reject || inspected.Verdict.IsQuarantined) return Replies.OutgoingRefused(inspected.Verdict);
        var trace = TraceHeaders.Build(services.Options.HostName, session.Hello, facts, envelope, "");
        var content = MissingFields.Add(message.Content, header, account.Address.Domain, facts);
        var incoming = await SiteRules.GuardAsync(services, new IncomingMessage(facts, envelope, trace, content, null, account) { Sender = Sender(session), Credential = session.AppPassword?.Id }, account, session.Caller, transaction.Outside, transaction.Mail.OnceKey, cancellation).ConfigureAwait(false);
        var result = await services.Intake.AcceptAsync(incoming, CancellationToken.None).ConfigureAwait(false);
        return Replies.From(result);
    }

    private static SendingIdentity Sender(SmtpSession session) => SendingIdentity.Of(session.Account!, session.AppPassword, session.Client);
}
