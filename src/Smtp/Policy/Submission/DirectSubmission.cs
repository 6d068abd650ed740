using System.Net;
using System.Text;
using Sternpost.Abuse.Limits;
using Sternpost.Accounts;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Filter;
using Sternpost.Filter.Verdicts;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Smtp.Intake;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Policy.Submission;

/// <summary>Which rule a message that a user hands over breaks.</summary>
public enum SubmissionFault
{
    /// <summary>None.</summary>
    None,
    /// <summary>The account may not send at all.</summary>
    Account,
    /// <summary>The reverse-path is not the account's.</summary>
    MailFrom,
    /// <summary>From or Sender names an address that is not the account's.</summary>
    From,
    /// <summary>The message's header is malformed.</summary>
    Message,
    /// <summary>Recipients that nobody here has, or whose mailboxes are full.</summary>
    Recipients,
    /// <summary>A sending limit stands in the way, or the server takes nothing now.</summary>
    Limit,
}

/// <summary>What came of a message that was handed over.</summary>
/// <param name="Fault">The rule it breaks; none where it was taken.</param>
/// <param name="Reply">The reply that SMTP would have given.</param>
/// <param name="QueueId">Its name in logs, traces and the queue; null where it was not taken.</param>
public sealed record SubmissionOutcome(SubmissionFault Fault, string Reply, string? QueueId)
{
    /// <summary>The recipients at fault.</summary>
    public IReadOnlyList<EmailAddress> Recipients { get; init; } = [];
}

/// <summary>
/// The door for our users' messages that do not come by SMTP. The rules are those of <see cref="SubmissionPolicy"/>, asked in the same
/// order, and the same intake answers for the message.
/// </summary>
public sealed class DirectSubmission
{
    private readonly SmtpServices services;

    internal DirectSubmission(SmtpServices services) => this.services = services;

    /// <summary>Most recipients of one message.</summary>
    public int MostRecipients => services.Options.Recipients;

