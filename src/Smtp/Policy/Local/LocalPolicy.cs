using Sternpost.Abuse.Limits;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Filter.Verdicts;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Smtp.Grammar;
using Sternpost.Smtp.Intake;
using Sternpost.Smtp.Policy.Submission;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Policy.Local;

/// <summary>
/// The door for programs of this computer. Nobody signs in: the kernel says who connects. What belongs to a site may write as the site; what
/// belongs to none (cron, the system's own programs) may write to this server's own addresses and to nobody else.
/// </summary>
internal sealed class LocalPolicy(SmtpServices services) : SessionPolicy
{
    // The domain under which programs know this computer (RFC 6761 §6.3).
    private static readonly DomainName Here = DomainName.Parse("localhost");

    internal override string Door => "sendmail";

    internal override bool TakesUsers => true;

    internal override async ValueTask<Reply?> MaySendAsync(SmtpSession session, MailArgument mail, CancellationToken cancellation)
    {
        var caller = CallerEvidence.Of(session.Connection.Peer!, session.Claims);
        session.Caller = caller;
        var account = await services.Directory.FindSiteAsync(caller.UserId?.ToString() ?? "", caller.UserName, [.. new[] { caller.Script, caller.Folder }.Where(place => place.Length > 0)], cancellation).ConfigureAwait(false);
        session.Account = account;
        if (account is null) return mail.ReversePath is not { } from || IsHere(from) || from.Domain == services.Options.HostName ? null : NoSite(caller, $"to write as <{from}>");
        if (account.Status != AccountStatus.Active) return new Reply(550, "5.7.1", $"The site {account.Address} is blocked; its administrator can say why, and end it with: sternpost site unblock {account.Address}");
        if (mail.ReversePath is not { } sender || IsHere(sender)) return null;
        return await services.Directory.MaySendAsAsync(account, sender, cancellation).ConfigureAwait(false) ? null : Replies.SenderNotOwned(sender, account);
    }

    internal override async ValueTask<Reply?> MayReceiveAsync(SmtpSession session, Transaction transaction, EmailAddress recipient, CancellationToken cancellation)
    {
        if (IsHere(recipient))
        {
            return await OriginAsync(cancellation).ConfigureAwait(false) is null ? Replies.NoPostmaster : null;
        }
        var outside = 0;
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
        if (session.Account is not { } account) return outside == 0 ? null : NoSite(session.Caller!, $"to write to <{recipient}>");
        if (outside == 0) return null;
        var reached = await services.Limits.CheckAsync(Sender(account), 0, transaction.Outside + outside, cancellation).ConfigureAwait(false);
        if (reached is not null) return Replies.LimitReached(reached);
        transaction.Outside += outside;
        return null;
    }

    internal override async ValueTask<Reply> TakeAsync(SmtpSession session, Transaction transaction, MessageBuffer message, CancellationToken cancellation)
    {
        var (account, caller) = (session.Account, session.Caller!);
        if (await OriginAsync(cancellation).ConfigureAwait(false) is not { } origin) return Replies.NoPostmaster;
        var envelope = await EnvelopeAsync(transaction, account, origin, cancellation).ConfigureAwait(false);
        var content = LocalHeader.Complete(message.Content, name => account?.Address ?? EmailAddress.Of(name.Length > 0 ? name : caller.UserName.Length > 0 ? caller.UserName : "nobody", services.Options.HostName));
        var header = SubmittedHeader.Read(content.Span);
        if (header.Problem is not null) return Replies.MessageMalformed(header.Problem);
        foreach (var author in header.Authors)
        {
            if (account is null ? author.Domain == services.Options.HostName : await services.Directory.MaySendAsAsync(account, author, cancellation).ConfigureAwait(false)) continue;
            return account is null ? NoSite(caller, $"to write as <{author}>") : Replies.FromNotOwned(author, account);
        }
        if (account is not null && await SiteRules.CheckAsync(services, account, content, [.. envelope.Recipients.Select(recipient => recipient.Address)], cancellation).ConfigureAwait(false) is { } injected) return injected;
        var facts = await session.FactsAsync(transaction).ConfigureAwait(false);
        var inspected = await services.Judges.InspectOutgoingAsync(new MessageUnderJudgement(facts, envelope, content), cancellation).ConfigureAwait(false);
        if (inspected.Deferral is { } waiting) return Replies.ComeBack(waiting);
        if (inspected.Verdict.Disposition == Disposition.Reject || inspected.Verdict.IsQuarantined) return Replies.OutgoingRefused(inspected.Verdict);
        var trace = TraceHeaders.Build(services.Options.HostName, session.Hello, facts, envelope, "");
        content = MissingFields.Add(content, header, account?.Address.Domain ?? origin, facts);
        var incoming = await SiteRules.GuardAsync(services, new IncomingMessage(facts, envelope, trace, content, null, account) { Sender = account is null ? null : Sender(account) }, account, caller, transaction.Outside, transaction.Mail.OnceKey, cancellation).ConfigureAwait(false);
        return Replies.From(await services.Intake.AcceptAsync(incoming, CancellationToken.None).ConfigureAwait(false));
    }

    // Names of this computer's users become addresses: the account of that name at our domain, else whoever is responsible.
    private async ValueTask<Envelope> EnvelopeAsync(Transaction transaction, Account? account, DomainName origin, CancellationToken cancellation)
    {
        var envelope = transaction.ToEnvelope();
        var recipients = new List<EnvelopeRecipient>(envelope.Recipients.Count);
        foreach (var recipient in envelope.Recipients)
        {
            if (!IsHere(recipient.Address))
            {
                recipients.Add(recipient);
                continue;
            }
            var named = EmailAddress.Of(recipient.Address.LocalPart, origin);
            var known = await services.Directory.ResolveAsync(named, cancellation).ConfigureAwait(false) is RecipientResolution.Deliver { Local.Count: > 0 };
            recipients.Add(recipient with { Address = known ? named : EmailAddress.Of("postmaster", origin) });
        }
        // Where a program of no site failed to reach somebody there is nobody to tell.
        var sender = account is null || envelope.ReversePath is null ? null : IsHere(envelope.ReversePath) ? account.Address : envelope.ReversePath;
        return envelope with { ReversePath = sender, Recipients = recipients };
    }

    private async ValueTask<DomainName?> OriginAsync(CancellationToken cancellation)
    {
        var domains = await services.Directory.DomainsAsync(cancellation).ConfigureAwait(false);
        return (domains.FirstOrDefault(domain => services.Options.HostName.IsWithin(domain.Name)) ?? (domains.Count > 0 ? domains[0] : null))?.Name;
    }

    // Without an address of its own: all programs of this computer have the same, and the kernel tells them apart.
    private static SendingIdentity Sender(Account account) => new(account, [SendingLayer.Of(account), SendingLayer.Of(account.Address.Domain), SendingLayer.Server]);

    private static bool IsHere(EmailAddress address) => address.Domain == Here;

    private static Reply NoSite(LocalCaller caller, string what) => new(550, "5.7.1",
        $"This program (user {(caller.UserName.Length > 0 ? caller.UserName : caller.UserId)}{(caller.Folder.Length > 0 ? ", folder " + caller.Folder : "")}) belongs to no site, so it may not {what[3..]}. Make one: sternpost site add ADDRESS --user {(caller.UserName.Length > 0 ? caller.UserName : caller.UserId)} --folder FOLDER");
}
