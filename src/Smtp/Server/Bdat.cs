using System.Buffers;
using Sternpost.Smtp.Grammar;

namespace Sternpost.Smtp.Server;

/// <summary>
/// BDAT (RFC 3030): the message in chunks of announced size. A chunk is read whatever its command came to, because its octets follow
/// at once. BINARYMIME is not offered, so a chunk holds text, and a CR or LF that stands alone is refused here as it is in DATA: sent
/// on by DATA such a line end could be taken for the end of data by a server that is less strict.
/// </summary>
internal static class Bdat
{
    internal static async ValueTask<Reply?> RunAsync(SmtpSession session, ReadOnlyMemory<byte> argument)
    {
        var chunk = BdatArgument.Parse(argument.Span);
        if (chunk.IsRefused)
        {
            // What follows may be a chunk, and its octets must never be taken for commands.
            session.Lost = true;
            return chunk.Refusal;
        }
        var (size, last) = chunk.Value;
        if (size == 0) session.CountIdle();
        if (size > session.Options.MessageSize * 2)
        {
            session.Lost = true;
            return Replies.TooLarge(session.Options.MessageSize);
        }
        var transaction = session.Transaction;
        var refusal = transaction is null ? (session.HasSaidHello ? Replies.MailFirst : Replies.HelloFirst)
            : transaction.Recipients.Count == 0 ? Replies.NoRecipients
            : null;
        if (refusal is not null)
        {
            var skipped = new ArrivalClock(session.Options, session.Connection, session.Services.Time);
            return await ReadAsync(session, skipped, size, null).ConfigureAwait(false) ? refusal : null;
        }
        if (transaction!.Chunks is null)
        {
            (transaction.Arrival, transaction.Chunks) = MessageEnd.Begin(session, transaction, last ? size : Math.Max(size, transaction.Mail.Size));
        }
        if (!await ReadAsync(session, transaction.Arrival!, size, transaction).ConfigureAwait(false)) return null;
        return await AnswerAsync(session, transaction, transaction.Chunks, last).ConfigureAwait(false);
    }

    private static async ValueTask<Reply> AnswerAsync(SmtpSession session, Transaction transaction, MessageBuffer message, bool last)
    {
        if (last) transaction.ChunkLines.End();
        // RFC 3030 §2: a chunk that fails ends the transaction; the client's other chunks are refused as they come.
        if (!last && !transaction.ChunkLines.HasBare && !message.TooLarge && !message.NoRoom) return Replies.ChunkOk;
        try
        {
            return await MessageEnd.TakeAsync(session, transaction, message, transaction.ChunkLines.HasBare).ConfigureAwait(false);
        }
        finally
        {
            session.Reset();
        }
    }

    // False where the client left in the middle. Without a transaction the octets go nowhere.
    private static async ValueTask<bool> ReadAsync(SmtpSession session, ArrivalClock clock, long size, Transaction? transaction)
    {
        var input = session.Connection.Input;
        while (size > 0)
        {
            var read = await input.ReadAsync(clock.Next()).ConfigureAwait(false);
            var octets = read.Buffer.Length > size ? read.Buffer.Slice(0, size) : read.Buffer;
            if (transaction is not null)
            {
                foreach (var segment in octets)
                {
                    transaction.ChunkLines.Take(segment.Span);
                    transaction.Chunks!.Write(segment.Span);
                }
            }
            size -= octets.Length;
            clock.Count(octets.Length);
            input.AdvanceTo(octets.End);
            if (size > 0 && read.IsCompleted)
            {
                session.Lost = true;
                return false;
            }
        }
        return true;
    }
}
