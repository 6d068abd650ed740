using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Sternpost.Accounts.AppPasswords;

/// <summary>
/// The secret of an app password: twenty letters and digits in groups of four, a hundred random bits. Nobody guesses that, so a plain
/// SHA-256 keeps it, and checking one costs nothing; the slow hash is for what people think up themselves.
/// </summary>
internal static class AppSecret
{
    private const int Length = 20;

    // RFC 4648 §6 in lower case: no 0, 1, 8 and 9 to be mistaken for letters.
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    internal static string Make()
    {
        var letters = RandomNumberGenerator.GetString(Alphabet, Length);
        return string.Join('-', Enumerable.Range(0, Length / 4).Select(group => letters.Substring(group * 4, 4)));
    }

    /// <summary>The hash under which a secret is kept; false where the text cannot be one. Groups, spaces and case are as the typist likes.</summary>
    internal static bool TryHash(string text, [NotNullWhen(true)] out byte[]? verifier)
    {
        verifier = null;
        if (text.Length is < Length or > Length * 2) return false;
        Span<byte> letters = stackalloc byte[Length];
        var count = 0;
        foreach (var c in text)
        {
            if (c is ' ' or '-') continue;
            var lower = char.ToLowerInvariant(c);
            if (count == Length || !Alphabet.Contains(lower, StringComparison.Ordinal)) return false;
            letters[count++] = (byte)lower;
        }
        if (count != Length) return false;
        verifier = SHA256.HashData(letters);
        CryptographicOperations.ZeroMemory(letters);
        return true;
    }
}
