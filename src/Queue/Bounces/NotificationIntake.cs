using Sternpost.Queue.Intake;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Storage;

namespace Sternpost.Queue.Bounces;

/// <summary>Makes notifications ready to be written in the transaction that settles what they report.</summary>
internal sealed class NotificationIntake(Database database, ServerMail mail, QueueOptions options, TimeProvider time)
{
    internal async ValueTask<IReadOnlyList<PlannedMessage>> PlanAsync(ReportedMessage message, ReadOnlyMemory<byte> original, IReadOnlyList<RecipientReport> reports, CancellationToken cancellation)
    {
        // RFC 3461 §6.1, RFC 5321 §6.1: a notification has the null reverse-path, and what has one is never notified about.
        if (message.ReversePath is not { } sender) return [];
        var planned = new List<PlannedMessage>();
        foreach (var kind in reports.Where(report => report.IsWanted).GroupBy(report => report.Action))
        {
            var id = database.NextId();
            var content = NotificationMessage.Write(id, options.HostName.Ascii, time.GetUtcNow(), sender, message, [.. kind], original.Span);
            var need = message.Transport == TransportNeed.RequireTls ? TransportNeed.RequireTls : TransportNeed.Usual;
            // Null where the sender is gone: there is nobody left to tell.
            if (await mail.PlanAsync(id, sender, content, need, cancellation, about: message.Id).ConfigureAwait(false) is { } notification) planned.Add(notification);
        }
        return planned;
    }
}
