using Sternpost.Filter.Judges;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Masked;

/// <summary>An address given to one shop alone says of each message whether it may be wanted. Where a message is for several accounts, each copy is judged by itself.</summary>
internal sealed class MaskedJudge : LocalJudge
{
    internal static readonly Symbol Shop = new("MASKED_SHOP", -2.5, "It came to an address that was given to this sender alone, and he proves to be the one.");
    internal static readonly Symbol Leaked = new("MASKED_LEAKED", 2.5, "It came to an address that was given to one shop alone, and it is from elsewhere: the shop may have leaked or sold the address.");

    internal static IReadOnlyList<Symbol> All { get; } = [Shop, Leaked];

    public override string Name => "masked";

    public override IReadOnlyList<Symbol> Symbols => All;

    public override bool ReadsFindings => true;

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message) => message.Facts is { Accounts.Count: 1, Masked: [{ } use] } ? Of(use) : [];

    /// <summary>The finding of one account's copy where there are others, so that the judge above said nothing.</summary>
    internal static IReadOnlyList<Finding> ForAccount(MessageFacts facts, long account) =>
        facts.Accounts.Count > 1 && facts.MaskedFor(account) is { } use ? Of(use) : [];

    private static Finding[] Of(MaskedUse use) => use.Standing switch
    {
        MaskedStanding.Shop => [Shop.Found()],
        MaskedStanding.Stranger => [Leaked.Found()],
        _ => [],
    };
}
