using System.Buffers;
using Sternpost.Wire;

namespace Sternpost.Smtp.Server;

/// <summary>DATA (RFC 5321 §4.1.1.4): the message, to a line of one dot.</summary>
internal static class Data
{
    internal static async ValueTask<Reply?> RunAsync(SmtpSession session, ReadOnlyMemory<byte> argument)
    {
        if (!argument.IsEmpty) return Replies.NoArgument;
        if (session.Transaction is not { } transaction) return session.HasSaidHello ? Replies.MailFirst : Replies.HelloFirst;
        // RFC 3030 §2: a transaction has its message by DATA or by BDAT.
        if (transaction.Chunks is not null) return Replies.BdatOpen;
        // RFC 2920 §3.1: a client that pipelines learns only now that no recipient was accepted.
        if (transaction.Recipients.Count == 0) return Replies.NoRecipients;
        if (session.HasInput()) session.Note(Fault.PipelinedData);
        session.Write(Replies.StartMail);
        await session.FlushAsync().ConfigureAwait(false);

        var (clock, message) = MessageEnd.Begin(session, transaction, transaction.Mail.Size);
        try
        {
            return await ReadAsync(session, clock, message).ConfigureAwait(false) switch
            {
                Ending.Whole => await MessageEnd.TakeAsync(session, transaction, message, hasBareLineEnding: false).ConfigureAwait(false),
                Ending.Smuggled => await MessageEnd.TakeAsync(session, transaction, message, hasBareLineEnding: true).ConfigureAwait(false),
                Ending.Flood => Replies.TooLarge(session.Options.MessageSize),
                _ => null,
            };
        }
        finally
        {
            message.Release();
            session.Reset();
        }
    }

    private enum Ending
    {
        /// <summary>The line of one dot came.</summary>
        Whole,
        /// <summary>It came, and before it a CR or LF stood alone.</summary>
        Smuggled,
        /// <summary>Far too much came.</summary>
        Flood,
        /// <summary>The client left in the middle.</summary>
        Gone,
    }

    private static async ValueTask<Ending> ReadAsync(SmtpSession session, ArrivalClock clock, MessageBuffer message)
    {
        var input = session.Connection.Input;
        var unstuffer = default(DotUnstuffer);
        while (true)
        {
            // A wake-up for the shutdown shows as a cancelled read without octets; the message is still received to its end.
            var read = await input.ReadAsync(clock.Next()).ConfigureAwait(false);
            var ended = Take(read.Buffer, ref unstuffer, message, out var taken);
            input.AdvanceTo(read.Buffer.GetPosition(taken));
            clock.Count(taken);
            if (ended) return unstuffer.HasBareLineEnding ? Ending.Smuggled : Ending.Whole;
            if (read.IsCompleted || clock.IsFlood)
            {
                session.Lost = true;
                return clock.IsFlood ? Ending.Flood : Ending.Gone;
            }
        }
    }

    private static bool Take(in ReadOnlySequence<byte> octets, ref DotUnstuffer unstuffer, MessageBuffer message, out long taken)
    {
        taken = 0;
        foreach (var segment in octets)
        {
            var ended = unstuffer.Take(segment.Span, message, out var consumed);
            taken += consumed;
            if (ended) return true;
        }
        return false;
    }
}
