using Sternpost.Accounts;
using Sternpost.Composition;
using Sternpost.Messages.Addresses;
using Sternpost.Queue;
using Sternpost.Queue.Quarantine;

namespace Sternpost.Administration;

/// <summary>Something that the page can do.</summary>
/// <param name="Name">In addresses.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Button">What the button says.</param>
/// <param name="Meaning">What happens, before it is confirmed.</param>
/// <param name="Done">What is said afterwards.</param>
internal sealed record AdministrationAction(string Name, string Title, string Button, string Meaning, string Done);

/// <summary>What an administrator can do from the page; each is told and confirmed first.</summary>
internal sealed class AdministrationActions(ServerParts parts, TimeProvider time)
{
    public static IReadOnlyList<AdministrationAction> All { get; } =
    [
        new("quarantine-release", "Deliver a held message", "Deliver it", "The message goes to its recipients, and their filters learn that such mail is wanted.", "The message is released; it is delivered within seconds."),
        new("quarantine-delete", "Delete a held message", "Delete it", "The message is gone for good. Nobody is told, the sender neither.", "The message is deleted."),
        new("hold-release", "Send held mail on", "Send it on", "The message was kept back because a limit was reached, or because it is unusual for its sender. It goes out now.", "The message goes out now."),
        new("hold-delete", "Delete held outgoing mail", "Delete it", "The message does not go out, to nobody. Its sender is not told.", "The message is deleted."),
        new("contain", "Lock a stolen account", "Lock it", "Nobody signs in or sends as this account; its sessions and app passwords end; what it has in the queue is taken out; copies here go to Junk. All of it is kept, and can be taken back.", "The account is locked. What was found is in the alert."),
        new("restore", "It was a false alarm", "Put everything back", "The account is as it was: sign-in, app passwords, forwards; its mail goes out.", "The account is as it was."),
        new("restore-stolen", "Give a stolen account back", "Give it back", "The account works again with its new password, which must be set first. The thief's mail is thrown away.", "The account works again."),
    ];

    /// <summary>What is meant, in words, with the beginning of a message's text where there is one; null where there is no such thing.</summary>
    public async Task<(string Subject, string Details)?> DescribeAsync(AdministrationAction action, string id, CancellationToken cancellation)
    {
        if (action.Name.StartsWith("quarantine-", StringComparison.Ordinal))
        {
            return QueueId.TryParse(id, out var held) && await new QuarantineList(parts.Database).FindAsync(held, cancellation) is { } message
                ? ($"From {message.Author}, to {string.Join(", ", message.Recipients.Select(recipient => recipient.Address))}: {message.Subject}", $"{message.Reason}\n\n{message.Preview}") : null;
        }
        if (action.Name.StartsWith("hold-", StringComparison.Ordinal))
        {
            return QueueId.TryParse(id, out var queued) && await new QueueInspection(parts.Database, time).FindAsync(queued, cancellation) is { } entry && entry.Recipients.Any(recipient => recipient.Held)
                ? ($"To {entry.Recipients.Count} recipients, from {entry.Message.ReversePath?.ToString() ?? "<>"}", string.Join("\n", entry.Recipients.Take(20).Select(recipient => recipient.Recipient.Address))) : null;
        }
        return await AccountAsync(id, cancellation) is { } account && account.Status == AccountStatus.Contained == (action.Name != "contain")
            ? (account.Address.ToString(), account.DisplayName) : null;
    }

    /// <summary>Does it; null where it is done, otherwise why not.</summary>
    public async Task<string?> RunAsync(AdministrationAction action, string id, Account by, CancellationToken cancellation)
    {
        if (await DescribeAsync(action, id, cancellation) is null) return "There is no such thing any more: somebody else may have done it meanwhile.";
        var message = QueueId.TryParse(id, out var parsed) ? parsed : 0;
        try
        {
            switch (action.Name)
            {
                case "quarantine-release":
                    return await new QuarantineList(parts.Database).ReleaseAsync(message, teach: true, cancellation) ? null : Gone;
                case "quarantine-delete":
                    return await new QuarantineList(parts.Database).DeleteAsync(message, cancellation) ? null : Gone;
                case "hold-release":
                    return await new QueueInspection(parts.Database, time).ReleaseAsync(new QueueSelection(message), cancellation) > 0 ? null : Gone;
                case "hold-delete":
                    return await new QueueInspection(parts.Database, time).DropAsync(new QueueSelection(message), cancellation) > 0 ? null : Gone;
                case "contain":
                    var account = (await AccountAsync(id, cancellation))!;
                    if (account.Id == by.Id) return "That is your own account; have another administrator lock it, or use 'sternpost account contain' on the server.";
                    return await parts.Sending.Containment.ContainAsync(account, null, onlyUnusual: false, automatic: false, $"{by.Address} said so on the administrator's page", cancellation) is null ? Gone : null;
                default:
                    return await parts.Sending.Containment.ReleaseAsync((await AccountAsync(id, cancellation))!, putBack: action.Name == "restore", cancellation) is null ? Gone : null;
            }
        }
        catch (DirectoryException refused)
        {
            return refused.Message;
        }
    }

    private const string Gone = "Nothing was changed: it is not there any more.";

    private async ValueTask<Account?> AccountAsync(string id, CancellationToken cancellation) =>
        EmailAddress.TryParse(id, out var address) ? await parts.Directory.FindAccountAsync(address, cancellation) : null;
}
