using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges;

/// <summary>One judge: looks at a message and names what it found. A judge is one small file; registering it is one line in <c>JudgePanel</c>.</summary>
public interface IJudge
{
    /// <summary>Short stable name for logs and metrics, e.g. "spf".</summary>
    string Name { get; }

    /// <summary>Judges. May throw or run late: the panel records that as a finding of weight 0 and goes on.</summary>
    ValueTask<IReadOnlyList<Finding>> JudgeAsync(MessageUnderJudgement message, CancellationToken cancellation);
}
