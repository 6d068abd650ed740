namespace Sternpost.Smtp.Server;

/// <summary>Short names of sessions: eight characters that are easy to read aloud, 40 bits of chance.</summary>
internal static class SessionId
{
    // Crockford's alphabet in lower case: no i, l, o, u.
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    internal static string Next() => string.Create(8, Random.Shared.NextInt64(), static (id, chance) =>
    {
        for (var i = 0; i < id.Length; i++) id[i] = Alphabet[(int)(chance >> (5 * i)) & 31];
    });
}
