using System.Buffers;
using System.Text;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Smtp.Client;

/// <summary>
/// Hands one message to one server for several recipients: MAIL, RCPT, DATA (RFC 5321 §3.3), in one go where the server offers
/// PIPELINING. Ends with a result for every recipient, whatever the server or the network does.
/// </summary>
internal sealed class MailTransaction
{
    // One write to the socket; the deadline of RFC 5321 §4.5.3.2.5 is for each.
    private const int Block = 64 * 1024;

    private readonly SmtpChannel channel;
    private readonly ServerExtensions offered;
    private readonly ClientDeadlines deadlines;
    private readonly OutgoingMessage message;
    private readonly IReadOnlyList<EnvelopeRecipient> recipients;
    private readonly RecipientResult?[] results;
    private SmtpReply? goodbye;

    internal MailTransaction(SmtpChannel channel, ServerExtensions offered, ClientDeadlines deadlines, OutgoingMessage message, IReadOnlyList<EnvelopeRecipient> recipients)
    {
        this.channel = channel;
        this.offered = offered;
        this.deadlines = deadlines;
        this.message = message;
        this.recipients = recipients;
        results = new RecipientResult?[recipients.Count];
    }

    /// <summary>The server must be told RSET before the next message.</summary>
    internal bool NeedsReset { get; set; }

    /// <summary>The server has said that it closes the connection.</summary>
    internal bool IsClosing => goodbye is not null;

    internal async ValueTask<IReadOnlyList<RecipientResult>> RunAsync()
    {
        FailWhatTheServerCannotTake();
        channel.Within(deadlines.Transaction);
        try
        {
            // RFC 9422 §3: a server may take fewer recipients at a time than there are.
            while (Open().Take(offered.MaxRecipients ?? int.MaxValue).ToList() is { Count: > 0 } round)
            {
                if (IsClosing) break;
                await RunRoundAsync(round).ConfigureAwait(false);
            }
            if (goodbye is not null) Settle(Open(), goodbye, "the transaction");
        }
        catch (SessionLostException lost)
        {
            Settle(Open(), RecipientOutcome.Deferred, lost.Status, lost.Message);
        }
        channel.Within(null);
        return [.. results.Select(result => result!)];
    }

    private List<int> Open() => [.. Enumerable.Range(0, results.Length).Where(index => results[index] is null)];

    // What EHLO has said already needs no asking.
    private void FailWhatTheServerCannotTake()
    {
        // RFC 1870 §6.1.
        if (offered.MaxSize is { } most && message.Content.Length > most)
            Settle(Open(), RecipientOutcome.Failed, "5.3.4", $"takes messages of at most {most} octets, and this one has {message.Content.Length}");
        // RFC 6531 §3.2: not sent on where the next server lacks the extension.
        else if (message.NeedsSmtpUtf8 && !offered.SmtpUtf8)
            Settle(Open(), RecipientOutcome.Failed, "5.6.7", "cannot handle addresses or header fields with letters outside ASCII (SMTPUTF8)");
        // RFC 3030 §3: a binary message is only for servers that say they take it.
        else if (message.Body == BodyKind.BinaryMime && !(offered.Chunking && offered.BinaryMime))
            Settle(Open(), RecipientOutcome.Failed, "5.6.3", "cannot take binary content (BINARYMIME)");
        // RFC 6152 §3: converted or returned; converting would break signatures.
        else if (message.IsEightBit && !offered.EightBitMime)
            Settle(Open(), RecipientOutcome.Failed, "5.6.3", "cannot take 8-bit content (8BITMIME)");
        else if (!offered.SmtpUtf8)
            Settle([.. Open().Where(index => recipients[index].Address.NeedsSmtpUtf8)], RecipientOutcome.Failed, "5.6.7", "cannot handle addresses with letters outside ASCII (SMTPUTF8)");
    }

    private async ValueTask RunRoundAsync(List<int> round)
    {
        var smtpUtf8 = offered.SmtpUtf8 && (message.NeedsSmtpUtf8 || round.Exists(index => recipients[index].Address.NeedsSmtpUtf8));
        var binary = message.Body == BodyKind.BinaryMime;
        // Its attributes are an offer to the next server's log and filters: a refusal changes nothing.
        if (message.Forwarded is { } forwarded && offered.XForward.Count > 0)
            await CommandAsync($"XFORWARD {forwarded.Attributes(offered.XForward)}\r\n", "XFORWARD", deadlines.Command).ConfigureAwait(false);
        if (IsClosing) return;
        var (accepted, data) = offered.Pipelining && !message.AllOrNothing
            ? await PipelineAsync(round, smtpUtf8, binary).ConfigureAwait(false)
            : await StepAsync(round, smtpUtf8, binary).ConfigureAwait(false);
        if (binary && accepted.Count > 0)
        {
            await SendBinaryAsync(accepted).ConfigureAwait(false);
        }
        else if (data is not null && data.Code != 354)
        {
            Settle(accepted, data, "DATA");
        }
        else if (data is not null)
        {
            await SendTextAsync(accepted).ConfigureAwait(false);
        }
    }

