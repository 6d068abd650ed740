using System.Collections.Specialized;
using Sternpost.Accounts;
using Sternpost.Composition;
using Sternpost.Messages.Addresses;

namespace Sternpost.Administration;

/// <summary>Locking an account that somebody else uses, and giving it back.</summary>
internal sealed class ContainmentActions(ServerParts parts) : IActionGroup
{
    public IReadOnlyList<AdministrationAction> Actions { get; } =
    [
        new("contain", "Lock a stolen account", "Lock it", "Nobody signs in or sends as this account; its sessions and app passwords end; what it has in the queue is taken out; copies here go to Junk. All of it is kept, and can be taken back.", "The account is locked. What was found is in the alert."),
        new("restore", "It was a false alarm", "Put everything back", "The account is as it was: sign-in, app passwords, forwards; its mail goes out.", "The account is as it was."),
        new("restore-stolen", "Give a stolen account back", "Give it back", "The account works again with its new password, which must be set first. The thief's mail is thrown away.", "The account works again."),
    ];

    public async Task<(string Subject, string Details)?> DescribeAsync(AdministrationAction action, string id, CancellationToken cancellation) =>
        EmailAddress.TryParse(id, out var address) && await parts.Directory.FindAccountAsync(address, cancellation) is { } account && account.Status == AccountStatus.Contained == (action.Name != "contain")
            ? (account.Address.ToString(), account.DisplayName) : null;

    public async Task<ActionOutcome> RunAsync(AdministrationAction action, string id, NameValueCollection form, Account by, CancellationToken cancellation)
    {
        if (!EmailAddress.TryParse(id, out var address) || await parts.Directory.FindAccountAsync(address, cancellation) is not { } account) return ActionOutcome.Gone;
        if (action.Name != "contain") return await parts.Sending.Containment.ReleaseAsync(account, putBack: action.Name == "restore", cancellation) is null ? ActionOutcome.Gone : ActionOutcome.Done;
        if (account.Id == by.Id) return new ActionOutcome("That is your own account; have another administrator lock it, or use 'sternpost account contain' on the server.");
        return await parts.Sending.Containment.ContainAsync(account, null, onlyUnusual: false, automatic: false, $"{by.Address} said so on the administrator's page", cancellation) is null ? ActionOutcome.Gone : ActionOutcome.Done;
    }
}
