using System.Diagnostics;

namespace Sternpost.Smtp.Server;

/// <summary>What DATA and BDAT have in common: where a message gathers, and what its last octet leads to.</summary>
internal static class MessageEnd
{
    /// <summary>A clock and a buffer for the message that begins to arrive.</summary>
    internal static (ArrivalClock Clock, MessageBuffer Message) Begin(SmtpSession session, Transaction transaction, long announced)
    {
        var services = session.Services;
        transaction.Began = services.Time.GetUtcNow();
        return (new ArrivalClock(services.Options, session.Connection, services.Time), new MessageBuffer(services.Options.MessageSize, announced, services.Arriving));
    }

    /// <summary>Refuses the message or lets policy take it; its memory is given back.</summary>
    internal static async ValueTask<Reply> TakeAsync(SmtpSession session, Transaction transaction, MessageBuffer message, bool hasBareLineEnding)
    {
        var start = Stopwatch.GetTimestamp();
        var size = message.Content.Length;
        var reply = Unfit(session.Options, message, hasBareLineEnding);
        if (reply is null)
        {
            try
            {
                reply = await session.Policy.TakeAsync(session, transaction, message, session.Work()).ConfigureAwait(false);
            }
            catch
            {
                // Who failed may still be reading.
                message.Forget();
                throw;
            }
        }
        if (reply.IsRefusal) RefusalTrail.Write(session, transaction.Mail.ReversePath, [.. transaction.Recipients.Select(recipient => recipient.Address)], reply, "DATA", message.Content.Span);
        message.Release();
        var outcome = reply.Code < 400 ? "accepted" : reply.Code < 500 ? "deferred" : "refused";
        SmtpMetrics.Message(session.Policy.Door, outcome, size, Stopwatch.GetElapsedTime(start));
        if (reply.IsRefusal)
            session.Services.Log.MessageRefused(session.Reference, session.Client, session.Hello.Text, transaction.Mail.ReversePath?.ToString() ?? "<>", transaction.Recipients.Count, size, reply);
        else
            session.Forgive();
        return session.IsLmtp ? EachRecipient(session, transaction, reply) : reply;
    }

    // RFC 2033 §4.2: after the final dot, one reply for each recipient that was accepted, in their order.
    private static Reply EachRecipient(SmtpSession session, Transaction transaction, Reply reply)
    {
        var replies = transaction.Outcomes ?? [.. Enumerable.Repeat(reply, transaction.Recipients.Count)];
        for (var i = 0; i < replies.Count - 1; i++) session.Write(replies[i]);
        return replies[^1];
    }

    private static Reply? Unfit(SmtpServerOptions options, MessageBuffer message, bool hasBareLineEnding)
    {
        if (message.TooLarge) return Replies.TooLarge(options.MessageSize);
        if (message.NoRoom) return Replies.NoMemory;
        // SMTP smuggling (CVE-2023-51764 and its kin): refused at the end, when both sides agree where that is.
        if (hasBareLineEnding) return Replies.BareLineEndings;
        return TextForm.Measure(message.Content.Span, options);
    }
}