    // RFC 2920 §3.1: the whole envelope in one write, DATA last in the group, then all replies in order.
    private async ValueTask<(List<int> Accepted, SmtpReply? Data)> PipelineAsync(List<int> round, bool smtpUtf8, bool binary)
    {
        var reset = NeedsReset;
        if (reset) Write("RSET\r\n");
        Write(EnvelopeCommands.Mail(message, offered, smtpUtf8));
        foreach (var index in round) Write(EnvelopeCommands.Recipient(recipients[index], offered));
        if (!binary) Write("DATA\r\n");
        await channel.FlushAsync("MAIL", deadlines.Command).ConfigureAwait(false);

        if (reset) await ReadAsync("RSET").ConfigureAwait(false);
        NeedsReset = true;
        var mail = await ReadAsync("MAIL").ConfigureAwait(false);
        if (!mail.IsPositive) Settle(round, mail, "MAIL");
        var replies = new RecipientReplies(this);
        foreach (var index in round)
        {
            if (IsClosing) return ([], null);
            var reply = await ReadAsync("RCPT").ConfigureAwait(false);
            // After a refused MAIL these say nothing but that there is no MAIL.
            if (mail.IsPositive) replies.Add(index, reply);
        }
        var accepted = replies.End();
        if (IsClosing) return ([], null);
        return (accepted, binary ? null : await channel.ReadReplyAsync("DATA", deadlines.DataInitiation).ConfigureAwait(false));
    }

    private async ValueTask<(List<int> Accepted, SmtpReply? Data)> StepAsync(List<int> round, bool smtpUtf8, bool binary)
    {
        if (NeedsReset) await CommandAsync("RSET\r\n", "RSET", deadlines.Command).ConfigureAwait(false);
        NeedsReset = true;
        var mail = await CommandAsync(EnvelopeCommands.Mail(message, offered, smtpUtf8), "MAIL", deadlines.Command).ConfigureAwait(false);
        if (!mail.IsPositive)
        {
            Settle(round, mail, "MAIL");
            return ([], null);
        }
        var replies = new RecipientReplies(this);
        foreach (var index in round)
        {
            if (IsClosing) return ([], null);
            replies.Add(index, await CommandAsync(EnvelopeCommands.Recipient(recipients[index], offered), "RCPT", deadlines.Command).ConfigureAwait(false));
        }
        var accepted = replies.End();
        if (message.AllOrNothing && accepted.Count < round.Count)
        {
            Settle(accepted, RecipientOutcome.Deferred, "4.5.0", "was not sent the message, because another recipient of it was refused");
            return ([], null);
        }
        if (IsClosing || accepted.Count == 0) return ([], null);
        return (accepted, binary ? null : await CommandAsync("DATA\r\n", "DATA", deadlines.DataInitiation).ConfigureAwait(false));
    }

    // RFC 5321 §4.5.3.1.10: 452 is "too many recipients", and 552 is to be treated as it; a status may say that it means something else.
    private static bool IsTooMany(SmtpReply reply) => reply.Code is 452 or 552 && reply.Status is null or "4.5.3" or "5.5.3";

    private async ValueTask SendTextAsync(List<int> accepted)
    {
        var writing = "the message";
        try
        {
            var stuffer = new DotStuffer();
            // RFC 2920 §3.1: where DATA was taken although no recipient was, the server gets an empty message and refuses it.
            var content = accepted.Count == 0 ? ReadOnlyMemory<byte>.Empty : message.Content;
            for (var at = 0; at < content.Length; at += Block)
            {
                stuffer.Write(content.Span[at..Math.Min(content.Length, at + Block)], channel.Output);
                if (content.Length - at > Block) await channel.FlushAsync(writing, deadlines.DataBlock).ConfigureAwait(false);
            }
            stuffer.End(channel.Output);
            NoteEnd(accepted);
            await channel.FlushAsync(writing, deadlines.DataBlock).ConfigureAwait(false);
        }
        catch (SessionLostException)
        {
            // A server that hangs up in the middle of a message often says why.
            if (await channel.LastWordAsync().ConfigureAwait(false) is not { } reply || reply.IsPositive) throw;
            Settle(accepted, reply, "the message");
            return;
        }
        await ReadFinalAsync(accepted).ConfigureAwait(false);
    }

