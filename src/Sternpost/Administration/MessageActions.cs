using System.Collections.Specialized;
using Sternpost.Abuse.Holds;
using Sternpost.Accounts;
using Sternpost.Composition;
using Sternpost.Queue;
using Sternpost.Queue.Quarantine;

namespace Sternpost.Administration;

/// <summary>What can be done with single messages: those in quarantine, those kept back by a limit, those that wait to go out.</summary>
internal sealed class MessageActions(ServerParts parts, TimeProvider time) : IActionGroup
{
    private const string Quarantine = AdministrationPage.Path + "/quarantine";
    private const string Queue = AdministrationPage.Path + "/queue";

    public IReadOnlyList<AdministrationAction> Actions { get; } =
    [
        new("quarantine-release", "Deliver a held message", "Deliver it", "The message goes to its recipients, and their filters learn that such mail is wanted.", "The message is released; it is delivered within seconds.") { Back = Quarantine },
        new("quarantine-delete", "Delete a held message", "Delete it", "The message is gone for good. Nobody is told, the sender neither.", "The message is deleted.") { Back = Quarantine },
        new("hold-release", "Send held mail on", "Send it on", "The message was kept back because a limit was reached, or because it is unusual for its sender. It goes out now.", "The message goes out now."),
        new("hold-delete", "Delete held outgoing mail", "Delete it", "The message does not go out, to nobody. Its sender is not told.", "The message is deleted."),
        new("queue-retry", "Try a message again now", "Try now", "The servers of its recipients are asked again at once, whatever the plan was. What is kept back stays so.", "It is tried again now.") { Back = Queue },
        new("queue-hold", "Keep a message back", "Keep it back", "The message waits until somebody lets it go on, at most until it is given up. A delivery that is under way is not stopped.", "The message is kept back.") { Back = Queue },
        new("queue-release", "Let a message go on", "Let it go on", "The message is tried again, as if it had not been kept back.", "The message goes on.") { Back = Queue },
        new("queue-cancel", "Take a message out of the queue", "Take it out", "Those who have not got it yet never will. Nobody is told, the sender neither.", "The message is out of the queue.") { Back = Queue },
    ];

    public async Task<(string Subject, string Details)?> DescribeAsync(AdministrationAction action, string id, CancellationToken cancellation)
    {
        if (!QueueId.TryParse(id, out var message)) return null;
        if (action.Name.StartsWith("quarantine-", StringComparison.Ordinal))
        {
            return await new QuarantineList(parts.Database).FindAsync(message, cancellation) is { } held
                ? ($"From {held.Author}, to {string.Join(", ", held.Recipients.Select(recipient => recipient.Address))}: {held.Subject}", $"{held.Reason}\n\n{held.Preview}") : null;
        }
        if (await new QueueInspection(parts.Database, time).FindAsync(message, cancellation) is not { } entry) return null;
        var isHeld = entry.Recipients.Any(recipient => recipient.Held);
        var fits = action.Name switch
        {
            "queue-retry" or "queue-cancel" => true,
            "queue-hold" => entry.Recipients.Any(recipient => !recipient.Held),
            _ => isHeld,
        };
        return fits ? ($"To {entry.Recipients.Count} {(entry.Recipients.Count == 1 ? "recipient" : "recipients")}, from {entry.Message.ReversePath?.ToString() ?? "<>"}", string.Join("\n", entry.Recipients.Take(20).Select(recipient => recipient.Recipient.Address))) : null;
    }

    public async Task<ActionOutcome> RunAsync(AdministrationAction action, string id, NameValueCollection form, Account by, CancellationToken cancellation)
    {
        if (!QueueId.TryParse(id, out var message)) return ActionOutcome.Gone;
        var (quarantine, queue, selection) = (new QuarantineList(parts.Database), new QueueInspection(parts.Database, time), new QueueSelection(message));
        var isDone = action.Name switch
        {
            "quarantine-release" => await quarantine.ReleaseAsync(message, teach: true, cancellation),
            "quarantine-delete" => await quarantine.DeleteAsync(message, cancellation),
            "queue-retry" => await queue.RetryAsync(selection, cancellation) > 0,
            "queue-hold" => await queue.HoldAsync(selection, cancellation) > 0,
            "queue-release" or "hold-release" => await queue.ReleaseAsync(selection, cancellation) > 0 && await ForgetHoldAsync(message, cancellation),
            _ => await queue.DropAsync(selection, cancellation) > 0 && await ForgetHoldAsync(message, cancellation),
        };
        return isDone ? ActionOutcome.Done : ActionOutcome.Gone;
    }

    private ValueTask<bool> ForgetHoldAsync(long message, CancellationToken cancellation) => parts.Database.WriteAsync(
        sql =>
        {
            HoldRows.Delete(sql, message);
            return true;
        },
        cancellation);
}
