using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Smtp.Grammar;

namespace Sternpost.Smtp.Server;

/// <summary>RCPT (RFC 5321 §4.1.1.3) adds a recipient; who cannot be reached is refused here, so that nothing is bounced later.</summary>
internal static class Rcpt
{
    // How far beyond the limit a client may go on asking, all in vain: RFC 5321 §4.5.3.1.10 foresees some, not any number.
    private const int MostInVain = 1000;

    internal static async ValueTask<Reply?> RunAsync(SmtpSession session, ReadOnlyMemory<byte> argument)
    {
        if (session.Transaction is not { } transaction) return session.HasSaidHello ? Replies.MailFirst : Replies.HelloFirst;
        if (transaction.Chunks is not null) return Replies.BdatOpen;
        var recipient = RcptArgument.Parse(argument.Span, session.Esmtp, transaction.Mail.SmtpUtf8);
        if (recipient.IsRefused) return recipient.Refusal;
        session.NotePipelining();
        if ((recipient.Value.ForwardPath ?? await PostmasterAsync(session).ConfigureAwait(false)) is not { } address) return Replies.NoPostmaster;
        if (transaction.Contains(address)) return Replies.RecipientOk;
        if (transaction.Recipients.Count >= session.Options.Recipients)
            return ++transaction.InVain > MostInVain ? Replies.FarTooManyRecipients : Replies.TooManyRecipients;
        if (await session.Policy.MayReceiveAsync(session, transaction, address, session.Work()).ConfigureAwait(false) is { } refusal)
        {
            session.Report("RCPT", transaction.Mail.ReversePath, refusal, address);
            return refusal;
        }
        transaction.Add(new EnvelopeRecipient(address, recipient.Value.Notify, recipient.Value.OriginalRecipient));
        return Replies.RecipientOk;
    }

    // RFC 5321 §4.5.1: postmaster without a domain is this server's, which may be named within a domain it serves or not.
    private static async ValueTask<EmailAddress?> PostmasterAsync(SmtpSession session)
    {
        var domains = await session.Services.Directory.DomainsAsync(session.Work()).ConfigureAwait(false);
        var own = domains.FirstOrDefault(domain => session.Options.HostName.IsWithin(domain.Name)) ?? (domains.Count > 0 ? domains[0] : null);
        return own is null ? null : EmailAddress.Of("postmaster", own.Name);
    }
}
