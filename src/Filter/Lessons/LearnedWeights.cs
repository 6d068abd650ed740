using System.Numerics;

namespace Sternpost.Filter.Lessons;

/// <summary>
/// One account's weights as they are asked, not changed: a bit for each bucket and the values of those in use, 10 KB and two octets
/// for each of these where <see cref="LessonWeights"/> takes 128 KB. Most words of a message were never taught, and one bit says so.
/// </summary>
internal sealed class LearnedWeights : IBucketWeights
{
    private const int Words = LessonWeights.Buckets / 64;

    private readonly ulong[] used = new ulong[Words];
    // Values before those of each word of bits.
    private readonly ushort[] before = new ushort[Words];
    private readonly short[] values;

    /// <summary>The weights that <see cref="LessonWeights.Write"/> wrote.</summary>
    internal LearnedWeights(ReadOnlySpan<byte> blob)
    {
        var read = new List<short>(blob.Length / 3);
        for (var stored = new StoredWeights(blob); stored.MoveNext();)
        {
            used[stored.Bucket >> 6] |= 1UL << (stored.Bucket & 63);
            read.Add(stored.Value);
        }
        values = [.. read];
        for (var (word, count) = (0, 0); word < Words; count += BitOperations.PopCount(used[word++])) before[word] = (ushort)count;
    }

    /// <inheritdoc/>
    public float this[int bucket] => ValueOf(bucket) * LessonWeights.Unit;

    /// <inheritdoc/>
    public float Sum(ReadOnlySpan<uint> hashes)
    {
        var sum = 0;
        foreach (var hash in hashes) sum += ValueOf(LessonWeights.Bucket(hash));
        return sum * LessonWeights.Unit;
    }

    private int ValueOf(int bucket)
    {
        var bits = used[bucket >> 6];
        var bit = 1UL << (bucket & 63);
        return (bits & bit) == 0 ? 0 : values[before[bucket >> 6] + BitOperations.PopCount(bits & (bit - 1))];
    }
}
