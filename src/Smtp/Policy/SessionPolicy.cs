using Sternpost.Messages.Addresses;
using Sternpost.Smtp.Grammar;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Policy;

/// <summary>What may be done at one of the doors. The session asks it after the grammar has let a command through.</summary>
internal abstract class SessionPolicy
{
    /// <summary>For logs and metrics: "mx", "submission" or "content-filter".</summary>
    internal abstract string Door { get; }

    /// <summary>True where users sign in; false where other servers come.</summary>
    internal abstract bool TakesUsers { get; }

    /// <summary>True where another server hands over its mail to have it judged and back: LMTP and XFORWARD are spoken.</summary>
    internal virtual bool IsContentFilter => false;

    /// <summary>Null where this client may begin a transaction with this reverse-path.</summary>
    internal abstract ValueTask<Reply?> MaySendAsync(SmtpSession session, MailArgument mail, CancellationToken cancellation);

    /// <summary>Null where the recipient may be added to the transaction.</summary>
    internal abstract ValueTask<Reply?> MayReceiveAsync(SmtpSession session, Transaction transaction, EmailAddress recipient, CancellationToken cancellation);

    /// <summary>Takes the whole message; the reply to its end. The message may be read only until this has completed.</summary>
    internal abstract ValueTask<Reply> TakeAsync(SmtpSession session, Transaction transaction, MessageBuffer message, CancellationToken cancellation);
}
