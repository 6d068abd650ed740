namespace Sternpost.Sieve.Running;

/// <summary>What one run may cost: a script is somebody's program in the path of everybody's mail.</summary>
internal sealed class Budget
{
    /// <summary>Characters looked at, made or compared, and commands run, all together.</summary>
    internal const long Whole = 200_000_000;

    /// <summary>Most actions of a run.</summary>
    internal const int MaxActions = 32;

    /// <summary>How long one regular expression may look at one text.</summary>
    internal static readonly TimeSpan RegexTime = TimeSpan.FromMilliseconds(250);

    /// <summary>How long all regular expressions of a run may take together.</summary>
    internal static readonly TimeSpan AllRegexTime = TimeSpan.FromSeconds(1);

    private long left = Whole;

    internal TimeSpan RegexSpent { get; set; }

    internal void Spend(long cost, int line)
    {
        left -= cost + 1;
        if (left < 0) throw new ScriptFailure(line, "the script does more than one message is worth");
    }
}
