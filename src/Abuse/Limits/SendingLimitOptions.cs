namespace Sternpost.Abuse.Limits;

/// <summary>The standards of each kind of layer; domains and accounts may differ (<see cref="LimitOverrides"/>). 0 means no limit.</summary>
public sealed record SendingLimitOptions
{
    /// <summary>Outside recipients per account per hour. Default 200.</summary>
    public int AccountPerHour { get; init; } = 200;
    /// <summary>Outside recipients per account per day. Default 1000.</summary>
    public int AccountPerDay { get; init; } = 1000;
    /// <summary>Outside recipients per domain per hour. Default 2000.</summary>
    public int DomainPerHour { get; init; } = 2000;
    /// <summary>Outside recipients per domain per day. Default 10000.</summary>
    public int DomainPerDay { get; init; } = 10000;

    /// <summary>Further rules; a later one replaces what an earlier one says.</summary>
    public IReadOnlyList<LimitRule> Rules { get; init; } = [];

    /// <summary>
    /// What holds beside the four above: a person who writes to fifty strangers in an hour is rare enough to be asked, a site's
    /// program has its app password for itself, and an automatic reply goes to those who wrote.
    /// </summary>
    public static IReadOnlyList<string> StandardRules { get; } =
    [
        "account new-per-hour soft 50 hard 150",
        "account new-per-day soft 150 hard 500",
        "account messages-per-hour hard 600",
        "account internal-per-hour hard 5000",
        "account automatic-per-hour hard 100",
        "account automatic-per-day hard 500",
        "app-password external-per-hour hard 200",
        "site external-per-hour soft 50 hard 100",
        "site external-per-day soft 200 hard 500",
        "source external-per-hour hard 2000",
        "server external-per-hour soft 10000 hard 20000",
    ];

    /// <summary>The limits of a kind of layer.</summary>
    internal LimitSet Standard(string kind)
    {
        var set = kind switch
        {
            "account" => LimitSet.None.With(new(Measure.External, Span.Hour), 0, AccountPerHour).With(new(Measure.External, Span.Day), 0, AccountPerDay),
            "domain" => LimitSet.None.With(new(Measure.External, Span.Hour), 0, DomainPerHour).With(new(Measure.External, Span.Day), 0, DomainPerDay),
            _ => LimitSet.None,
        };
        foreach (var rule in Rules) if (rule.Kind == kind) set = set.With(rule.Name, rule.Soft, rule.Hard);
        return set;
    }
}
