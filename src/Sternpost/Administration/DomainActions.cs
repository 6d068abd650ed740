using System.Collections.Specialized;
using Sternpost.Accounts;
using Sternpost.Composition;
using Sternpost.Dns;
using Sternpost.Queue.Signing;

namespace Sternpost.Administration;

/// <summary>Receiving mail for a domain, and no longer.</summary>
internal sealed class DomainActions(ServerParts parts, TimeProvider time) : IActionGroup
{
    private const string Back = AdministrationPage.Path + "/domains";

    public IReadOnlyList<AdministrationAction> Actions { get; } =
    [
        new("domain-add", "Add a domain", "Add it", "This server receives mail for the domain and signs what is sent from it. The DNS records it needs are shown on its page.", "The domain is there. Publish its DNS records next.")
        {
            Back = Back, Makes = true, Fields = [new("domain", "Domain", "text", "Such as example.com", IsRequired: true)],
        },
        new("domain-remove", "Remove a domain", "Remove it", "Mail for the domain is refused from now on, and its aliases and DKIM keys go. Its accounts must be removed first.", "The domain is removed.") { Back = Back, IsGrave = true },
    ];

    public async Task<(string Subject, string Details)?> DescribeAsync(AdministrationAction action, string id, CancellationToken cancellation) =>
        action.Makes ? ("", "") : DomainName.TryParse(id, out var name) && await parts.Directory.IsLocalAsync(name, cancellation) ? (name.Unicode, "") : null;

    public async Task<ActionOutcome> RunAsync(AdministrationAction action, string id, NameValueCollection form, Account by, CancellationToken cancellation)
    {
        var keys = new DkimKeys(parts.Database, time);
        if (action.Makes)
        {
            if (!DomainName.TryParse(form["domain"]!.Trim(), out var added)) return new ActionOutcome($"'{form["domain"]}' is not a domain name such as example.com.");
            if (!await parts.Directory.AddDomainAsync(added, cancellation)) return new ActionOutcome($"{added} is already one of this server's domains.");
            await keys.EnsureAsync(added, cancellation);
            return ActionOutcome.Done;
        }
        if (!DomainName.TryParse(id, out var name) || !await parts.Directory.RemoveDomainAsync(name, cancellation)) return ActionOutcome.Gone;
        await keys.RemoveAsync(name, cancellation);
        return ActionOutcome.Done;
    }
}
