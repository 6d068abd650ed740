namespace Sternpost.Filter.Classifier;

/// <summary>The hash of words as features; part of the model's format, so a change of it needs a new model.</summary>
internal static class WordHash
{
    private const uint Prime = 0x01000193;

    /// <summary>FNV-1a over UTF-16 units of the lower-cased word, begun from the field it stands in.</summary>
    internal static uint Of(uint field, ReadOnlySpan<char> word)
    {
        var hash = 0x811C9DC5u ^ (field * 0x9E3779B1u);
        foreach (var c in word)
        {
            var lower = c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c < 0x80 ? c : char.ToLowerInvariant(c);
            hash = (hash ^ lower) * Prime;
        }
        return Finish(hash);
    }

    /// <summary>The same for a word in lower case already.</summary>
    internal static uint OfLower(uint field, ReadOnlySpan<char> word)
    {
        var hash = 0x811C9DC5u ^ (field * 0x9E3779B1u);
        foreach (var c in word) hash = (hash ^ c) * Prime;
        return Finish(hash);
    }

    internal static uint Of(uint field, ReadOnlySpan<byte> word)
    {
        var hash = 0x811C9DC5u ^ (field * 0x9E3779B1u);
        foreach (var c in word) hash = (hash ^ (c is >= (byte)'A' and <= (byte)'Z' ? (uint)(c | 0x20) : c)) * Prime;
        return Finish(hash);
    }

    /// <summary>An ordered pair of two hashes.</summary>
    internal static uint Pair(uint first, uint second) => Finish((first * 0x85EBCA6Bu) ^ (second + 0x9E3779B9u + (first << 6)));

    // FNV mixes its high bits badly, and the tables are indexed by them.
    private static uint Finish(uint hash)
    {
        hash ^= hash >> 16;
        hash *= 0x7FEB352Du;
        hash ^= hash >> 15;
        hash *= 0x846CA68Bu;
        return hash ^ (hash >> 16);
    }
}
