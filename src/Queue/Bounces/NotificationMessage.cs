using System.Globalization;
using System.Text;
using MimeKit.Utils;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Intake;
using Sternpost.Queue.TransportSecurity;

namespace Sternpost.Queue.Bounces;

/// <summary>A delivery status notification as octets: multipart/report (RFC 6522) with a text for people, the fields of RFC 3464 for machines, and the message it is about.</summary>
internal static class NotificationMessage
{
    internal static byte[] Write(long id, string hostName, DateTimeOffset now, EmailAddress to, ReportedMessage message, IReadOnlyList<RecipientReport> reports, ReadOnlySpan<byte> original)
    {
        // RFC 3461 §4.3: only a failure returns the whole message, and only where the sender asked for it.
        // RFC 8689 §5: what had to be kept from others' eyes goes back without its content.
        var full = message.Return == DsnReturn.Full && reports[0].Action == DsnAction.Failed && message.Transport != TransportNeed.RequireTls;
        var returned = full ? original : HeaderBlock.Of(original);
        var text = NotificationText.Write(message, reports, HeaderBlock.Subject(original), hostName);
        var fields = Fields(hostName, message, reports);
        var returnedIsAscii = Ascii.IsValid(returned);
        // RFC 6533 §3: the types that carry addresses in UTF-8.
        var status = Ascii.IsValid(fields) ? "message/delivery-status" : "message/global-delivery-status";
        var content = (full, returnedIsAscii) switch
        {
            (true, _) => "message/rfc822",
            (false, true) => "text/rfc822-headers",
            (false, false) => "message/global-headers",
        };
        var allAscii = returnedIsAscii && Ascii.IsValid(text) && Ascii.IsValid(fields);
        var name = QueueId.Format(id);
        // A queue id is never used twice, so no message that existed before can hold this boundary.
        var boundary = "report-" + name;
        var subject = NotificationText.Subject(reports);
        // RFC 2047 where the sender's own address is plain, so that the way back needs no SMTPUTF8.
        if (!Ascii.IsValid(subject) && !to.NeedsSmtpUtf8) subject = Encoding.ASCII.GetString(Rfc2047.EncodeText(Encoding.UTF8, subject));

        var head = new StringBuilder(2048)
            .Append("Date: ").Append(Rfc5322(now)).Append("\r\n")
            .Append("From: Mail Delivery <mailer-daemon@").Append(hostName).Append(">\r\n")
            .Append("To: <").Append(to).Append(">\r\n")
            .Append("Subject: ").Append(subject).Append("\r\n")
            .Append("Message-ID: <").Append(name).Append('@').Append(hostName).Append(">\r\n");
        // RFC 3834 §5: no automatic reply answers this.
        head.Append("Auto-Submitted: auto-replied\r\n")
            .Append("MIME-Version: 1.0\r\n")
            .Append("Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"").Append(boundary).Append("\"\r\n");
        if (!allAscii) head.Append("Content-Transfer-Encoding: 8bit\r\n");
        head.Append("\r\n--").Append(boundary).Append("\r\n");
        AppendPartHead(head, "text/plain; charset=utf-8", Ascii.IsValid(text));
        head.Append(text).Append("\r\n--").Append(boundary).Append("\r\n");
        AppendPartHead(head, status, Ascii.IsValid(fields));
        head.Append(fields).Append("\r\n--").Append(boundary).Append("\r\n");
        AppendPartHead(head, content, returnedIsAscii);
        var front = Encoding.UTF8.GetBytes(head.ToString());
        var back = Encoding.ASCII.GetBytes("\r\n--" + boundary + "--\r\n");
        return [.. front, .. returned, .. back];
    }

    private static void AppendPartHead(StringBuilder head, string type, bool ascii)
    {
        head.Append("Content-Type: ").Append(type).Append("\r\n");
        if (!ascii) head.Append("Content-Transfer-Encoding: 8bit\r\n");
        head.Append("\r\n");
    }

    private static string Fields(string hostName, ReportedMessage message, IReadOnlyList<RecipientReport> reports)
    {
        var fields = new StringBuilder();
        // RFC 3464 §2.2.
        if (message.EnvelopeId is not null) fields.Append("Original-Envelope-Id: ").Append(OneLine(message.EnvelopeId)).Append("\r\n");
        fields.Append("Reporting-MTA: dns; ").Append(hostName).Append("\r\n");
        fields.Append("Arrival-Date: ").Append(Rfc5322(message.Arrived)).Append("\r\n");
        fields.Append("X-Sternpost-Queue-Id: ").Append(QueueId.Format(message.Id)).Append("\r\n");
        foreach (var report in reports)
        {
            // RFC 3464 §2.3.
            fields.Append("\r\n");
            var address = report.Recipient.Address;
            if (report.Recipient.OriginalRecipient is { } original) fields.Append("Original-Recipient: ").Append(OneLine(original)).Append("\r\n");
            fields.Append("Final-Recipient: ").Append(address.NeedsSmtpUtf8 ? "utf-8; " : "rfc822; ").Append(address).Append("\r\n");
            fields.Append("Action: ").Append(Word(report.Action)).Append("\r\n");
            fields.Append("Status: ").Append(report.Status).Append("\r\n");
            if (report.RemoteHost is not null) fields.Append("Remote-MTA: dns; ").Append(OneLine(report.RemoteHost)).Append("\r\n");
            if (report.Reply is not null) fields.Append("Diagnostic-Code: smtp; ").Append(report.Reply.Code).Append(' ').Append(report.Reply.ToLine()).Append("\r\n");
            else if (report.Action is DsnAction.Failed or DsnAction.Delayed) fields.Append("Diagnostic-Code: x-sternpost; ").Append(OneLine(report.Reason)).Append("\r\n");
            if (report.LastAttempt is { } last) fields.Append("Last-Attempt-Date: ").Append(Rfc5322(last)).Append("\r\n");
            if (report.RetryUntil is { } until) fields.Append("Will-Retry-Until: ").Append(Rfc5322(until)).Append("\r\n");
        }
        return fields.ToString();
    }

    private static string Word(DsnAction action) => action switch
    {
        DsnAction.Failed => "failed",
        DsnAction.Delayed => "delayed",
        DsnAction.Delivered => "delivered",
        _ => "relayed",
    };

    private static string OneLine(string text) => new([.. text.Where(c => !char.IsControl(c)).Take(500)]);

    private static string Rfc5322(DateTimeOffset moment) => moment.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
}
