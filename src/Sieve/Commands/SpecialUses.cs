namespace Sternpost.Sieve.Commands;

/// <summary>Special uses of mailboxes (RFC 6154) as scripts write them (RFC 8579).</summary>
internal static class SpecialUses
{
    /// <summary>A backslash and an atom; whether the server knows it is another question.</summary>
    internal static bool IsOne(string use) => use.Length is > 1 and <= 64 && use[0] == '\\' && use.AsSpan(1).IndexOfAnyExcept(System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_$!")) < 0;
}
