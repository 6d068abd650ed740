using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Replies;
using Sternpost.Queue.Reputation;
using Sternpost.Queue.Schedule;
using Sternpost.Storage;

namespace Sternpost.Queue;

/// <summary>A message of the queue with the recipients still owed.</summary>
public sealed record QueueEntry(QueuedMessage Message, IReadOnlyList<QueuedRecipient> Recipients);

/// <summary>Which recipients of the queue are meant; all of them where nothing is named. What is named must all be true.</summary>
/// <param name="MessageId">Those of this message.</param>
/// <param name="Domain">Those at this domain.</param>
/// <param name="Sender">Those of messages from this address.</param>
public sealed record QueueSelection(long? MessageId = null, DomainName? Domain = null, EmailAddress? Sender = null);

/// <summary>
/// Looks into the queue and changes it, beside a running server or without one: it shares nothing with the runner but the
/// database, and the runner notices within <see cref="QueueOptions.PollInterval"/>.
/// </summary>
public sealed class QueueInspection(Database database, TimeProvider time)
{
    // Recipients changed in one transaction, so that a large change does not keep the running server from writing.
    private const int Together = 500;

    /// <summary>Messages waiting and recipients owed.</summary>
    public ValueTask<(int Messages, int Recipients)> CountAsync(CancellationToken cancellation) => database.ReadAsync(QueueRows.Count, cancellation);

    /// <summary>The oldest messages with the recipients selected.</summary>
    /// <param name="selection">Which.</param>
    /// <param name="limit">Messages at most.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public ValueTask<IReadOnlyList<QueueEntry>> ListAsync(QueueSelection selection, int limit, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<QueueEntry>>(sql =>
        {
            List<QueueEntry> entries = [];
            foreach (var id in QueueRows.MessageIds(sql, selection, limit))
            {
                if (QueueRows.Message(sql, id) is not { } message) continue;
                entries.Add(new QueueEntry(message, [.. QueueRows.Recipients(sql, id).Where(recipient => selection.Domain is null || recipient.Recipient.Address.Domain == selection.Domain)]));
            }
            return entries;
        }, cancellation);

    /// <summary>One message; null where it is not in the queue, or not any more.</summary>
    public async ValueTask<QueueEntry?> FindAsync(long id, CancellationToken cancellation) =>
        await ListAsync(new QueueSelection(id), 1, cancellation).ConfigureAwait(false) is [var entry] ? entry : null;

    /// <summary>The message as it is sent; null where it is gone.</summary>
    public ValueTask<byte[]?> ContentAsync(long id, CancellationToken cancellation) =>
        database.ReadAsync(sql => QueueRows.Message(sql, id) is { } message ? QueueRows.Content(sql, database.Blobs, message) : null, cancellation);

    /// <summary>Makes recipients due now; answers how many. Those held stay held.</summary>
    public ValueTask<int> RetryAsync(QueueSelection selection, CancellationToken cancellation) =>
        ChangeAsync(selection, (sql, recipient) => QueueRows.MakeDue(sql, recipient, time.GetUtcNow()), cancellation);

    /// <summary>Keeps recipients back until they are released; answers how many. A delivery under way is not stopped.</summary>
    public ValueTask<int> HoldAsync(QueueSelection selection, CancellationToken cancellation) =>
        ChangeAsync(selection, (sql, recipient) => QueueRows.SetHeld(sql, recipient, held: true), cancellation);

    /// <summary>Lets recipients go on; answers how many.</summary>
    public ValueTask<int> ReleaseAsync(QueueSelection selection, CancellationToken cancellation) =>
        ChangeAsync(selection, (sql, recipient) => QueueRows.SetHeld(sql, recipient, held: false), cancellation);

    /// <summary>Removes recipients without telling anybody, and messages nobody is owed any more; answers how many recipients.</summary>
    public ValueTask<int> DropAsync(QueueSelection selection, CancellationToken cancellation) =>
        ChangeAsync(selection, (sql, recipient) => QueueRows.Drop(sql, database.Blobs, recipient), cancellation);

    /// <summary>What the last attempt came to, for people: what it means, and what the other server said.</summary>
    public static string InWords(QueuedRecipient recipient)
    {
        if (recipient.LastReply is not { } reply) return "not tried yet";
        return DeliveryCauses.OfRecorded(reply, recipient.Recipient.Address.Domain) is { } meaning ? $"{meaning.Cause} ({reply})" : reply;
    }

    /// <summary>Why the last attempt at a recipient came to nothing; null before the first.</summary>
    public static DeliveryCause? CauseOf(QueuedRecipient recipient)
    {
        if (recipient.LastReply is not { } reply) return null;
        var domain = recipient.Recipient.Address.Domain;
        return DeliveryCauses.OfRecorded(reply, domain) ?? (recipient.LastCause is { } id ? DeliveryCauses.Find(id, domain) : null);
    }

    /// <summary>What keeps mail back or sent it back, the gravest first.</summary>
    /// <param name="since">Failures from this day on (UTC).</param>
    /// <param name="cancellation">Ends the wait.</param>
    public ValueTask<IReadOnlyList<CauseSummary>> CausesAsync(DateTimeOffset since, CancellationToken cancellation) =>
        database.ReadAsync(sql => CauseRows.Summarise(sql, since), cancellation);

    /// <summary>Whether the way out to other servers is open, as the queue has seen it.</summary>
    public ValueTask<OutboundState> OutboundAsync(CancellationToken cancellation) => database.ReadAsync(OutboundWay.Of, cancellation);

    /// <summary>Providers that asked for less, and how much each gets.</summary>
    public ValueTask<IReadOnlyList<ProviderRate>> RatesAsync(CancellationToken cancellation) => database.ReadAsync(sql => ProviderRates.Of(sql, time.GetUtcNow()), cancellation);

    private async ValueTask<int> ChangeAsync(QueueSelection selection, Func<Sql, RecipientKey, bool> change, CancellationToken cancellation)
    {
        var recipients = await database.ReadAsync(sql => QueueRows.RecipientKeys(sql, selection), cancellation).ConfigureAwait(false);
        var changed = 0;
        foreach (var together in recipients.Chunk(Together))
            changed += await database.WriteAsync(sql => together.Count(recipient => change(sql, recipient)), cancellation).ConfigureAwait(false);
        return changed;
    }
}
