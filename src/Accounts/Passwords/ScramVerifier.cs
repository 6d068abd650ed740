using System.Security.Cryptography;

namespace Sternpost.Accounts.Passwords;

/// <summary>What a server keeps to check SCRAM-SHA-256 without the password (RFC 5802 §3, RFC 7677).</summary>
internal sealed record ScramVerifier(byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    // The verifier is what a thief of the database would attack, because PBKDF2 is cheaper to guess than Argon2id; so it is far
    // above RFC 7677 §4's floor of 4,096. A client pays this once per sign-in, and some (Cyrus SASL) refuse more than 65,536.
    internal const int StandardIterations = 50_000;

    private const int SaltSize = 16;

    /// <summary>Of a password, with the account's salt where it has one: its app passwords share it, because a server names one salt before it knows which password comes.</summary>
    internal static ScramVerifier Make(ReadOnlySpan<byte> password, byte[]? salt) => Make(password, salt ?? RandomNumberGenerator.GetBytes(SaltSize), StandardIterations);

    internal static ScramVerifier Make(ReadOnlySpan<byte> password, byte[] salt, int iterations)
    {
        Span<byte> salted = stackalloc byte[SHA256.HashSizeInBytes];
        Rfc2898DeriveBytes.Pbkdf2(password, salt, salted, iterations, HashAlgorithmName.SHA256);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var verifier = new ScramVerifier(salt, iterations, SHA256.HashData(clientKey), HMACSHA256.HashData(salted, "Server Key"u8));
        CryptographicOperations.ZeroMemory(salted);
        CryptographicOperations.ZeroMemory(clientKey);
        return verifier;
    }

    /// <summary>
    /// A verifier for a name nobody has: always the same for the name, so that asking twice does not tell it from a real one,
    /// and one no proof can satisfy (RFC 5802 §9).
    /// </summary>
    internal static ScramVerifier Pretend(ReadOnlySpan<byte> secret, string name)
    {
        var derived = HMACSHA256.HashData(secret, System.Text.Encoding.UTF8.GetBytes(name));
        return new ScramVerifier(derived[..SaltSize], StandardIterations, RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes), RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes));
    }

    /// <summary>True where the client's proof over the messages exchanged shows that it knows the password.</summary>
    internal bool IsProved(ReadOnlySpan<byte> exchanged, byte[] proof)
    {
        if (proof.Length != SHA256.HashSizeInBytes) return false;
        // RFC 5802 §3: ClientKey := ClientProof XOR ClientSignature, and H(ClientKey) must be StoredKey.
        var clientKey = HMACSHA256.HashData(StoredKey, exchanged);
        for (var i = 0; i < clientKey.Length; i++) clientKey[i] ^= proof[i];
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(clientKey), StoredKey);
    }

    /// <summary>The server-final-message, by which the client knows that the server has its verifier.</summary>
    internal byte[] ServerFinal(ReadOnlySpan<byte> exchanged) =>
        [.. "v="u8, .. System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(HMACSHA256.HashData(ServerKey, exchanged)))];
}
