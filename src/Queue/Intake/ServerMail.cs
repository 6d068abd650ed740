using Sternpost.Accounts;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Reputation;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Queue.Intake;

/// <summary>
/// Mail that this server writes itself: notifications and reports. It has the null reverse-path, so that nobody is told of its failure,
/// is signed like any other mail, and goes straight into a mailbox here or into the queue for an address elsewhere.
/// </summary>
public sealed class ServerMail(Database database, AccountDirectory directory, MailStore mail, MessageSigner signer, QueueSignal signal, QueueOptions options, TimeProvider time)
{
    /// <summary>Where the way of messages is written down; null writes nothing down.</summary>
    public TraceBook? Book { get; init; }

    /// <summary>Sends a message; false where its recipient is nobody here.</summary>
    /// <param name="to">The recipient.</param>
    /// <param name="content">The whole message, CRLF lines.</param>
    /// <param name="need">What it wants of TLS on its way.</param>
    /// <param name="alongside">Runs in the same transaction, so that what the message is about is settled exactly when it is sent; null for nothing.</param>
    /// <param name="cancellation">Ends the wait before anything is written.</param>
    public async ValueTask<bool> SendAsync(EmailAddress to, byte[] content, TransportNeed need, Action<Sql>? alongside, CancellationToken cancellation)
    {
        if (await PlanAsync(database.NextId(), to, content, need, cancellation).ConfigureAwait(false) is not { } planned) return false;
        await database.WriteAsync(
            sql =>
            {
                alongside?.Invoke(sql);
                Write(sql, planned);
                return true;
            },
            cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>Makes a message ready to be written; null where its recipient is nobody here.</summary>
    internal async ValueTask<PlannedMessage?> PlanAsync(long id, EmailAddress to, byte[] content, TransportNeed need, CancellationToken cancellation, long? about = null)
    {
        var plan = await RecipientPlan.MakeAsync(directory, [new EnvelopeRecipient(to, DsnNotify.Never)], mayRelay: true, isBounce: true, cancellation).ConfigureAwait(false);
        if (plan.Local.Count == 0 && plan.Outside.Count == 0) return null;
        var prefix = DeliveryHeaders.Build(null, null, []);
        // What leaves is proved like any other mail: its null reverse-path gives SPF only our host name.
        var signature = plan.Outside.Count == 0 ? default : await signer(HeaderBlock.From(content), content, cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow();
        var email = plan.Local.Count > 0 ? mail.Prepare(content) : null;
        var blob = email?.Blob ?? database.Blobs.Prepare(content);
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
                ReversePath = null,
                Body = System.Text.Ascii.IsValid(content) ? BodyKind.SevenBit : BodyKind.EightBitMime,
                SmtpUtf8 = to.NeedsSmtpUtf8,
                Return = DsnReturn.Default,
                Transport = need,
                Pool = SourcePool.Risky,
                Size = signature.Length + content.Length,
                Created = now,
                Expires = now + options.GiveUpAfter,
            },
            Recipients = [.. plan.Outside.Select(recipient => new QueuedRecipient(database.NextId(), id, recipient, 0, now, null, Held: false, Warned: true))],
            WriteTrail = Book is null ? null : Trail(Book, id, to, content, plan, about),
        };
    }

    private static Action<Sql> Trail(TraceBook book, long id, EmailAddress to, byte[] content, RecipientPlan plan, long? about)
    {
        var original = about is { } known ? QueueId.Format(known) : null;
        var trail = new Trail { Id = id, Name = QueueId.Format(id), Recipients = [to.ToString()], About = original is null ? [] : [original] }.Of(content);
        List<Step> steps =
        [
            new(StepKind.Written, "", original is null ? $"This server wrote it to {to}." : $"This server wrote it to {to}, about the message {original}."),
            .. plan.Local.Select(copy => new Step(StepKind.Filed, to.ToString(), $"Put into the inbox of {copy.Account.Address}.")),
            .. plan.Outside.Select(recipient => new Step(StepKind.Queued, recipient.Address.ToString(), $"Waits to go out to {recipient.Address}.")),
        ];
        return book.Begin(trail, steps);
    }

    /// <summary>Writes what <see cref="PlanAsync"/> made ready.</summary>
    internal void Write(Sql sql, PlannedMessage planned) => planned.Write(sql, mail, database.Blobs, signal);
}
