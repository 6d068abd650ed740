using System.Text;
using MimeKit;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Answers;
using Sternpost.Queue.Intake;
using Sternpost.Sieve.Actions;

namespace Sternpost.Queue.Filing;

/// <summary>For whom a reply is written.</summary>
/// <param name="Recipient">The address the message came for.</param>
/// <param name="DisplayName">The person's name; may be empty.</param>
/// <param name="MaySendAs">Whether an address is one of the person's.</param>
internal sealed record ReplyAuthor(EmailAddress Recipient, string DisplayName, Func<EmailAddress, ValueTask<bool>> MaySendAs);

/// <summary>Writes what scripts answer (RFC 5230 §5) and notify (RFC 5436 §2.7).</summary>
internal sealed class AutomaticReplies(string hostName)
{
    // RFC 5230 §5.4 lets the subject be cut.
    private const int MostSubject = 256;
    private const int MostReferences = 2000;

    internal static bool IsAutomatic(ReadOnlyMemory<byte> content) => HeaderBlock.IsAutomatic(content.Span);

    /// <summary>The answer to a message; null where it must not be answered.</summary>
    internal async ValueTask<byte[]?> AnswerAsync(VacationAction vacation, EmailAddress sender, ReplyAuthor author, ReadOnlyMemory<byte> content, DateTimeOffset now, CancellationToken cancellation)
    {
        using var stream = new MemoryStream(content.ToArray());
        HeaderList header;
        try
        {
            header = await HeaderList.LoadAsync(stream, cancellation).ConfigureAwait(false);
        }
        catch (FormatException)
        {
            return null;
        }
        var owned = new HashSet<string>(StringComparer.Ordinal) { author.Recipient.Key };
        foreach (var text in vacation.Addresses)
        {
            if (EmailAddress.TryParse(text, out var address)) owned.Add(address.Key);
        }
        foreach (var field in header.Where(field => field.Id is HeaderId.To or HeaderId.Cc or HeaderId.Bcc or HeaderId.ResentTo or HeaderId.ResentCc))
        {
            if (!InternetAddressList.TryParse(field.RawValue, out var list)) continue;
            foreach (var mailbox in list.Mailboxes.Take(100))
            {
                if (EmailAddress.TryParse(mailbox.Address, out var address) && await author.MaySendAs(address).ConfigureAwait(false)) owned.Add(address.Key);
            }
        }
        if (!AnswerRules.MayAnswer(sender, header, address => owned.Contains(address.Key))) return null;
        // RFC 5230 §5.1: who it is from is the user's word as far as it is one of the user's addresses.
        var from = vacation.From is { } wished && (owned.Contains(wished.Key) || await author.MaySendAs(wished).ConfigureAwait(false)) ? wished : WrittenTo(header, owned) ?? author.Recipient;
        var message = Begin(from, vacation.From is null ? author.DisplayName : vacation.FromName ?? "", sender, NameOf(header, sender), now);
        message.Subject = Cut(vacation.Subject ?? "Auto: " + (header[HeaderId.Subject] ?? ""));
        Refer(message, header);
        message.Headers.Add("Auto-Submitted", "auto-replied (vacation)");
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        message.Headers.Add("Precedence", "bulk");
        message.Body = vacation.IsMime && Entity(vacation.Reason) is { } entity ? entity : new TextPart("plain") { Text = vacation.Reason };
        return Write(message);
    }

