using Sternpost.Smtp.Grammar;

namespace Sternpost.Smtp.Server;

/// <summary>MAIL (RFC 5321 §4.1.1.2) opens a transaction.</summary>
internal static class Mail
{
    internal static async ValueTask<Reply?> RunAsync(SmtpSession session, ReadOnlyMemory<byte> argument)
    {
        if (!session.HasSaidHello) return Replies.HelloFirst;
        if (session.Transaction is not null) return Replies.TransactionOpen;
        if (session.Messages >= session.Options.MessagesPerConnection) return Replies.TooManyMessages;
        var mail = MailArgument.Parse(argument.Span, session.Esmtp, auth: session.Policy.TakesUsers, tls: session.Connection.IsTls);
        if (mail.IsRefused) return mail.Refusal;
        session.NotePipelining();
        // RFC 1870 §6.1: refused now, not after the client has sent it all.
        if (mail.Value.Size > session.Options.MessageSize) return Replies.TooLarge(session.Options.MessageSize);
        if (await session.Policy.MaySendAsync(session, mail.Value, session.Work()).ConfigureAwait(false) is { } refusal)
        {
            session.Report("MAIL", mail.Value.ReversePath, refusal);
            return refusal;
        }
        session.Open(mail.Value);
        return Replies.SenderOk;
    }
}
