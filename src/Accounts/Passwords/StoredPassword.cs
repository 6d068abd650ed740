using System.Security.Cryptography;

namespace Sternpost.Accounts.Passwords;

/// <summary>What is kept of a password: its Argon2id hash and its SCRAM verifier.</summary>
internal sealed record StoredPassword(string Hash, ScramVerifier Scram)
{
    /// <summary>Hashes a prepared password and wipes it. Costs some tens of milliseconds of CPU.</summary>
    internal static StoredPassword Make(byte[] prepared)
    {
        var stored = new StoredPassword(Argon2idHash.Make(prepared), ScramVerifier.Make(prepared));
        CryptographicOperations.ZeroMemory(prepared);
        return stored;
    }
}
