using Sternpost.Filter.Classifier;

namespace Sternpost.Filter.Lessons;

/// <summary>What each account taught its own filter.</summary>
public sealed class AccountLessons
{
    internal ValueTask<float> ShiftAsync(long accountId, Features features, CancellationToken cancellation) => ValueTask.FromResult(0f);
}
