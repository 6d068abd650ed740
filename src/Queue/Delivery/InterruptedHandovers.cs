using Microsoft.Extensions.Logging;
using Sternpost.Queue.Schedule;
using Sternpost.Smtp.Client;
using Sternpost.Storage;

namespace Sternpost.Queue.Delivery;

/// <summary>Settles what other servers had taken when the last process died before it could say so, so that nobody is sent it twice.</summary>
internal sealed class InterruptedHandovers(Database database, HandoverJournal journal, Settlement settlement, ILogger log)
{
    /// <summary>Settles what its journal says.</summary>
    internal async Task SettleAsync(CancellationToken cancellation)
    {
        var spared = 0;
        foreach (var handover in journal.Read()) spared += await SettleAsync(handover, cancellation).ConfigureAwait(false);
        journal.Empty();
        if (spared > 0) log.HandoversFound(spared);
    }

    /// <summary>Settles one; answers how many recipients were still owed it.</summary>
    internal async Task<int> SettleAsync(Handover handover, CancellationToken cancellation)
    {
        var found = await database.ReadAsync<(QueuedMessage Message, List<QueuedRecipient> Recipients)?>(
            sql => QueueRows.Message(sql, handover.MessageId) is { } message ? (message, QueueRows.Recipients(sql, handover.MessageId)) : null, cancellation).ConfigureAwait(false);
        if (found is not var (message, recipients)) return 0;
        List<Attempt> attempts = [];
        foreach (var taken in handover.Recipients)
        {
            if (recipients.Find(known => known.Id == taken.RecipientId) is { } owed)
                attempts.Add(new Attempt(owed, new RecipientResult(owed.Recipient, RecipientOutcome.Delivered, taken.Status, taken.Reason, null, taken.NotifiesSuccess)));
        }
        if (attempts.Count == 0) return 0;
        var protection = AttemptProtection.FromJson(handover.Protection) ?? AttemptProtection.None(null, "not known any more");
        await settlement.SettleAsync(message, attempts, new AttemptedAt(handover.Host, protection), null, cancellation).ConfigureAwait(false);
        return attempts.Count;
    }
}
