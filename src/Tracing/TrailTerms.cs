using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sternpost.Tracing;

/// <summary>
/// The terms a trail is found by: whole addresses and ids, the domain of an address, and words. In lower case, as 64-bit hashes, so that what is
/// long costs no more than what is short.
/// </summary>
internal static class TrailTerms
{
    private const int MostTerms = 400;
    private const int ShortestWord = 2;

    private static readonly char[] Edges = [.. "<>()[]{}\"',;:!?"];

    /// <summary>The hashes for a trail, each once.</summary>
    internal static List<long> Of(Trail trail)
    {
        var terms = new HashSet<long>();
        foreach (var text in trail.Texts)
        {
            foreach (var term in In(text))
            {
                if (terms.Count < MostTerms) terms.Add(Hash(term));
            }
        }
        return [.. terms];
    }

    /// <summary>The hashes that a search for <paramref name="query"/> asks for: of each word the whole, and nothing of its parts.</summary>
    internal static List<long> Asked(string query) => [.. Words(query).Select(Hash).Distinct()];

    internal static byte[] Write(List<long> terms)
    {
        var blob = new byte[terms.Count * sizeof(long)];
        for (var i = 0; i < terms.Count; i++) BinaryPrimitives.WriteInt64LittleEndian(blob.AsSpan(i * sizeof(long)), terms[i]);
        return blob;
    }

    internal static IEnumerable<long> Read(byte[] blob)
    {
        for (var i = 0; i + sizeof(long) <= blob.Length; i += sizeof(long)) yield return BinaryPrimitives.ReadInt64LittleEndian(blob.AsSpan(i));
    }

    private static IEnumerable<string> In(string text)
    {
        foreach (var word in Words(text))
        {
            yield return word;
            var sign = word.LastIndexOf('@');
            if (sign >= 0 && sign + 1 < word.Length) yield return word[(sign + 1)..];
            // A session's reference ends with the number of the message in it; people quote either.
            var dot = word.LastIndexOf('.');
            if (sign < 0 && dot > 0 && word.AsSpan(dot + 1).ContainsAnyExceptInRange('0', '9') is false) yield return word[..dot];
            // Subjects are written "invoice-4711" and remembered as "4711".
            if (sign >= 0) continue;
            foreach (var part in word.Split(['-', '_', '/', '.', '#', '='], StringSplitOptions.RemoveEmptyEntries))
            {
                if (part.Length >= ShortestWord && part.Length < word.Length) yield return part;
            }
        }
    }

    private static IEnumerable<string> Words(string text)
    {
        foreach (var raw in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var word = raw.Trim(Edges).TrimEnd('.').ToLowerInvariant();
            if (word.Length >= ShortestWord) yield return word;
        }
    }

    // Stored, so it must be the same in every release; collisions within a server's month are not to be expected of 64 bits.
    private static long Hash(string term)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(term.AsSpan()), digest);
        return BinaryPrimitives.ReadInt64LittleEndian(digest);
    }
}
