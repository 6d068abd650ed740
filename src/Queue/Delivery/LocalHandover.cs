using Sternpost.Accounts;
using Sternpost.Mailboxes;
using Sternpost.Queue.Intake;
using Sternpost.Queue.Schedule;
using Sternpost.Smtp.Client;
using Sternpost.Storage;

namespace Sternpost.Queue.Delivery;

/// <summary>
/// Delivers here what was queued for a domain that has become one of ours since: its servers are this one, and connecting to
/// ourselves would be taken for a loop.
/// </summary>
internal sealed class LocalHandover(Database database, AccountDirectory directory, MailStore mail, TimeProvider time)
{
    /// <summary>True where mail for the next hop stays here now.</summary>
    internal ValueTask<bool> IsHereAsync(Routing.NextHop hop, CancellationToken cancellation) =>
        hop is Routing.NextHop.Exchanges exchanges ? directory.IsLocalAsync(exchanges.Domain, cancellation) : ValueTask.FromResult(false);

    /// <summary>What becomes of each recipient, and the copies to write in the transaction that settles them; null where there are none.</summary>
    internal async ValueTask<(IReadOnlyList<RecipientResult> Results, PlannedMessage? Copies)> PlanAsync(QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients, byte[] content, CancellationToken cancellation)
    {
        var plan = await RecipientPlan.MakeAsync(directory, [.. recipients.Select(recipient => recipient.Recipient)], mayRelay: true, isBounce: message.ReversePath is null, cancellation).ConfigureAwait(false);
        var results = recipients.Select(recipient => plan.Refused.Find(refusal => refusal.Recipient == recipient.Recipient) is { } refusal
            ? new RecipientResult(recipient.Recipient, refusal.Code < 500 ? RecipientOutcome.Deferred : RecipientOutcome.Failed, refusal.Status, "says: " + refusal.Text)
            : new RecipientResult(recipient.Recipient, RecipientOutcome.Delivered, "2.1.5", "has it in the mailbox")).ToList();
        if (plan.Local.Count == 0 && plan.Outside.Count == 0) return (results, null);
        var prefix = DeliveryHeaders.Build(message.ReversePath, null, []);
        var email = plan.Local.Count > 0 ? mail.Prepare(content) : null;
        var blob = email?.Blob ?? database.Blobs.Prepare(content);
        var (id, now) = (database.NextId(), time.GetUtcNow());
        return (results, new PlannedMessage
        {
            Id = id,
            Blob = blob,
            Email = email,
            Targets = [.. plan.Local.Select(copy => new DeliveryTarget(copy.Account.Id, SpecialUse.Inbox, prefix))],
            Outgoing = plan.Outside.Count == 0 ? null : message with { Id = id, BlobId = blob.Id, Size = content.Length },
            Recipients = [.. plan.Outside.Select(recipient => new QueuedRecipient(database.NextId(), id, recipient, 0, now, null, Held: false, Warned: false))],
        });
    }
}