    /// <summary>A notice of a message.</summary>
    internal byte[] Notice(NotifyAction notify, EmailAddress to, ReplyAuthor author, ReadOnlyMemory<byte> content, DateTimeOffset now)
    {
        string subject, from;
        using (var stream = new MemoryStream(content.ToArray()))
        {
            var header = Header(stream);
            (subject, from) = (header?[HeaderId.Subject] ?? "", header?[HeaderId.From] ?? "");
        }
        var message = Begin(author.Recipient, author.DisplayName, to, null, now);
        message.Subject = Cut(notify.Message is { Length: > 0 } said ? said.ReplaceLineEndings(" ") : $"You have mail: {subject}");
        // RFC 5436 §2.7.1.
        message.Headers.Add("Auto-Submitted", $"auto-notified; owner-email=\"{author.Recipient}\"");
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        if (notify.Importance != 2) message.Importance = notify.Importance == 1 ? MessageImportance.High : MessageImportance.Low;
        foreach (var (name, value) in notify.Method.Headers)
        {
            if (name.Equals("subject", StringComparison.OrdinalIgnoreCase)) message.Subject = Cut(value);
            else message.Headers.Add(name, value);
        }
        message.Body = new TextPart("plain") { Text = notify.Method.Body ?? notify.Message ?? $"{from} has written to {author.Recipient}: {subject}" };
        return Write(message);
    }

    private static HeaderList? Header(Stream stream)
    {
        try
        {
            return HeaderList.Load(stream);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    // Which of the person's addresses the message names: the answer comes from where it was written to (RFC 5230 §5.1).
    private static EmailAddress? WrittenTo(HeaderList header, HashSet<string> owned) => header
        .Where(field => field.Id is HeaderId.To or HeaderId.Cc or HeaderId.Bcc or HeaderId.ResentTo or HeaderId.ResentCc)
        .SelectMany(field => InternetAddressList.TryParse(field.RawValue, out var list) ? list.Mailboxes : [])
        .Select(mailbox => EmailAddress.TryParse(mailbox.Address, out var address) && owned.Contains(address.Key) ? address : null).FirstOrDefault(address => address is not null);

    private static string? NameOf(HeaderList header, EmailAddress address) => header
        .Where(field => field.Id is HeaderId.From or HeaderId.Sender or HeaderId.ReplyTo)
        .SelectMany(field => InternetAddressList.TryParse(field.RawValue, out var list) ? list.Mailboxes : [])
        .FirstOrDefault(mailbox => EmailAddress.TryParse(mailbox.Address, out var known) && known == address)?.Name;

    private MimeMessage Begin(EmailAddress author, string name, EmailAddress to, string? toName, DateTimeOffset now)
    {
        var message = new MimeMessage();
        message.From.Add(new MailboxAddress(Encoding.UTF8, name, author.ToString()));
        message.To.Add(new MailboxAddress(Encoding.UTF8, toName, to.ToString()));
        message.Date = now;
        message.MessageId = Guid.CreateVersion7(now).ToString("N") + "@" + hostName;
        return message;
    }

    // RFC 5230 §5.6, RFC 5322 §3.6.4.
    private static void Refer(MimeMessage message, HeaderList header)
    {
        if (header[HeaderId.MessageId] is not { Length: > 0 and < 1000 } id || MimeKit.Utils.MimeUtils.ParseMessageId(id) is not { } original) return;
        message.InReplyTo = original;
        var room = MostReferences;
        foreach (var reference in MimeKit.Utils.MimeUtils.EnumerateReferences(header[HeaderId.References] ?? ""))
        {
            if ((room -= reference.Length) < 0) break;
            message.References.Add(reference);
        }
        message.References.Add(original);
    }

    private static string Cut(string subject)
    {
        subject = subject.ReplaceLineEndings(" ");
        if (subject.Length <= MostSubject) return subject;
        var end = char.IsHighSurrogate(subject[MostSubject - 2]) ? MostSubject - 2 : MostSubject - 1;
        return subject[..end] + "…";
    }

    // RFC 5230 §4.4: the reason is a whole MIME entity with its fields.
    private static MimeEntity? Entity(string text)
    {
        try
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
            return MimeEntity.Load(stream);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static byte[] Write(MimeMessage message)
    {
        using var written = new MemoryStream();
        message.WriteTo(new FormatOptions { NewLineFormat = NewLineFormat.Dos }, written);
        return written.ToArray();
    }
}
