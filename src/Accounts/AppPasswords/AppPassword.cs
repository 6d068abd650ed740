using Sternpost.Accounts.Passwords;

namespace Sternpost.Accounts.AppPasswords;

/// <summary>A password for one program of an account's owner: it can be ended without the others, and what it sends is counted apart.</summary>
/// <param name="Id">Never used twice.</param>
/// <param name="AccountId">Whose.</param>
/// <param name="Name">What its owner calls it: "phone".</param>
/// <param name="Created">When it was made.</param>
/// <param name="Used">About when it was last used, to the hour; null where never.</param>
/// <param name="UsedFrom">From where then.</param>
public sealed record AppPassword(long Id, long AccountId, string Name, DateTimeOffset Created, DateTimeOffset? Used, string? UsedFrom)
{
    // The hash of the secret; it leaves this room never.
    internal byte[] Verifier { get; init; } = [];

    // What checks it where it is proved and not told, for each way it may be typed; empty where it was made before that was kept.
    internal IReadOnlyList<ScramVerifier> Scram { get; init; } = [];
}
