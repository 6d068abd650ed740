using Sternpost.Filter.Judges;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Contacts;

/// <summary>What the recipients have to do with the sender. Where they differ, each copy is judged by its own account's relation.</summary>
internal sealed class ContactsJudge : LocalJudge
{
    internal static readonly Symbol WroteTo = new("SENDER_WRITTEN_TO", -3.0, "The recipient has written to this sender, or keeps him in the address book, and he proves to be the one.");
    internal static readonly Symbol WroteToUnproved = new("SENDER_WRITTEN_TO_UNPROVED", -0.7, "The recipient has written to this sender, or keeps him in the address book, but nothing proves that the message is his.");
    internal static readonly Symbol Answers = new("ANSWERS_OURS", -1.5, "The message answers one that the recipient sent.");
    internal static readonly Symbol ThreadStranger = new("THREAD_STRANGER", 0.2, "Somebody the recipient never had to do with answers a message that the recipient sent to others.");
    internal static readonly Symbol Known = new("SENDER_KNOWN", -0.7, "This sender, who proves to be the one, has written to the recipient before.");
    internal static readonly Symbol FirstContact = new("FIRST_CONTACT", 0, "The sender and the recipient have not had to do with each other before.");

    internal static IReadOnlyList<Symbol> All { get; } = [WroteTo, WroteToUnproved, Answers, ThreadStranger, Known, FirstContact];

    public override string Name => "contacts";

    public override IReadOnlyList<Symbol> Symbols => All;

    public override bool ReadsFindings => true;

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        if (message.Facts is not { Relations.Count: > 0 } facts || !AreAlike(facts.Relations)) return [];
        return Of(facts, facts.Relations[0]);
    }

    /// <summary>The findings of one account where the accounts differ, so that the judge above said nothing.</summary>
    internal static IReadOnlyList<Finding> ForAccount(MessageFacts facts, long account)
    {
        if (facts.Relations.Count < 2 || AreAlike(facts.Relations)) return [];
        for (var i = 0; i < facts.Accounts.Count; i++)
        {
            if (facts.Accounts[i] == account) return Of(facts, facts.Relations[i]);
        }
        return [];
    }

    /// <summary>The account's relation; a stranger's where the message was not for it.</summary>
    internal static Relation RelationOf(MessageFacts facts, long account)
    {
        for (var i = 0; i < facts.Accounts.Count && i < facts.Relations.Count; i++)
        {
            if (facts.Accounts[i] == account) return facts.Relations[i];
        }
        return default;
    }

    private static Finding[] Of(MessageFacts facts, Relation relation)
    {
        var proved = facts.ProvedDomain is not null;
        if (relation.WroteTo) return [proved ? WroteTo.Found() : WroteToUnproved.Found(), .. relation.Answers ? [Answers.Found()] : Array.Empty<Finding>()];
        // A bounce has a judge of its own.
        if (facts.Is(FactBits.Notice)) return [];
        // Who took over a mailbox answers what lies in it, from elsewhere.
        if (relation.Answers) return relation is { KnowsSender: false, KnowsDomain: false } ? [ThreadStranger.Found()] : [Answers.Found()];
        if (relation.KnowsSender && proved) return [Known.Found()];
        return relation.IsFirstContact ? [FirstContact.Found()] : [];
    }

    private static bool AreAlike(IReadOnlyList<Relation> relations)
    {
        for (var i = 1; i < relations.Count; i++)
        {
            if (relations[i] != relations[0]) return false;
        }
        return true;
    }
}
