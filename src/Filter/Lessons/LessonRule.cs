namespace Sternpost.Filter.Lessons;

/// <summary>
/// How much one lesson teaches: enough that the same message would now fall on the right side by a margin (the passive-aggressive
/// rule), nothing where it already does. The bounds keep a mistake, or a stranger at an unlocked screen, from deciding everything.
/// </summary>
internal static class LessonRule
{
    /// <summary>Log-odds beyond the threshold at which a lesson is learned.</summary>
    internal const float Margin = 1.5f;

    /// <summary>Most that one lesson moves its own message, in log-odds.</summary>
    internal const float MaxStep = 8;

    /// <summary>Most that all lessons together move a message.</summary>
    internal const float MaxShift = 12;

    /// <summary>Lessons a day that an account's own actions may teach.</summary>
    internal const int MaxPerDay = 500;

    /// <summary>Lessons kept so that they can be undone; older ones have faded anyway.</summary>
    internal const int MaxKept = 5000;

    private const double HalfLifeDays = 365;

    /// <summary>The step for a message that scores <paramref name="score"/> with all lessons so far.</summary>
    internal static float Step(double score, double threshold, float energy, bool junk)
    {
        if (energy <= 0) return 0;
        var missing = junk ? threshold + Margin - score : score - (threshold - Margin);
        if (missing <= 0) return 0;
        var step = (float)Math.Min(missing, MaxStep) / energy;
        return junk ? step : -step;
    }

    internal static float Clamp(float shift) => Math.Clamp(shift, -MaxShift, MaxShift);

    /// <summary>What remains after <paramref name="days"/>.</summary>
    internal static float Fading(long days) => days <= 0 ? 1 : (float)Math.Pow(2, -days / HalfLifeDays);
}
