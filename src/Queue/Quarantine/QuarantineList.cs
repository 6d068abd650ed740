using Sternpost.Storage;

namespace Sternpost.Queue.Quarantine;

/// <summary>
/// The held messages, looked at and changed beside a running server or without one. A release is carried out by the server
/// (<see cref="QuarantineUpkeep"/>), so that a message leaves the quarantine in the transaction that delivers it.
/// </summary>
public sealed class QuarantineList(Database database)
{
    /// <summary>Held messages, the newest first.</summary>
    /// <param name="accountId">Only those for this account; null for all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public ValueTask<IReadOnlyList<HeldMessage>> ListAsync(long? accountId, int limit, CancellationToken cancellation) =>
        database.ReadAsync(sql => QuarantineRows.List(sql, accountId, limit), cancellation);

    /// <summary>One message; null where it is not held.</summary>
    public ValueTask<HeldMessage?> FindAsync(long id, CancellationToken cancellation) => database.ReadAsync(sql => QuarantineRows.Find(sql, id), cancellation);

    /// <summary>The message itself; null where it is not held.</summary>
    public ValueTask<byte[]?> ContentAsync(long id, CancellationToken cancellation) =>
        database.ReadAsync(sql => QuarantineRows.Find(sql, id) is { } message ? database.Blobs.Read(sql, message.BlobId, message.Trace) : null, cancellation);

    /// <summary>Asks for a release to all recipients; false where it is not held. With <paramref name="teach"/> their filters learn that such mail is wanted.</summary>
    public ValueTask<bool> ReleaseAsync(long id, bool teach, CancellationToken cancellation) => database.WriteAsync(sql => QuarantineRows.SetState(sql, id, null, teach ? 2 : 1), cancellation);

    /// <summary>Asks for a release to one recipient, who alone is taught and has it; for the others it stays held.</summary>
    public ValueTask<bool> ReleaseAsync(long id, HeldRecipient recipient, bool teach, CancellationToken cancellation) =>
        database.WriteAsync(sql => QuarantineRows.SetState(sql, id, recipient.Address, teach ? 2 : 1), cancellation);

    /// <summary>Deletes it for one recipient, the message with the last of them; nobody is told.</summary>
    public async ValueTask DeleteAsync(long id, HeldRecipient recipient, CancellationToken cancellation) => await database.WriteAsync(
        sql =>
        {
            QuarantineRows.Settle(sql, database.Blobs, id, [recipient]);
            return true;
        },
        cancellation).ConfigureAwait(false);

    /// <summary>Deletes; nobody is told. False where it is not held.</summary>
    public ValueTask<bool> DeleteAsync(long id, CancellationToken cancellation) => database.WriteAsync(sql => QuarantineRows.Delete(sql, database.Blobs, id), cancellation);
}
