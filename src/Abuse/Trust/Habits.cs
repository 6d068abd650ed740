namespace Sternpost.Abuse.Trust;

/// <summary>What is usual for an account, and what it has sent today so far.</summary>
internal sealed record Habits
{
    /// <summary>Days on which it sent anything, of the last sixty, today left out.</summary>
    internal int Days { get; init; }

    /// <summary>Most outside recipients on one of them.</summary>
    internal long UsualExternal { get; init; }

    /// <summary>Most of those that were new.</summary>
    internal long UsualFresh { get; init; }

    /// <summary>Outside recipients of today.</summary>
    internal long TodayExternal { get; init; }

    /// <summary>New ones of today.</summary>
    internal long TodayFresh { get; init; }

    /// <summary>Outside recipients of today that were written to from elsewhere, which the two above leave out: a thief does not use up what is the owner's.</summary>
    internal long TodayOdd { get; init; }

    /// <summary>There are networks it is known from.</summary>
    internal bool HasHome { get; init; }

    /// <summary>This network is one of them.</summary>
    internal bool IsAtHome { get; init; }

    /// <summary>The program is one it uses; true as well where nothing is known.</summary>
    internal bool KnowsProgram { get; init; } = true;

    /// <summary>It writes in this script; likewise.</summary>
    internal bool KnowsScript { get; init; } = true;

    /// <summary>It sends at this hour; likewise.</summary>
    internal bool KnowsHour { get; init; } = true;

    /// <summary>All links lead where its links led before; likewise.</summary>
    internal bool KnowsLinks { get; init; } = true;

    /// <summary>The content score its mail usually has.</summary>
    internal double UsualScore { get; init; }

    /// <summary>Somebody who is known from somewhere writes from elsewhere.</summary>
    internal bool IsAway => HasHome && !IsAtHome;
}
