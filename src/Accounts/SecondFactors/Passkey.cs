namespace Sternpost.Accounts.SecondFactors;

/// <summary>A passkey of an account: a key pair of which its owner's device has the secret half.</summary>
/// <param name="Id">Never used twice.</param>
/// <param name="AccountId">Whose.</param>
/// <param name="Credential">What the device calls it.</param>
/// <param name="PublicKey">As COSE has it.</param>
/// <param name="Counter">How often it signed, as far as the device says; 0 where it does not.</param>
/// <param name="Host">The host it is for.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Used">When it was used last; null where never.</param>
public sealed record Passkey(long Id, long AccountId, byte[] Credential, byte[] PublicKey, uint Counter, string Host, string Name, DateTimeOffset Created, DateTimeOffset? Used);

/// <summary>What an account has beside its password.</summary>
/// <param name="CodesSince">Since when codes by time are asked for; null where they are not.</param>
/// <param name="Passkeys">Its passkeys, the oldest first.</param>
/// <param name="RecoveryCodes">How many recovery codes are left.</param>
public sealed record SecondFactorState(DateTimeOffset? CodesSince, IReadOnlyList<Passkey> Passkeys, int RecoveryCodes)
{
    /// <summary>True where the password alone signs nobody in.</summary>
    public bool IsOn => CodesSince is not null || Passkeys.Count > 0;
}
