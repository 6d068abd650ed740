using Sternpost.Filter.Evidence.Findings;

namespace Sternpost.Filter.Evidence;

/// <summary>How much each thing that people do says about their mail. Nothing that the filter does itself is among them.</summary>
internal static class Testimony
{
    /// <summary>A move into or out of Junk.</summary>
    internal const float Lesson = 1;

    /// <summary>An answer.</summary>
    internal const float Answered = 1;

    /// <summary>Read, and still in the inbox a day later: most people leave there what they want, and some leave everything.</summary>
    internal const float Kept = 0.15f;

    /// <summary>Mail to an address that nobody uses.</summary>
    internal const float Trap = 1;

    /// <summary>Who speaks for traps: no account has this id.</summary>
    internal const long TrapItself = -1;

    internal static (float Weight, bool Unwanted) Of(KnownLabel label) => label switch
    {
        KnownLabel.Spam => (Lesson, true),
        KnownLabel.Wanted => (Lesson, false),
        KnownLabel.Answered => (Answered, false),
        KnownLabel.Kept => (Kept, false),
        _ => (0, false),
    };
}