    /// <summary>Whether the account may send this now; the outcome's queue id is null.</summary>
    /// <param name="account">Who sends it.</param>
    /// <param name="appPassword">The app password it signed in with; null for its own.</param>
    /// <param name="client">From where.</param>
    /// <param name="envelope">Its envelope.</param>
    /// <param name="content">The message, CRLF lines.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async ValueTask<SubmissionOutcome> CheckAsync(Account account, AppPassword? appPassword, IPAddress client, Envelope envelope, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var now = await services.Directory.FindAccountAsync(account.Address, cancellation).ConfigureAwait(false);
        if (now is not { Status: AccountStatus.Active } || now.Id != account.Id) return Refuse(SubmissionFault.Account, Replies.AccountClosed(account.Address));
        if (envelope.ReversePath is { } sender && !await services.Directory.MaySendAsAsync(now, sender, cancellation).ConfigureAwait(false))
            return Refuse(SubmissionFault.MailFrom, Replies.SenderNotOwned(sender, now));
        var (outside, bad, reply) = (0, new List<EmailAddress>(), (Reply?)null);
        foreach (var recipient in envelope.Recipients)
        {
            switch (await services.Directory.ResolveAsync(recipient.Address, cancellation).ConfigureAwait(false))
            {
                case RecipientResolution.Deliver found:
                    outside += found.Forward.Count;
                    break;
                case RecipientResolution.Unknown or RecipientResolution.Return:
                    bad.Add(recipient.Address);
                    reply ??= Replies.UnknownRecipient(recipient.Address);
                    break;
                case RecipientResolution.SwitchedOff:
                    bad.Add(recipient.Address);
                    reply ??= Replies.SwitchedOff(recipient.Address);
                    break;
                case RecipientResolution.Full:
                    bad.Add(recipient.Address);
                    reply ??= Replies.RecipientFull(recipient.Address);
                    break;
                case RecipientResolution.NotLocal when services.Suppressed is { } suppressed && await suppressed(recipient.Address, cancellation).ConfigureAwait(false) is { } why:
                    bad.Add(recipient.Address);
                    reply ??= Replies.Suppressed(recipient.Address, why);
                    break;
                default:
                    outside++;
                    break;
            }
        }
        if (reply is not null) return Refuse(SubmissionFault.Recipients, reply) with { Recipients = bad };
        if (outside > 0 && await services.Limits.CheckAsync(SendingIdentity.Of(now, appPassword, client), 0, outside, cancellation).ConfigureAwait(false) is { } reached) return Refuse(SubmissionFault.Limit, Replies.LimitReached(reached));
        var header = SubmittedHeader.Read(content.Span);
        if (header.Problem is not null) return Refuse(SubmissionFault.Message, Replies.MessageMalformed(header.Problem));
        foreach (var author in header.Authors)
        {
            if (!await services.Directory.MaySendAsAsync(now, author, cancellation).ConfigureAwait(false)) return Refuse(SubmissionFault.From, Replies.FromNotOwned(author, now));
        }
        return new SubmissionOutcome(SubmissionFault.None, Replies.Ok.ToString(), null);
    }

    /// <summary>Hands a message over; when this completes and it was taken, it is durable.</summary>
    /// <param name="account">Who sends it.</param>
    /// <param name="appPassword">The app password it signed in with; null for its own.</param>
    /// <param name="client">From where; it is told in the message's first Received line as for any submission.</param>
    /// <param name="protocol">How it came, for that line.</param>
    /// <param name="envelope">Its envelope.</param>
    /// <param name="content">The message, CRLF lines.</param>
    /// <param name="cancellation">Ends the wait before it is handed over.</param>
    public async ValueTask<SubmissionOutcome> SubmitAsync(Account account, AppPassword? appPassword, IPAddress client, string protocol, Envelope envelope, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var check = await CheckAsync(account, appPassword, client, envelope, content, cancellation).ConfigureAwait(false);
        if (check.Fault != SubmissionFault.None) return check;
        var now = await services.Directory.FindAccountAsync(account.Address, cancellation).ConfigureAwait(false) ?? account;
        var facts = new SessionFacts(client, "", protocol, null, null, now.Address, services.Time.GetUtcNow(), SessionId.Next());
        var inspected = await services.Judges.InspectOutgoingAsync(new MessageUnderJudgement(facts, envelope, content), cancellation).ConfigureAwait(false);
        if (inspected.Deferral is { } waiting) return Refuse(SubmissionFault.Limit, Replies.ComeBack(waiting));
        if (inspected.Verdict.Disposition == Disposition.Reject || inspected.Verdict.IsQuarantined) return Refuse(SubmissionFault.Limit, Replies.OutgoingRefused(inspected.Verdict));
        var header = SubmittedHeader.Read(content.Span);
        var whole = MissingFields.Add(content, header, now.Address.Domain, facts);
        var result = await services.Intake.AcceptAsync(new IncomingMessage(facts, envelope, Received(facts, envelope), whole, null, now) { Sender = SendingIdentity.Of(now, appPassword, client) }, CancellationToken.None).ConfigureAwait(false);
        var reply = Replies.From(result);
        return result.Accepted ? new SubmissionOutcome(SubmissionFault.None, reply.ToString(), result.Id) : Refuse(SubmissionFault.Limit, reply);
    }

    // RFC 5321 §4.4, as for a session; there was no EHLO to repeat.
    private byte[] Received(SessionFacts facts, Envelope envelope)
    {
        var line = new StringBuilder(200);
        line.Append("Received: from ").Append(ClientAddress.Literal(facts.ClientAddress)).Append("\r\n\tby ").Append(services.Options.HostName.Ascii).Append(" with ").Append(facts.Protocol).Append(" id ").Append(facts.SessionId);
        if (envelope.Recipients is [var only]) line.Append("\r\n\tfor <").Append(only.Address).Append('>');
        return Encoding.UTF8.GetBytes(line.Append(";\r\n\t").Append(TraceHeaders.Date(facts.ReceivedAt)).Append("\r\n").ToString());
    }

    private static SubmissionOutcome Refuse(SubmissionFault fault, Reply reply) => new(fault, reply.ToString(), null);
}
