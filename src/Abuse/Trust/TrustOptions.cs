namespace Sternpost.Abuse.Trust;

/// <summary>How much trust a sender has and what unusual mail costs of it. The prices are explained in docs/limits.md.</summary>
public sealed record TrustOptions
{
    /// <summary>False where nothing is held for being unusual and nothing is contained by itself.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The whole budget. A stranger's letter to a stranger costs 1, so at most so many leave before the rest is held. Default 18.</summary>
    public double Budget { get; init; } = 18;

    /// <summary>What comes back in a day, while nothing is held. Default 4.</summary>
    public double PerDay { get; init; } = 4;

    /// <summary>How long unusual mail waits for something bad to be heard. Default 4 h.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromHours(4);

    /// <summary>After so many held recipients from a network that is not the account's, somebody else has its password. Default 30.</summary>
    public int ContainAfter { get; init; } = 30;

    /// <summary>False where accounts are contained by an administrator's command alone.</summary>
    public bool ContainsItself { get; init; } = true;
}
