using Sternpost.Filter.Judges;
using Sternpost.Filter.Judges.Phishing;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Expected;

/// <summary>
/// The owner of the account waits for a code just now: a login code or a confirmation that comes meanwhile is not held against being a stranger's.
/// What is forged in the name of a domain or a brand gains nothing by it, and malware is no matter of weights.
/// </summary>
internal sealed class ExpectedCodeJudge : LocalJudge
{
    internal static readonly Symbol Expected = new("CODE_EXPECTED", -4.0, "The recipient is expecting a code or a confirmation just now, and this message has one.");

    internal static IReadOnlyList<Symbol> All { get; } = [Expected];

    public override string Name => "expected-code";

    public override IReadOnlyList<Symbol> Symbols => All;

    public override bool ReadsFindings => true;

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message) =>
        message.Facts is { Accounts: [var account] } facts && IsExpected(facts, account) && IsHonest(facts, message.Findings) ? [Expected.Found()] : [];

    /// <summary>The finding of one account's copy where there are others, so that the judge above said nothing.</summary>
    internal static Finding? ForAccount(MessageFacts facts, long account, IReadOnlyList<Finding> found) =>
        facts.Accounts.Count > 1 && IsExpected(facts, account) && IsHonest(facts, found) ? Expected.Found() : null;

    /// <summary>Whether a message has what the owner of an account waits for.</summary>
    internal static bool IsExpected(MessageFacts facts, long account) => (facts.Is(FactBits.LoginCode) || facts.Is(FactBits.SignUp)) && facts.ShieldOf(account).ExpectsCode(facts.At);

    private static bool IsHonest(MessageFacts facts, IReadOnlyList<Finding> found)
    {
        if (facts.FailedDmarc) return false;
        foreach (var finding in found)
        {
            if (finding.Symbol == BrandJudge.Impersonated.Name || finding.Compels is not null || finding.Quarantines) return false;
        }
        return true;
    }
}
