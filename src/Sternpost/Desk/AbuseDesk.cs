using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Dns;
using Sternpost.Filter.Verdicts;
using Sternpost.MailAuth.Dmarc;
using Sternpost.Messages.Addresses;
using Sternpost.Reports.Complaints;
using Sternpost.Smtp.Intake;
using Sternpost.Storage;
using Sternpost.Tracing;

namespace Sternpost.Desk;

/// <summary>
/// Reads mail to abuse and postmaster (RFC 2142 §2, §4), finds the message of ours that it complains of, names the account, and keeps a case in the
/// transaction that keeps the mail; the mail itself is delivered as any other.
/// </summary>
internal sealed partial class AbuseDesk(Database database, AccountDirectory directory, DomainName host, TimeProvider time, ILogger<AbuseDesk> logger)
{
    // Traces are not kept longer than some weeks; complaints come within days.
    private static readonly TimeSpan LooksBack = TimeSpan.FromDays(60);

    // A clue that is a word of everybody's finds too much to mean anything.
    private const int MostFound = 5;

    private readonly ComplaintReader reader = new(time, host);

    /// <summary>What a message means for the desk: writes the case inside the intake's transaction; null where it is none.</summary>
    public async ValueTask<Action<Sql>?> ReadAsync(IncomingMessage message, CancellationToken cancellation)
    {
        if (message.Submitter is not null || Address(message) is not { } address) return null;
        var complaint = reader.Read(message.Content);
        var trail = await FindAsync(complaint, cancellation);
        // Spam comes to these addresses as to any, and postmaster hears of much that is no complaint.
        var isSpam = message.Judgement?.Verdict.Disposition is Disposition.Junk or Disposition.Reject;
        var isForm = complaint.Kind != ComplaintKind.Text;
        if (trail is null && (isSpam || (!isForm && (!IsAbuse(address) || message.Envelope.ReversePath is null)))) return null;
        var account = trail is null ? await OwnerAsync(complaint.Sender, cancellation) : await OwnerAsync(trail.Sender, cancellation);
        var authentication = message.Judgement?.Authentication;
        var kept = new ComplaintCase(database.NextId(), time.GetUtcNow(), complaint.Kind, message.Envelope.ReversePath?.ToString() ?? authentication?.FromDomain?.Ascii ?? "", authentication?.Dmarc.Kind == DmarcKind.Pass,
            complaint.Category, trail?.Subject is { Length: > 0 } subject ? subject : complaint.Subject, trail?.MessageId is { Length: > 0 } id ? id : complaint.MessageId, trail?.Id, account, complaint.Excerpt, null, "");
        return sql =>
        {
            CaseBook.Write(sql, kept);
            sql.AfterCommit(() => LogKept(kept.Kind, kept.Reporter, kept.Account.Length > 0 ? kept.Account : "nobody known", kept.MessageId));
        };
    }

    private async ValueTask<FoundTrail?> FindAsync(Complaint complaint, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var clue in complaint.Clues)
        {
            var found = await TraceSearch.FindAsync(database, clue, now - LooksBack, now, MostFound + 1, cancellation);
            if (found.Count <= MostFound && found.Find(IsOurs) is { } trail) return trail;
        }
        // Where everything that names the message was left out, its sender and time are what remains.
        if (complaint is { Arrived: { } arrived, Sender.Length: > 0 })
        {
            var found = await TraceSearch.FindAsync(database, complaint.Sender, arrived.AddHours(-6), arrived.AddHours(1), MostFound + 1, cancellation);
            var ours = found.Where(IsOurs).Where(trail => complaint.Subject.Length == 0 || trail.Subject.Equals(complaint.Subject, StringComparison.OrdinalIgnoreCase)).ToList();
            if (ours is [var only]) return only;
        }
        return null;
    }

    // What we took in from a user and sent on, not what somebody sent us.
    private static bool IsOurs(FoundTrail trail) => trail.Steps.Any(step => step.Step.Kind is StepKind.Queued or StepKind.Delivered or StepKind.Held or StepKind.Deferred or StepKind.Failed);

    private async ValueTask<string> OwnerAsync(string sender, CancellationToken cancellation)
    {
        if (!EmailAddress.TryParse(sender, out var address)) return "";
        if (await directory.FindAccountAsync(address, cancellation) is { } account) return account.Address.ToString();
        foreach (var site in await directory.SitesAsync(cancellation))
        {
            if (await directory.MaySendAsAsync(site, address, cancellation)) return site.Address.ToString();
        }
        return await directory.ResolveAsync(address, cancellation) is RecipientResolution.Deliver { Local: [var first, ..] } ? first.Account.Address.ToString() : "";
    }

    private static EmailAddress? Address(IncomingMessage message)
    {
        foreach (var recipient in message.Envelope.Recipients)
        {
            if (IsAbuse(recipient.Address) || recipient.Address.LocalPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase)) return recipient.Address;
        }
        return null;
    }

    private static bool IsAbuse(EmailAddress address) => address.LocalPart.Equals("abuse", StringComparison.OrdinalIgnoreCase);

    [LoggerMessage(1040, LogLevel.Warning, "A complaint ({Kind}) of {Reporter} about {Account}, message {MessageId}; see 'sternpost abuse list'")]
    private partial void LogKept(ComplaintKind kind, string reporter, string account, string messageId);
}
