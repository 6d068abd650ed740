using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter;

/// <summary>A judgement: the verdict, the authentication results, and what an account's own filter needs to differ.</summary>
public sealed class Judgement
{
    /// <summary>The server's verdict.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The value of our Authentication-Results field without the field name (RFC 8601), ready to be folded into a header.</summary>
    public required string AuthenticationResults { get; init; }
}

/// <summary>Runs all judges on a message and makes one verdict. Never throws for what a message holds; never loses or blocks mail because a judge failed.</summary>
public sealed class JudgePanel
{
    /// <summary>Judges a message from outside.</summary>
    public ValueTask<Judgement> JudgeAsync(MessageUnderJudgement message, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The verdict as the account's own lessons change it: accept and junk may differ, reject never does.</summary>
    public ValueTask<Verdict> ForAccountAsync(Judgement judgement, long accountId, CancellationToken cancellation) => throw new NotImplementedException();
}
