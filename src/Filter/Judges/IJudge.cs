using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges;

/// <summary>One judge: looks at a message and names what it found. A judge is one small file; registering it is one line in <c>StandardJudges</c>.</summary>
public interface IJudge
{
    /// <summary>Short stable name for logs and metrics, e.g. "spf".</summary>
    string Name { get; }

    /// <summary>Every symbol this judge may find, with its usual weight and meaning; docs/symbols.md is made from them.</summary>
    IReadOnlyList<Symbol> Symbols { get; }

    /// <summary>True where the judge waits for the network: such judges run at the same time, the others one after another.</summary>
    bool AsksNetwork => false;

    /// <summary>True where the judge goes by what the others found (<c>MessageUnderJudgement.Findings</c>): such judges run last, one after another.</summary>
    bool ReadsFindings => false;

    /// <summary>Judges. May throw or run late: the panel records that as a finding of weight 0 and goes on.</summary>
    ValueTask<IReadOnlyList<Finding>> JudgeAsync(MessageUnderJudgement message, CancellationToken cancellation);
}
