using Microsoft.Extensions.Logging;
using Sternpost.Queue.Schedule;
using Sternpost.Smtp.Client;
using Sternpost.Storage;

namespace Sternpost.Queue.Delivery;

/// <summary>Settles what other servers had taken when the last process died before it could say so, so that nobody is sent it twice.</summary>
internal sealed class InterruptedHandovers(Database database, HandoverJournal journal, Settlement settlement, ILogger log)
{
    internal async Task SettleAsync(CancellationToken cancellation)
    {
        var spared = 0;
        foreach (var handover in journal.Read())
        {
            var found = await database.ReadAsync<(QueuedMessage Message, List<QueuedRecipient> Recipients)?>(
                sql => QueueRows.Message(sql, handover.MessageId) is { } message ? (message, QueueRows.Recipients(sql, handover.MessageId)) : null, cancellation).ConfigureAwait(false);
            if (found is not var (message, recipients)) continue;
            List<Attempt> attempts = [];
            foreach (var taken in handover.Recipients)
            {
                if (recipients.Find(known => known.Id == taken.RecipientId) is { } owed)
                    attempts.Add(new Attempt(owed, new RecipientResult(owed.Recipient, RecipientOutcome.Delivered, taken.Status, taken.Reason, null, taken.NotifiesSuccess)));
            }
            if (attempts.Count == 0) continue;
            var protection = AttemptProtection.FromJson(handover.Protection) ?? AttemptProtection.None(null, "not known any more");
            await settlement.SettleAsync(message, attempts, new AttemptedAt(handover.Host, protection), null, cancellation).ConfigureAwait(false);
            spared += attempts.Count;
        }
        journal.Empty();
        if (spared > 0) log.HandoversFound(spared);
    }
}
