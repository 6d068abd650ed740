using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges;

/// <summary>A judge that needs nothing but the message in memory.</summary>
internal abstract class LocalJudge : IJudge
{
    public abstract string Name { get; }

    public abstract IReadOnlyList<Symbol> Symbols { get; }

    public virtual bool ReadsFindings => false;

    public ValueTask<IReadOnlyList<Finding>> JudgeAsync(MessageUnderJudgement message, CancellationToken cancellation) =>
        ValueTask.FromResult(Judge(message));

    protected abstract IReadOnlyList<Finding> Judge(MessageUnderJudgement message);
}
