using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Fraud;

/// <summary>The oldest letter of all: a fortune without an owner, a secret, and a stranger who is asked to help.</summary>
internal sealed class AdvanceFeeJudge(FilterOptions options) : LocalJudge
{
    private static readonly Symbol AdvanceFee = new("ADVANCE_FEE", 1.8, "The message promises a stranger a fortune, as advance-fee fraud does.");

    private const int LookedAt = 8000;
    private const int Enough = 4;

    private static readonly PhraseCount Story = new(
        ["million united states dollars", "million us dollars", "million dollars", "million usd", "million euro", "million pounds", "us$", "usd$", "million british", "m usd", "000,000.00"],
        ["next of kin", "deceased", "late husband", "late father", "inheritance", "inherit", "unclaimed", "dormant account", "abandoned", "beneficiary", "died in", "plane crash", "no relative"],
        ["widow", "barrister", "attorney to", "diplomat", "central bank of", "united nations", "bank manager", "auditor", "foreign remittance", "minister of", "general in the", "oil company", "cancer", "charity"],
        ["confidential", "strictly", "keep this secret", "utmost", "your trust", "risk free", "risk-free", "100% legal", "without any risk", "god bless", "in the name of god", "dear friend", "dearest", "greetings to you", "compliment of the"],
        ["transfer the fund", "transfer of the fund", "transfer this", "your bank account", "share of", "% of the total", "for your assistance", "release of the", "release your", "atm card", "compensation", "consignment", "wire the", "contact the bank", "claim your", "send me your full name", "your full names", "telephone number", "copy of your"]);

    public override string Name => "advance-fee";

    public override IReadOnlyList<Symbol> Symbols => [AdvanceFee];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        return Story.In(message.Words(options.Attachments, LookedAt)) >= Enough ? [AdvanceFee.Found()] : [];
    }
}
