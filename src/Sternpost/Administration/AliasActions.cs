using System.Collections.Specialized;
using Sternpost.Accounts;
using Sternpost.Composition;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Administration;

/// <summary>Aliases of a domain, and mail that they pass on elsewhere.</summary>
internal sealed class AliasActions(ServerParts parts) : IActionGroup
{
    private const string Back = AdministrationPage.Path + "/domains";

    public IReadOnlyList<AdministrationAction> Actions { get; } =
    [
        new("alias-add", "Add an alias", "Add it", "Mail for the address goes to the target from now on: to an account here, or, as a forward, to an address elsewhere. An address may have several targets. What is passed on elsewhere counts there as sent by this server, so what looks like spam is kept back.", "The alias is there.")
        {
            Back = Back, BackTo = PageOf,
            Fields = [new("alias", "Address", "text", "At this domain, such as sales; a star (*) for everything else there.", IsRequired: true), new("target", "Goes to", "email", "An account or alias here, or an address elsewhere.", IsRequired: true)],
        },
        new("alias-remove", "Remove a target of an alias", "Remove it", "Mail for the address does not go there any more. With its last target the alias is gone, and mail for it is refused.", "It does not go there any more.") { Back = Back, BackTo = id => PageOf(Domain(id)) },
    ];

    public async Task<(string Subject, string Details)?> DescribeAsync(AdministrationAction action, string id, CancellationToken cancellation)
    {
        if (action.Name == "alias-add") return DomainName.TryParse(id, out var name) && await parts.Directory.IsLocalAsync(name, cancellation) ? (name.Unicode, "") : null;
        return id.Split(' ') is [var pattern, var target] && (await parts.Directory.AliasesAsync(null, cancellation)).Any(alias => alias.Pattern == pattern && alias.Target.Key == target) ? ($"{pattern} → {target}", "") : null;
    }

    public async Task<ActionOutcome> RunAsync(AdministrationAction action, string id, NameValueCollection form, Account by, CancellationToken cancellation)
    {
        if (action.Name == "alias-add")
        {
            if (!EmailAddress.TryParse(form["target"]!.Trim(), out var to)) return new ActionOutcome($"'{form["target"]}' is not an email address such as alice@example.com.");
            var typed = form["alias"]!.Trim();
            // As it is typed: the part before the at sign, or all of it.
            var pattern = typed == "*" ? "@" + id : typed.Contains('@', StringComparison.Ordinal) ? typed : typed + "@" + id;
            if (!string.Equals(pattern[(pattern.LastIndexOf('@') + 1)..], id, StringComparison.OrdinalIgnoreCase)) return new ActionOutcome($"'{typed}' is not at {id}. Add it on the page of its own domain.");
            await parts.Directory.AddAliasAsync(pattern, to, cancellation);
            return ActionOutcome.Done;
        }
        return id.Split(' ') is [var alias, var target] && EmailAddress.TryParse(target, out var address) && await parts.Directory.RemoveAliasAsync(alias, address, cancellation) ? ActionOutcome.Done : ActionOutcome.Gone;
    }

    /// <summary>What an alias and one target of it are called in addresses of this page.</summary>
    internal static string IdOf(MailAlias alias) => alias.Pattern + " " + alias.Target.Key;

    private static string PageOf(string domain) => $"{Back}?id={Uri.EscapeDataString(domain)}";

    private static string Domain(string id) => id.Split(' ')[0] is var pattern ? pattern[(pattern.LastIndexOf('@') + 1)..] : "";
}
