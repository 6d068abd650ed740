using System.Numerics;

namespace Sternpost.Filter.Evidence.Reputation;

/// <summary>How mail under one key came out so far, as it has decayed to a day.</summary>
/// <param name="Wanted">Weight of mail known to be wanted.</param>
/// <param name="Unwanted">Weight of mail known to be unwanted.</param>
/// <param name="WantedBy">A bit for each account that said so.</param>
/// <param name="UnwantedBy">The same for unwanted mail.</param>
/// <param name="AsOf">The day, since 1970.</param>
internal readonly record struct Standing(float Wanted, float Unwanted, ulong WantedBy, ulong UnwantedBy, int AsOf)
{
    // Addresses change hands in weeks, but a domain that was good for months is not forgotten over a holiday.
    private const double HalfLifeDays = 30;

    // Nothing counts for more than this, so that a long good time does not hide a bad week.
    private const float Most = 200;

    /// <summary>What is left of it on <paramref name="day"/>.</summary>
    internal Standing On(int day)
    {
        if (day <= AsOf) return this;
        var left = (float)Math.Pow(2, -(day - AsOf) / HalfLifeDays);
        return new Standing(Wanted * left, Unwanted * left, WantedBy, UnwantedBy, day);
    }

    /// <summary>With one more testimony.</summary>
    internal Standing With(float weight, bool unwanted, ulong by)
    {
        var most = Math.Min(Most, unwanted ? Unwanted + weight : Wanted + weight);
        return unwanted
            ? this with { Unwanted = Math.Max(0, most), UnwantedBy = UnwantedBy | by }
            : this with { Wanted = Math.Max(0, most), WantedBy = WantedBy | by };
    }

    // The most that one account alone can make all others believe.
    private const double MostOfOne = 0.8;

    /// <summary>Log-odds of spam that it speaks for, each side softened by <paramref name="doubt"/>; what few accounts say counts less, and one alone is bounded.</summary>
    internal double LogOdds(float doubt)
    {
        var odds = Math.Log(((Unwanted * Trust(UnwantedBy)) + doubt) / ((Wanted * Trust(WantedBy)) + doubt));
        return BitOperations.PopCount(WantedBy | UnwantedBy) > 1 ? odds : Math.Clamp(odds, -MostOfOne, MostOfOne);
    }

    /// <summary>True where so little is known that the key is new to this server.</summary>
    internal bool IsUnknown => Wanted < 0.5f && Unwanted < 0.5f;

    private static float Trust(ulong by) => BitOperations.PopCount(by) switch { 0 => 0, 1 => 0.5f, _ => 1 };
}
