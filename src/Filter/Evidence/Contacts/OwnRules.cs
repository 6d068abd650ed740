using Sternpost.Accounts.Senders;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Contacts;

/// <summary>What the owner of an account has said about senders: who is blocked, and which lists were left. It holds for that account's copy alone.</summary>
internal static class OwnRules
{
    internal static readonly Symbol Blocked = new("SENDER_BLOCKED", 10, "You have blocked this sender; in the settings you can take that back.");
    internal static readonly Symbol ListLeft = new("LIST_LEFT", 10, "You have left the list it comes from; in the settings you can take that back.");

    internal static IReadOnlyList<Symbol> All { get; } = [Blocked, ListLeft];

    /// <summary>The finding of one account's copy; null where its owner has said nothing.</summary>
    internal static Finding? ForAccount(MessageFacts facts, long account)
    {
        for (var i = 0; i < facts.Accounts.Count && i < facts.Against.Count; i++)
        {
            if (facts.Accounts[i] != account || facts.Against[i] is not { } rule) continue;
            return (rule.Kind == SenderRuleKind.Blocked ? Blocked : ListLeft).Found(compels: Disposition.Junk);
        }
        return null;
    }
}
