using Sternpost.Messages.Addresses;

namespace Sternpost.Accounts;

/// <summary>
/// Follows an address to the accounts and outside addresses it stands for: account, subaddress, masked address, alias, the two addresses
/// every domain must have, catch-all, in that order, through aliases of aliases. Each address is followed once, so loops end.
/// </summary>
internal sealed class AddressExpansion
{
    /// <summary>Most addresses one address may lead to, those in between included: above any list of colleagues, below what makes one RCPT expensive.</summary>
    internal const int MaxAddresses = 1000;

    private readonly DirectorySnapshot directory;
    private readonly HashSet<EmailAddress> seen = [];
    private readonly Queue<(EmailAddress Address, string? Detail)> waiting = [];
    private readonly Dictionary<long, (AccountEntry Entry, string? Detail)> local = [];
    private readonly List<EmailAddress> forward = [];

    private AddressExpansion(DirectorySnapshot directory) => this.directory = directory;

    /// <summary>The accounts, each once.</summary>
    internal IReadOnlyCollection<(AccountEntry Entry, string? Detail)> Local => local.Values;

    /// <summary>Addresses outside, each once.</summary>
    internal IReadOnlyList<EmailAddress> Forward => forward;

    /// <summary>True where it was cut short at <see cref="MaxAddresses"/>: what was found is not all.</summary>
    internal bool TooLarge { get; private set; }

    /// <summary>True where a masked address was come by that its owner has switched off.</summary>
    internal bool IsSwitchedOff { get; private set; }

    internal bool IsEmpty => local.Count == 0 && forward.Count == 0;

    /// <summary>True where following came by this address.</summary>
    internal bool PassedBy(EmailAddress address) => seen.Contains(address);

    internal static AddressExpansion Of(EmailAddress address, DirectorySnapshot directory)
    {
        var expansion = new AddressExpansion(directory);
        expansion.Await(address, null);
        while (expansion.waiting.TryDequeue(out var next)) expansion.Follow(next.Address, next.Detail);
        return expansion;
    }

    private void Await(EmailAddress address, string? detail)
    {
        if (seen.Contains(address)) return;
        if (seen.Count >= MaxAddresses)
        {
            TooLarge = true;
            return;
        }
        seen.Add(address);
        waiting.Enqueue((address, detail));
    }

    private void Follow(EmailAddress address, string? detail)
    {
        if (!directory.HasDomain(address.Domain))
        {
            forward.Add(address);
            return;
        }
        var hasDetail = AddressKey.TrySplit(address, out var baseAddress, out var ownDetail);
        if (directory.Account(address) is { } account) Follow(account, detail);
        else if (hasDetail && directory.Account(baseAddress) is { } owner) Follow(owner, ownDetail);
        else if (directory.Masked(address.Key) is { } masked) Follow(masked);
        else if (directory.Alias(address.Key) is { } targets) Await(targets, detail);
        else if (hasDetail && directory.Alias(baseAddress.Key) is { } baseTargets) Await(baseTargets, ownDetail);
        else if (AlwaysThere(hasDetail ? baseAddress : address) && Responsible(address) is { Count: > 0 } responsible)
        {
            foreach (var entry in responsible) local.TryAdd(entry.Account.Id, (entry, null));
        }
        else if (directory.Alias(AddressKey.CatchAll(address.Domain)) is { } others) Await(others, detail);
    }

    // One that is switched off leads nowhere, not to a catch-all either: that it was given away is why it is off.
    private void Follow(Masked.MaskedRecipient masked)
    {
        if (!masked.IsEnabled) IsSwitchedOff = true;
        else if (directory.Account(masked.AccountId) is { } owner) local.TryAdd(owner.Account.Id, (owner, null));
    }

    // Nobody reads a site's mail: what comes back to it is for a person.
    private void Follow(AccountEntry entry, string? detail)
    {
        if (entry.Account.Site is not { } site) local.TryAdd(entry.Account.Id, (entry, detail));
        else if (site.RepliesTo is { } replies) Await(replies, null);
        else
        {
            foreach (var responsible in Responsible(site.Address)) local.TryAdd(responsible.Account.Id, (responsible, null));
        }
    }

    private void Await(IReadOnlyList<EmailAddress> targets, string? detail)
    {
        foreach (var target in targets) Await(target, detail);
    }

    // RFC 5321 §4.5.1: postmaster at every domain mail is received for; RFC 2142 §2: abuse likewise.
    private static bool AlwaysThere(EmailAddress address) =>
        address.LocalPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase) || address.LocalPart.Equals("abuse", StringComparison.OrdinalIgnoreCase);

    /// <summary>The domain's administrators, else the server's, those in use before suspended ones; without any administrator the oldest account, the domain's before others.</summary>
    private List<AccountEntry> Responsible(EmailAddress address)
    {
        var administrators = directory.Accounts.Where(entry => entry.Account.IsAdministrator).ToList();
        var active = administrators.Where(entry => entry.Account.Status == AccountStatus.Active).ToList();
        if (active.Count > 0) administrators = active;
        var ofDomain = administrators.Where(entry => entry.Account.Address.Domain == address.Domain).ToList();
        if (ofDomain.Count > 0) return ofDomain;
        if (administrators.Count > 0) return administrators;
        return [.. directory.Accounts.Where(entry => entry.Account.Address.Domain == address.Domain).Concat(directory.Accounts).Where(entry => entry.Account.Site is null).Take(1)];
    }
}
