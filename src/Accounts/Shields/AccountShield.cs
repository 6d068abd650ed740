namespace Sternpost.Accounts.Shields;

/// <summary>What protects an account for a while.</summary>
/// <param name="BombBegan">When somebody began to sign the address up everywhere; the default where nobody did.</param>
/// <param name="BombUntil">Until when strangers' sign-ups are set aside for it.</param>
/// <param name="BombMessages">Sign-ups that came within the hour.</param>
/// <param name="BombSenders">From so many domains.</param>
/// <param name="BombSetAside">Messages that went to Junk for it.</param>
/// <param name="BombIgnoredUntil">The owner said that it is no attack; until then none is seen.</param>
/// <param name="CodeUntil">Until when the owner expects a code.</param>
/// <param name="CodeEmail">The newest message that came meanwhile with one; 0 for none.</param>
public sealed record AccountShield(
    DateTimeOffset BombBegan, DateTimeOffset BombUntil, int BombMessages, int BombSenders, long BombSetAside, DateTimeOffset BombIgnoredUntil, DateTimeOffset CodeUntil, long CodeEmail)
{
    /// <summary>No shield.</summary>
    public static AccountShield None { get; } = new(default, default, 0, 0, 0, default, default, 0);

    /// <summary>Whether sign-ups are set aside now.</summary>
    public bool IsBombed(DateTimeOffset now) => now < BombUntil && !IgnoresBombs(now);

    /// <summary>Whether the owner said that it is no attack.</summary>
    public bool IgnoresBombs(DateTimeOffset now) => now < BombIgnoredUntil;

    /// <summary>Whether a code is expected now.</summary>
    public bool ExpectsCode(DateTimeOffset now) => now < CodeUntil;
}
