using System.Globalization;
using System.Text;
using Sternpost.Queue.Replies;

namespace Sternpost.Queue.Bounces;

/// <summary>The part of a notification that is for people. Its first sentence says all most readers need.</summary>
internal static class NotificationText
{
    internal static string Subject(IReadOnlyList<RecipientReport> reports)
    {
        var whom = reports.Count == 1 ? reports[0].Recipient.Address.ToString() : string.Create(CultureInfo.InvariantCulture, $"{reports.Count} recipients");
        return reports[0].Action switch
        {
            DsnAction.Failed => "Not delivered: your message to " + whom,
            DsnAction.Delayed => "Still on its way: your message to " + whom,
            _ => "Delivered: your message to " + whom,
        };
    }

    internal static string Write(ReportedMessage message, IReadOnlyList<RecipientReport> reports, string? subject, string hostName)
    {
        var text = new StringBuilder();
        text.Append(FirstSentence(reports)).Append("\r\n\r\n");
        if (!string.IsNullOrEmpty(subject)) text.Append("Subject of your message: ").Append(subject).Append("\r\n");
        text.Append("Received by us: ").Append(Moment(message.Arrived)).Append("\r\n");
        foreach (var report in reports) Append(text, report, alone: reports.Count == 1);
        text.Append("\r\nThis notice comes from the mail server ").Append(hostName)
            .Append(", not from a person. If you ask\r\nyour administrator about it, quote the id ").Append(QueueId.Format(message.Id)).Append(".\r\n");
        return text.ToString();
    }

    private static string FirstSentence(IReadOnlyList<RecipientReport> reports)
    {
        var first = reports[0];
        var whom = reports.Count == 1 ? first.Recipient.Address.ToString() : string.Create(CultureInfo.InvariantCulture, $"{reports.Count} recipients");
        return first.Action switch
        {
            DsnAction.Failed when reports.Count == 1 => $"Your message to {whom} was not delivered:\r\n{Cause(first)}.",
            DsnAction.Failed => $"Your message was not delivered to {whom}.",
            DsnAction.Delayed => $"Your message to {whom} has not been delivered yet. You need not do\r\nanything: this server goes on trying until {Moment(first.RetryUntil ?? default)}.",
            DsnAction.Relayed => $"Your message to {whom} was handed over to the recipient's mail server,\r\nwhich does not confirm delivery.",
            _ => $"Your message to {whom} was delivered.",
        };
    }

    private static void Append(StringBuilder text, RecipientReport report, bool alone)
    {
        if (report.Action is DsnAction.Delivered or DsnAction.Relayed)
        {
            if (!alone) text.Append("\r\n  ").Append(report.Recipient.Address).Append("\r\n");
            return;
        }
        text.Append("\r\nRecipient:  ").Append(report.Recipient.Address).Append("\r\n");
        text.Append("Reason:     ").Append(Cause(report)).Append("\r\n");
        if (report.Action == DsnAction.Failed)
            text.Append("What to do: ").Append(Found(report).Remedy).Append("\r\n");
        if (report.Reply is { } reply)
        {
            text.Append("The server ").Append(report.RemoteHost ?? "there").Append(" answered:\r\n    ")
                .Append(reply.Code).Append(' ').Append(reply.ToLine()).Append("\r\n");
        }
        else text.Append("Detail:     ").Append(report.Reason).Append("\r\n");
        if (Found(report) is { Administrator.Length: > 0 } cause)
        {
            text.Append("For your administrator: ").Append(cause.Administrator).Append("\r\n");
            if (cause.Link is not null) text.Append("    ").Append(cause.Link).Append("\r\n");
        }
    }

    // Where no server answered and the fault is not on the way (X.3: a system, here our own), our own words say it best.
    private static string Cause(RecipientReport report) =>
        report is { Reply: null, Status: "5.3.2" or "4.3.0" } ? report.Reason
        : Found(report).Cause;

    private static DeliveryCause Found(RecipientReport report) => DeliveryCauses.Of(report.RemoteHost ?? "", report.Status, report.Reply, report.Recipient.Address.Domain);

    private static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("ddd, d MMM yyyy HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
