namespace Sternpost.Abuse.Trust;

/// <summary>What a message costs of its sender's trust, and why.</summary>
/// <param name="Cost">1 is a letter from an unknown network to somebody never written to.</param>
/// <param name="Reasons">What made it cost, for people.</param>
internal sealed record Price(double Cost, IReadOnlyList<string> Reasons)
{
    // A person away from home answers people he knows: that costs little, or a week's holiday would end in a hold.
    private const double KnownFromAway = 0.2;
    // An account nobody knows yet may write to some forty strangers before it is asked.
    private const double NewFromNewAccount = 0.4;
    private const double KnownBeyondUsual = 0.2;
    private const int DaysToBeKnown = 3;
    // So many new recipients a day are nobody's alarm; beyond it, half as many again as the most of the last weeks.
    private const long FreshAnyway = 10;
    private const long ExternalAnyway = 50;
    private const double MostTimes = 3;
    // Log-odds above what the sender's mail usually has, and in any case.
    private const double SpamAboveUsual = 2;
    private const double SpamAnyway = 2;

    internal static Price Of(Habits habits, double contentScore, int external, int fresh)
    {
        var known = external - fresh;
        var reasons = new List<string>();
        double cost;
        if (habits.IsAway)
        {
            var withinUsual = Math.Clamp(habits.UsualExternal + FreshAnyway - habits.TodayExternal - habits.TodayOdd, 0, known);
            cost = fresh + (KnownFromAway * withinUsual) + (known - withinUsual);
            if (external > 0) reasons.Add("it comes from a network that this account was never used from");
            if (fresh > 0) reasons.Add(fresh == 1 ? "its recipient was never written to before" : $"{fresh} of its recipients were never written to before");
            if (withinUsual < known) reasons.Add("the account has written to more people today than it ever did");
        }
        else if (habits.Days < DaysToBeKnown)
        {
            cost = NewFromNewAccount * fresh;
            if (fresh > 0) reasons.Add("the account is new and writes to strangers");
        }
        else
        {
            var freshBeyond = Beyond(habits.TodayFresh, fresh, Math.Max(FreshAnyway, habits.UsualFresh * 3 / 2));
            var knownBeyond = Beyond(habits.TodayExternal, external, Math.Max(ExternalAnyway, habits.UsualExternal * 2)) - freshBeyond;
            cost = freshBeyond + (KnownBeyondUsual * Math.Max(0, knownBeyond));
            if (freshBeyond > 0) reasons.Add("the account has written to more strangers today than it ever did");
            if (knownBeyond > 0) reasons.Add("the account has written to more people today than it ever did");
        }
        if (cost == 0) return new Price(0, []);
        return new Price(cost * Times(habits, contentScore, reasons), reasons);
    }

    // None of these alone says anything: people buy phones, get up early and write about new things.
    private static double Times(Habits habits, double contentScore, List<string> reasons)
    {
        var times = 1.0;
        if (!habits.KnowsProgram) Raise(1.2, "the sending program is another");
        if (!habits.KnowsHour) Raise(1.2, "it is an hour at which the account never sent");
        if (!habits.KnowsScript) Raise(1.3, "it is written in another script");
        if (!habits.KnowsLinks) Raise(1.2, "its links lead where none did before");
        if (contentScore > SpamAnyway && contentScore > habits.UsualScore + SpamAboveUsual) Raise(contentScore > 2 * SpamAnyway ? 2 : 1.5, "it reads like spam");
        return Math.Min(times, MostTimes);

        void Raise(double by, string reason)
        {
            times *= by;
            reasons.Add(reason);
        }
    }

    private static long Beyond(long before, int more, long allowed) => Math.Clamp(before + more - allowed, 0, more);
}
