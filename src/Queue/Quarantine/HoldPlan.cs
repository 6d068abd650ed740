using System.Text;
using MimeKit;
using Sternpost.Filter.Verdicts;
using Sternpost.Queue.Intake;
using Sternpost.Smtp.Intake;
using Sternpost.Storage;

namespace Sternpost.Queue.Quarantine;

/// <summary>What is kept of a message that is held, beside the message.</summary>
internal static class HoldPlan
{
    private const int MaxField = 300;
    private const int MaxPreview = 1000;

    internal static HeldMessage Of(long id, IncomingMessage message, RecipientPlan plan, PreparedBlob blob, DateTimeOffset now, TimeSpan keep)
    {
        var verdict = message.Judgement!.Verdict;
        var (author, subject, preview) = Read(message.Content);
        List<HeldRecipient> recipients =
        [
            .. plan.Local.Select(copy => new HeldRecipient(copy.Recipient.Address, copy.Account.Id)),
            .. plan.Outside.Select(recipient => new HeldRecipient(recipient.Address, null)),
        ];
        return new HeldMessage(id, now, now + keep, message.Envelope.ReversePath, author, subject, preview, verdict.Reason, verdict.Reference, IsMalware(verdict), message.Content.Length, recipients)
        {
            BlobId = blob.Id,
            Trace = message.TraceHeaders.ToArray(),
            Body = message.Envelope.Body,
            SmtpUtf8 = message.Envelope.SmtpUtf8,
        };
    }

    private static bool IsMalware(Verdict verdict) => verdict.Findings.Any(finding => finding.Symbol is "VIRUS_FOUND" or "VIRUS_TEST_FILE" or "ATTACHMENT_LISTED");

    // Text only, so that whoever looks at it runs nothing; what cannot be read has no preview.
    private static (string Author, string Subject, string Preview) Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var stream = new MemoryStream(content[..Math.Min(content.Length, 256 * 1024)].ToArray(), writable: false);
            using var mail = MimeMessage.Load(stream);
            return (Cut(mail.From.ToString(), MaxField), Cut(mail.Subject ?? "", MaxField), Cut(mail.TextBody ?? "", MaxPreview));
        }
        catch (FormatException)
        {
            return ("", "", "");
        }
    }

    private static string Cut(string text, int most)
    {
        var shown = new StringBuilder(Math.Min(text.Length, most));
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= most) break;
            if (rune.Value == '\n' || !Rune.IsControl(rune)) shown.Append(rune);
        }
        return shown.ToString().Trim();
    }
}