    // RFC 3030 §2: the octets as they are, with their count.
    private async ValueTask SendBinaryAsync(List<int> accepted)
    {
        Write($"BDAT {message.Content.Length} LAST\r\n");
        for (var at = 0; at < message.Content.Length; at += Block)
        {
            channel.Output.Write(message.Content.Span[at..Math.Min(message.Content.Length, at + Block)]);
            if (message.Content.Length - at <= Block) NoteEnd(accepted);
            await channel.FlushAsync("the message", deadlines.DataBlock).ConfigureAwait(false);
        }
        await ReadFinalAsync(accepted).ConfigureAwait(false);
    }

    private void NoteEnd(List<int> accepted)
    {
        if (message.Note is { } note && accepted.Count > 0) channel.Note(() => note(accepted, offered.Dsn), deadlines.DataTermination);
    }

    private async ValueTask ReadFinalAsync(List<int> accepted)
    {
        channel.Within(null);
        SmtpReply reply;
        try
        {
            reply = await channel.ReadReplyAsync("the message", deadlines.DataTermination).ConfigureAwait(false);
        }
        catch (SessionLostException lost)
        {
            // RFC 1047: whether it was taken cannot be known. Sent again it may come twice; not sent again it may be lost.
            throw new SessionLostException(lost.Status, lost.Message + "; it may have taken the message, and is sent it again");
        }
        channel.Within(deadlines.Transaction);
        // RFC 5321 §4.1.4: the end of data clears the envelope, whatever the reply.
        NeedsReset = false;
        Settle(accepted, reply, "the message");
        if (reply.IsPositive) message.Taken?.Invoke([.. accepted.Select(index => (index, results[index]!))]);
    }

    private async ValueTask<SmtpReply> CommandAsync(string line, string name, TimeSpan within)
    {
        Write(line);
        await channel.FlushAsync(name, deadlines.Command).ConfigureAwait(false);
        return await ReadAsync(name, within).ConfigureAwait(false);
    }

    private ValueTask<SmtpReply> ReadAsync(string name) => ReadAsync(name, deadlines.Command);

    private async ValueTask<SmtpReply> ReadAsync(string name, TimeSpan within)
    {
        var reply = await channel.ReadReplyAsync(name, within).ConfigureAwait(false);
        // RFC 5321 §3.8: 421 may answer anything, and the server closes.
        if (reply.Code == 421) goodbye = reply;
        return reply;
    }

    private void Write(string line) => Encoding.UTF8.GetBytes(line, channel.Output);

    private void Settle(List<int> indices, SmtpReply reply, string to)
    {
        if (reply.Code == 421) goodbye = reply;
        // RFC 5321 §4.2.1: 3yz asks for more, which only DATA and AUTH have; and 2yz to DATA promises nothing, because no message was sent.
        if (reply.Code / 100 == 3 || (reply.IsPositive && to == "DATA"))
            throw channel.Broken(to);
        var outcome = reply.IsPositive ? RecipientOutcome.Delivered : reply.IsPermanent ? RecipientOutcome.Failed : RecipientOutcome.Deferred;
        foreach (var index in indices)
            results[index] = new RecipientResult(recipients[index], outcome, reply.StatusOrDefault, $"{reply.Code} {reply.ToLine()}", reply, reply.IsPositive && offered.Dsn);
    }

    private void Settle(List<int> indices, RecipientOutcome outcome, string status, string reason)
    {
        foreach (var index in indices) results[index] = new RecipientResult(recipients[index], outcome, status, reason);
    }

    /// <summary>The replies to the RCPTs of one round. A refusal is settled as it comes: what ends the connection later does not undo it.</summary>
    private sealed class RecipientReplies(MailTransaction owner)
    {
        private readonly List<int> accepted = [];
        private readonly List<(int Index, SmtpReply Reply)> tooMany = [];

        internal void Add(int index, SmtpReply reply)
        {
            if (reply.IsPositive) accepted.Add(index);
            else if (IsTooMany(reply)) tooMany.Add((index, reply));
            else owner.Settle([index], reply, "RCPT");
        }

        /// <summary>The recipients accepted. Where there are any, those who were one too many stay open for the next round.</summary>
        internal List<int> End()
        {
            if (accepted.Count == 0)
            {
                // RFC 5321 §4.5.3.1.10: 552 is no refusal for good here.
                foreach (var (index, reply) in tooMany)
                    owner.Settle([index], RecipientOutcome.Deferred, "4.5.3", $"{reply.Code} {reply.ToLine()}");
            }
            return accepted;
        }
    }
}
