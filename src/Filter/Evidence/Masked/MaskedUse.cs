using Sternpost.Accounts.Masked;
using Sternpost.Filter.Lessons;
using Sternpost.Storage;

namespace Sternpost.Filter.Evidence.Masked;

/// <summary>What a message to a masked address says of it.</summary>
internal enum MaskedStanding
{
    /// <summary>Nothing: from the shop, but not proved; or an answer to what the owner sent; or nobody knows yet whose it is.</summary>
    Open,

    /// <summary>The first proved sender; where its mail is delivered to the inbox, it is the shop.</summary>
    First,

    /// <summary>From the shop it was given to, and proved.</summary>
    Shop,

    /// <summary>From somebody it was not given to.</summary>
    Stranger,
}

/// <summary>A message that came to a masked address of one account.</summary>
/// <param name="Id">The address.</param>
/// <param name="Sender">Its author as senders are told apart.</param>
/// <param name="Standing">What that says.</param>
internal sealed record MaskedUse(long Id, string Sender, MaskedStanding Standing)
{
    internal static MaskedUse Of(Sql sql, long maskedId, MessageFacts facts, Contacts.Relation relation)
    {
        var sender = SenderOf(facts);
        var (kind, hasShop) = MaskedRows.Kind(sql, maskedId, sender);
        var proved = facts.ProvedDomain is not null;
        var standing = kind switch
        {
            _ when sender.Length == 0 => MaskedStanding.Open,
            MaskedSenderKind.Shop or MaskedSenderKind.Accepted => proved ? MaskedStanding.Shop : MaskedStanding.Open,
            _ when !hasShop => proved ? MaskedStanding.First : MaskedStanding.Open,
            // Whom the owner wrote to from this address has it from the owner.
            _ when facts.Is(FactBits.Notice) || relation.Answers || (relation.WroteTo && proved) => MaskedStanding.Open,
            _ => MaskedStanding.Stranger,
        };
        return new MaskedUse(maskedId, sender, standing);
    }

    /// <summary>Counts a copy that was delivered.</summary>
    internal void Came(Sql sql, MessageFacts facts, bool wasAccepted, DateTimeOffset now) => MaskedRows.Came(sql, Id, facts.Sender, Sender, Standing switch
    {
        // What went to Junk is nobody's shop.
        MaskedStanding.First when wasAccepted => MaskedSenderKind.Shop,
        MaskedStanding.Stranger => MaskedSenderKind.Stranger,
        _ => null,
    }, now);

    // At a free-mail house the address stands for the sender, or everybody there would be the shop.
    private static string SenderOf(MessageFacts facts)
    {
        var domain = facts.ProvedDomain ?? facts.SenderDomain;
        return FreeMail.Contains(domain) ? facts.Sender : domain;
    }
}
