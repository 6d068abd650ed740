using System.Security.Cryptography;

namespace Sternpost.Accounts.Passwords;

/// <summary>What is kept of a password: its Argon2id hash and its SCRAM verifier.</summary>
internal sealed record StoredPassword(string Hash, ScramVerifier Scram)
{
    /// <summary>Hashes a prepared password and wipes it. Costs some tens of milliseconds of CPU.</summary>
    /// <param name="prepared">The password.</param>
    /// <param name="salt">The salt of the account's SCRAM verifiers; null for a new account.</param>
    internal static StoredPassword Make(byte[] prepared, byte[]? salt = null)
    {
        var stored = new StoredPassword(Argon2idHash.Make(prepared), ScramVerifier.Make(prepared, salt));
        CryptographicOperations.ZeroMemory(prepared);
        return stored;
    }
}
