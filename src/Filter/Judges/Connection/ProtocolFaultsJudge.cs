using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Connection;

/// <summary>What the client did against the rules of SMTP before its message; spam engines are in a hurry, mail servers are not.</summary>
internal sealed class ProtocolFaultsJudge : LocalJudge
{
    private static readonly Symbol Fault = new("PROTOCOL_FAULT", 1.2, "The sending program broke the rules of SMTP as spam engines do.");

    // Three faults are no more telling than two.
    private const int Counted = 2;

    public override string Name => "protocol-faults";

    public override IReadOnlyList<Symbol> Symbols => [Fault];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var faults = message.Session.ProtocolFaults;
        if (faults.Count == 0) return [];
        return [Fault.Found($"The sending program broke the rules of SMTP ({string.Join(", ", faults.Take(3))}).", Fault.Weight * Math.Min(faults.Count, Counted))];
    }
}
