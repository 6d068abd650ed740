using Sternpost.Accounts;
using Sternpost.Filter;
using Sternpost.Filter.Verdicts;
using Sternpost.Messages.Addresses;
using Sternpost.Smtp.Grammar;
using Sternpost.Smtp.Intake;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Policy.Mx;

/// <summary>The door for other servers: anybody may write to our users, nobody through us to others, and everything is judged.</summary>
internal sealed class MxPolicy(SmtpServices services) : SessionPolicy
{
    internal override string Door => "mx";

    internal override bool TakesUsers => false;

    // Who the sender claims to be is for SPF, DKIM and DMARC to say, and they need the message.
    internal override ValueTask<Reply?> MaySendAsync(SmtpSession session, MailArgument mail, CancellationToken cancellation) => default;

    internal override async ValueTask<Reply?> MayReceiveAsync(SmtpSession session, Transaction transaction, EmailAddress recipient, CancellationToken cancellation) =>
        await services.Directory.ResolveAsync(recipient, cancellation).ConfigureAwait(false) switch
        {
            RecipientResolution.Deliver when transaction.Mail.ReversePath is null && services.ForeignBounce is { } isForeign && await isForeign(recipient, cancellation).ConfigureAwait(false) => Replies.ForeignBounce(recipient),
            RecipientResolution.Deliver => null,
            // A way back for bounces alone: whoever learnt the address from a message cannot write through us.
            RecipientResolution.Return when transaction.Mail.ReversePath is null => null,
            RecipientResolution.Return => Replies.UnknownRecipient(recipient),
            RecipientResolution.Unknown => Replies.UnknownRecipient(recipient),
            RecipientResolution.SwitchedOff => Replies.SwitchedOff(recipient),
            RecipientResolution.Full => Replies.RecipientFull(recipient),
            _ when services.Gateway is { } gateway => await PassOnAsync(gateway, session, transaction, recipient, cancellation).ConfigureAwait(false),
            _ => Replies.RelayDenied(recipient),
        };

    // Inward to whom a server behind us has; outward for those servers alone.
    private static async ValueTask<Reply?> PassOnAsync(IGateway gateway, SmtpSession session, Transaction transaction, EmailAddress recipient, CancellationToken cancellation)
    {
        switch (await gateway.AskAsync(recipient, cancellation).ConfigureAwait(false))
        {
            case GatewayAnswer.Taken:
                if (transaction.Gateway == GatewayRole.None) transaction.Gateway = GatewayRole.Inward;
                return null;
            case GatewayAnswer.Unknown:
                return Replies.UnknownRecipient(recipient);
            case GatewayAnswer.Later:
                return Replies.RecipientNotVerified(recipient);
        }
        if (!gateway.IsBehind(session.Client)) return Replies.RelayDenied(recipient);
        if (gateway.Count(session.Client) is { } reached) return Replies.GatewayLimit(reached);
        transaction.Gateway = GatewayRole.Outward;
        return null;
    }

    internal override async ValueTask<Reply> TakeAsync(SmtpSession session, Transaction transaction, MessageBuffer message, CancellationToken cancellation)
    {
        message.Truncate(ForgedResults.Cut(message.Content.Span, services.Options.HostName, out var forged, withFlag: transaction.Gateway == GatewayRole.Inward));
        if (forged > 0) services.Log.ForgedResults(session.Reference, forged, session.Client);
        var facts = await session.FactsAsync(transaction).ConfigureAwait(false);
        var envelope = transaction.ToEnvelope();
        if (transaction.Gateway == GatewayRole.Outward) return await SendOutAsync(session, envelope, facts, message, cancellation).ConfigureAwait(false);
        var judgement = await services.Judges.JudgeAsync(new MessageUnderJudgement(facts, envelope, message.Content), cancellation).ConfigureAwait(false);
        if (judgement.Deferral is { } waiting) return Replies.ComeBack(waiting);
        if (services.Greylist is { } greylist && await greylist.AskAsync(judgement, facts, envelope, cancellation).ConfigureAwait(false) is { } reason) return Replies.ComeBack(reason);
        services.Judged?.Invoke(envelope, judgement);
        if (judgement.Verdict.Disposition == Disposition.Reject) return Replies.Rejected(judgement.Verdict);

        var trace = TraceHeaders.Build(services.Options.HostName, session.Hello, facts, envelope, judgement.AuthenticationResults);
        // Not cancelled by a client that leaves now: the message is whole, and a write that may have begun is not called back.
        var result = await services.Intake.AcceptAsync(new IncomingMessage(facts, envelope, trace, judgement.Stripped ?? message.Content, judgement, null) { Gateway = transaction.Gateway }, CancellationToken.None).ConfigureAwait(false);
        if (result.Accepted && judgement.Verdict.Disposition == Disposition.Accept) services.Known.Add(session.Client);
        return Replies.From(result);
    }

    // Mail of a server behind us is its users' mail: looked at for malware, signed, and not judged as a stranger's.
    private async ValueTask<Reply> SendOutAsync(SmtpSession session, Messages.Envelopes.Envelope envelope, Messages.Envelopes.SessionFacts facts, MessageBuffer message, CancellationToken cancellation)
    {
        var inspected = await services.Judges.InspectOutgoingAsync(new MessageUnderJudgement(facts, envelope, message.Content), cancellation).ConfigureAwait(false);
        if (inspected.Deferral is { } waiting) return Replies.ComeBack(waiting);
        if (inspected.Verdict.Disposition == Disposition.Reject || inspected.Verdict.IsQuarantined) return Replies.OutgoingRefused(inspected.Verdict);
        var trace = TraceHeaders.Build(services.Options.HostName, session.Hello, facts, envelope, "");
        return Replies.From(await services.Intake.AcceptAsync(new IncomingMessage(facts, envelope, trace, message.Content, null, null) { Gateway = GatewayRole.Outward }, CancellationToken.None).ConfigureAwait(false));
    }
}
