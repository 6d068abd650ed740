using System.Globalization;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace Sternpost.Accounts.Passwords;

/// <summary>
/// Argon2id (RFC 9106) with its parameters in the text, <c>$argon2id$v=19$m=19456,t=2,p=1$salt$hash</c>, so that they can be
/// raised later and old hashes still verify until their owners next sign in.
/// </summary>
internal static class Argon2idHash
{
    // 19 MiB and two passes, the least that OWASP's password storage advice accepts: measured 50 ms of CPU, 70 with other work on the machine.
    private const int StandardMemoryKiB = 19 * 1024;
    private const int StandardPasses = 2;
    private const int SaltSize = 16;
    private const int HashSize = 32;

    // A hash from our own database is trusted, but a damaged one must not ask for all memory.
    private const int MaxMemoryKiB = 1024 * 1024;
    private const int MaxPasses = 32;

    // Libsodium implements version 1.3 and one lane.
    private const string Prefix = "$argon2id$v=19$";

    /// <summary>A hash that no password has, for names nobody has: verifying against it costs what any other costs.</summary>
    internal static string Nobody { get; } = Encode(StandardMemoryKiB, StandardPasses, RandomNumberGenerator.GetBytes(SaltSize), RandomNumberGenerator.GetBytes(HashSize));

    internal static string Make(ReadOnlySpan<byte> password) => Make(password, StandardMemoryKiB, StandardPasses);

    internal static string Make(ReadOnlySpan<byte> password, int memoryKiB, int passes)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        return Encode(memoryKiB, passes, salt, Derive(password, memoryKiB, passes, salt, HashSize));
    }

    /// <summary>Checks a password. <paramref name="outdated"/> is true where the hash was made with weaker parameters than today's.</summary>
    internal static bool Verify(string text, ReadOnlySpan<byte> password, out bool outdated)
    {
        outdated = false;
        if (!TryRead(text, out var memoryKiB, out var passes, out var salt, out var expected)) return false;
        var actual = Derive(password, memoryKiB, passes, salt, expected.Length);
        outdated = memoryKiB < StandardMemoryKiB || passes < StandardPasses;
        return CryptographicOperations.FixedTimeEquals(expected, actual);
    }

    private static byte[] Derive(ReadOnlySpan<byte> password, int memoryKiB, int passes, byte[] salt, int count) =>
        PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = memoryKiB, NumberOfPasses = passes }).DeriveBytes(password, salt, count);

    private static string Encode(int memoryKiB, int passes, byte[] salt, byte[] hash) =>
        $"{Prefix}m={memoryKiB},t={passes},p=1${Unpadded(salt)}${Unpadded(hash)}";

    private static bool TryRead(string text, out int memoryKiB, out int passes, out byte[] salt, out byte[] hash)
    {
        (memoryKiB, passes, salt, hash) = (0, 0, [], []);
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        var parts = text[Prefix.Length..].Split('$');
        if (parts.Length != 3) return false;
        var parameters = parts[0].Split(',');
        return parameters.Length == 3
            && Number(parameters[0], "m=", MaxMemoryKiB, out memoryKiB) && Number(parameters[1], "t=", MaxPasses, out passes) && parameters[2] == "p=1"
            && Octets(parts[1], out salt) && salt.Length == SaltSize
            && Octets(parts[2], out hash) && hash.Length >= 16;
    }

    private static bool Number(string text, string name, int most, out int number)
    {
        number = 0;
        return text.StartsWith(name, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= most;
    }

    private static string Unpadded(byte[] octets) => Convert.ToBase64String(octets).TrimEnd('=');

    private static bool Octets(string text, out byte[] octets)
    {
        octets = new byte[text.Length];
        if (!Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), octets, out var written)) return false;
        octets = octets[..written];
        return true;
    }
}
