using Sternpost.Filter;
using Sternpost.Filter.Corpora;
using Sternpost.Filter.Verdicts;
using Sternpost.Messages.Addresses;
using Sternpost.Smtp.Client;
using Sternpost.Smtp.Grammar;
using Sternpost.Smtp.Policy.Mx;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Policy.ContentFilter;

/// <summary>
/// The door of the content filter, as Amavis has one: a server hands over a message, it is judged, marked and passed on to the next
/// hop. Nothing is kept here: the message is acknowledged when the next hop has acknowledged it, so there is nothing to lose.
/// </summary>
internal sealed class ContentFilterPolicy(SmtpServices services) : SessionPolicy
{
    internal override string Door => "content-filter";

    internal override bool TakesUsers => false;

    internal override bool IsContentFilter => true;

    internal override ValueTask<Reply?> MaySendAsync(SmtpSession session, MailArgument mail, CancellationToken cancellation) => default;

    // Who is a recipient is for the server in front and the next hop to say; mail leaves to that hop alone.
    internal override ValueTask<Reply?> MayReceiveAsync(SmtpSession session, Transaction transaction, EmailAddress recipient, CancellationToken cancellation) => default;

    internal override async ValueTask<Reply> TakeAsync(SmtpSession session, Transaction transaction, MessageBuffer message, CancellationToken cancellation)
    {
        var options = services.ContentFilter!;
        message.Truncate(ForgedResults.Cut(message.Content.Span, services.Options.HostName, out var forged));
        if (forged > 0) services.Log.ForgedResults(session.Reference, forged, session.Client);
        var facts = await session.FactsAsync(transaction).ConfigureAwait(false);
        var envelope = transaction.ToEnvelope();
        // The server in front has written its Received field by now; what its client sent is what is judged.
        var trace = DeliveryTrace.Length(message.Content.Span, facts.ClientAddress);
        var judgement = await services.Judges.JudgeAsync(new MessageUnderJudgement(facts, envelope, message.Content[trace..]), cancellation).ConfigureAwait(false);
        if (judgement.Deferral is { } waiting) return Replies.ComeBack(waiting);
        if (judgement.Verdict.Disposition == Disposition.Reject && options.Refuse) return Replies.Rejected(judgement.Verdict);

        var onward = new OutgoingMessage(envelope.ReversePath, options.Mark(Onward(message.Content, trace, judgement), judgement), envelope.Body, envelope.SmtpUtf8, envelope.Return, envelope.EnvelopeId)
        {
            Forwarded = session.Forwarded,
            AllOrNothing = !session.IsLmtp,
        };
        var (failure, results) = await PassOnAsync(session, options, onward, envelope.Recipients).ConfigureAwait(false);
        if (failure is not null) return Replies.NextHopAway(options.NextHop.Name, failure.Reason);
        transaction.Outcomes = [.. results.Select(ReplyOf)];
        return transaction.Outcomes.FirstOrDefault(reply => reply.IsRefusal && !IsForAnother(reply)) ?? transaction.Outcomes.FirstOrDefault(reply => reply.IsRefusal) ?? transaction.Outcomes[0];
    }

    private static ReadOnlyMemory<byte> Onward(ReadOnlyMemory<byte> content, int trace, Judgement judgement) =>
        judgement.Stripped is not { } stripped ? content : trace == 0 ? stripped : (byte[])[.. content.Span[..trace], .. stripped];

    private async ValueTask<(ClientFailure? Failure, IReadOnlyList<RecipientResult> Results)> PassOnAsync(
        SmtpSession session, ContentFilterOptions options, OutgoingMessage message, IReadOnlyList<Messages.Envelopes.EnvelopeRecipient> recipients)
    {
        if (session.Onward is { IsUsable: true } kept && await kept.IsAliveAsync().ConfigureAwait(false)) return (null, await kept.SendAsync(message, recipients).ConfigureAwait(false));
        if (session.Onward is not null) await session.Onward.DisposeAsync().ConfigureAwait(false);
        session.Onward = null;
        // Not ended by the client's leaving: what the next hop may already have is not called back.
        var opening = await SmtpClientConnection.OpenAsync(options.NextHop, new ClientOptions { HelloName = services.Options.HostName, Deadlines = options.Deadlines }, services.Time, CancellationToken.None).ConfigureAwait(false);
        if (opening is not ClientOpening.Opened opened) return (((ClientOpening.Failed)opening).Failure, []);
        session.Onward = opened.Connection;
        return (null, await opened.Connection.SendAsync(message, recipients).ConfigureAwait(false));
    }

    private static Reply ReplyOf(RecipientResult result)
    {
        var text = $"<{result.Recipient.Address}>: {(result.Reply is null ? "the next server " + result.Reason : string.Join(' ', result.Reply.Lines))}";
        return result.Outcome switch
        {
            RecipientOutcome.Delivered => new Reply(250, "2.0.0", text),
            RecipientOutcome.Failed => new Reply(result.Reply is { IsPermanent: true } reply ? reply.Code : 554, Class(result.Status, '5'), text),
            // 421 would end the client's session with us, and it is the next hop that is tired.
            _ => new Reply(result.Reply is { IsTransient: true, Code: not 421 } reply ? reply.Code : 451, Class(result.Status, '4'), text),
        };
    }

    private static string Class(string status, char digit) => digit + status[1..];

    // What one recipient hears only because of another is not what the client should be told first.
    private static bool IsForAnother(Reply reply) => reply.Status == "4.5.0";
}
