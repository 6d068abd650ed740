using Sternpost.Accounts;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Storage;

namespace Sternpost.Queue.Bounces;

/// <summary>Makes notifications ready to be written in the transaction that settles what they report: straight into a mailbox here, or queued for a sender elsewhere.</summary>
internal sealed class NotificationIntake(Database database, AccountDirectory directory, MailStore mail, MessageSigner signer, QueueOptions options, TimeProvider time)
{
    internal async ValueTask<IReadOnlyList<PlannedMessage>> PlanAsync(ReportedMessage message, ReadOnlyMemory<byte> original, IReadOnlyList<RecipientReport> reports, CancellationToken cancellation)
    {
        // RFC 3461 §6.1, RFC 5321 §6.1: a notification has the null reverse-path, and what has one is never notified about.
        if (message.ReversePath is not { } sender) return [];
        var planned = new List<PlannedMessage>();
        foreach (var kind in reports.Where(report => report.IsWanted).GroupBy(report => report.Action))
        {
            var id = database.NextId();
            var content = NotificationMessage.Write(id, options.HostName.Ascii, time.GetUtcNow(), sender, message, [.. kind], original.Span);
            if (await AddressAsync(id, message, sender, content, cancellation).ConfigureAwait(false) is { } notification) planned.Add(notification);
        }
        return planned;
    }

    // Null where the sender is gone: there is nobody left to tell.
    private async ValueTask<PlannedMessage?> AddressAsync(long id, ReportedMessage message, EmailAddress sender, byte[] content, CancellationToken cancellation)
    {
        var plan = await RecipientPlan.MakeAsync(directory, [new EnvelopeRecipient(sender, DsnNotify.Never)], mayRelay: true, cancellation).ConfigureAwait(false);
        if (plan.Local.Count == 0 && plan.Outside.Count == 0) return null;
        var prefix = DeliveryHeaders.Build(null, null, []);
        // A notification that leaves is proved like any other mail: its null reverse-path gives SPF only our host name.
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
                SmtpUtf8 = sender.NeedsSmtpUtf8,
                Return = DsnReturn.Default,
                Transport = message.Transport == TransportNeed.RequireTls ? TransportNeed.RequireTls : TransportNeed.Usual,
                Size = signature.Length + content.Length,
                Created = now,
                Expires = now + options.GiveUpAfter,
            },
            Recipients = [.. plan.Outside.Select(recipient => new QueuedRecipient(database.NextId(), id, recipient, 0, now, null, Held: false, Warned: true))],
        };
    }
}
