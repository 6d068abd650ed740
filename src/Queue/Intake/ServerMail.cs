using Sternpost.Accounts;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Schedule;
using Sternpost.Storage;

namespace Sternpost.Queue.Intake;

/// <summary>
/// Mail that this server itself writes to others, such as reports: signed like its users' mail, delivered by the queue, and never
/// bounced back, since nobody waits for it.
/// </summary>
public sealed class ServerMail(Database database, AccountDirectory directory, MailStore mail, MessageSigner signer, QueueSignal signal, QueueOptions options, TimeProvider time)
{
    /// <summary>Hands a message to the queue; completes when that is durable.</summary>
    /// <param name="from">The author and reverse-path; its domain should be one of ours, so that the message is signed.</param>
    /// <param name="to">Who gets it; those here get it into their mailbox.</param>
    /// <param name="content">The whole message, ASCII.</param>
    /// <param name="settle">Runs in the transaction that takes the message, so that what it was about is settled with it; may be null.</param>
    /// <param name="cancellation">Ends the wait before it is written.</param>
    /// <returns>The queue id; null where no recipient can be found (then <paramref name="settle"/> has run alone).</returns>
    public async ValueTask<string?> SendAsync(EmailAddress from, IReadOnlyList<EmailAddress> to, ReadOnlyMemory<byte> content, Action<Sql>? settle, CancellationToken cancellation)
    {
        var id = database.NextId();
        var plan = await RecipientPlan.MakeAsync(directory, [.. to.Select(address => new EnvelopeRecipient(address, DsnNotify.Never))], mayRelay: true, cancellation).ConfigureAwait(false);
        var isOwed = plan.Local.Count > 0 || plan.Outside.Count > 0;
        var planned = isOwed ? await PlanAsync(id, from, plan, content, cancellation).ConfigureAwait(false) : null;
        await database.WriteAsync(sql =>
        {
            planned?.Write(sql, mail, database.Blobs, signal);
            settle?.Invoke(sql);
            return true;
        }, cancellation).ConfigureAwait(false);
        return isOwed ? QueueId.Format(id) : null;
    }

    private async ValueTask<PlannedMessage> PlanAsync(long id, EmailAddress from, RecipientPlan plan, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var signature = await signer(from, content, cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var email = plan.Local.Count > 0 ? mail.Prepare(content) : null;
        var blob = email?.Blob ?? database.Blobs.Prepare(content);
        var prefix = DeliveryHeaders.Build(from, null, signature.Span);
        return new PlannedMessage
        {
            Id = id,
            Blob = blob,
            Email = email,
            OutgoingPrefix = signature,
            Targets = [.. plan.Local.Select(copy => new DeliveryTarget(copy.Account.Id, SpecialUse.Inbox, prefix))],
            Outgoing = plan.Outside.Count == 0 ? null : new QueuedMessage
            {
                Id = id,
                BlobId = blob.Id,
                Origin = QueueOrigin.Notification,
                ReversePath = from,
                Body = BodyKind.SevenBit,
                SmtpUtf8 = false,
                Return = DsnReturn.Default,
                Size = signature.Length + content.Length,
                Created = now,
                Expires = now + options.GiveUpAfter,
            },
            Recipients = [.. plan.Outside.Select(recipient => new QueuedRecipient(database.NextId(), id, recipient, 0, now, null, Held: false, Warned: true))],
        };
    }
}
