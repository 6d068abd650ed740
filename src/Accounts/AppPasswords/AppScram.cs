using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sternpost.Accounts.Passwords;

namespace Sternpost.Accounts.AppPasswords;

/// <summary>
/// What is kept of an app password for SCRAM (RFC 5802 §3). The salt and the count are those of the account's own password, because the server
/// names them before it can know which password the client has; it then tries the proof against each.
/// </summary>
internal static class AppScram
{
    private const int KeySize = SHA256.HashSizeInBytes;

    /// <summary>The verifiers of a secret as it is shown, and as it is when its groups are typed without hyphens.</summary>
    internal static IReadOnlyList<ScramVerifier> Make(string secret, ScramVerifier account) =>
        [.. new[] { secret, secret.Replace("-", "", StringComparison.Ordinal) }.Select(typed => ScramVerifier.Make(Encoding.ASCII.GetBytes(typed), account.Salt, account.Iterations))];

    /// <summary>One row's octets: count, length of the salt, salt, and two keys for each verifier.</summary>
    internal static byte[] Write(IReadOnlyList<ScramVerifier> verifiers)
    {
        var salt = verifiers[0].Salt;
        var octets = new byte[8 + salt.Length + (verifiers.Count * 2 * KeySize)];
        BinaryPrimitives.WriteInt32BigEndian(octets, verifiers[0].Iterations);
        BinaryPrimitives.WriteInt32BigEndian(octets.AsSpan(4), salt.Length);
        salt.CopyTo(octets, 8);
        for (var i = 0; i < verifiers.Count; i++)
        {
            verifiers[i].StoredKey.CopyTo(octets, 8 + salt.Length + (i * 2 * KeySize));
            verifiers[i].ServerKey.CopyTo(octets, 8 + salt.Length + (i * 2 * KeySize) + KeySize);
        }
        return octets;
    }

    internal static IReadOnlyList<ScramVerifier> Read(byte[] octets)
    {
        var iterations = BinaryPrimitives.ReadInt32BigEndian(octets);
        var salt = octets.AsSpan(8, BinaryPrimitives.ReadInt32BigEndian(octets.AsSpan(4))).ToArray();
        var verifiers = new List<ScramVerifier>(2);
        for (var at = 8 + salt.Length; at + (2 * KeySize) <= octets.Length; at += 2 * KeySize)
            verifiers.Add(new ScramVerifier(salt, iterations, octets.AsSpan(at, KeySize).ToArray(), octets.AsSpan(at + KeySize, KeySize).ToArray()));
        return verifiers;
    }
}
