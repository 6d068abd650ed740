using System.Buffers.Binary;

namespace Sternpost.Filter.Lessons;

/// <summary>
/// One account's weights while it is taught: 65,536 buckets of fixed-point numbers, 128 KB in memory whatever was learned. Stored sparse: for each
/// bucket in use the gap to it as a varint, then its value.
/// </summary>
internal sealed class LessonWeights : IBucketWeights
{
    private const int Bits = 16;

    /// <summary>Buckets an account has.</summary>
    internal const int Buckets = 1 << Bits;

    /// <summary>What one of the stored numbers is worth.</summary>
    internal const float Unit = 1f / 2048;

    private readonly short[] values = new short[Buckets];

    /// <inheritdoc/>
    public float this[int bucket] => values[bucket] * Unit;

    internal static int Bucket(uint hash) => (int)(hash >> (32 - Bits));

    /// <inheritdoc/>
    public float Sum(ReadOnlySpan<uint> hashes)
    {
        var sum = 0;
        foreach (var hash in hashes) sum += values[hash >> (32 - Bits)];
        return sum * Unit;
    }

    internal void Add(int bucket, float step) => values[bucket] = Fixed(values[bucket] + (step / Unit));

    internal void Add(ReadOnlySpan<uint> hashes, float step)
    {
        var units = step / Unit;
        foreach (var hash in hashes)
        {
            ref var value = ref values[hash >> (32 - Bits)];
            value = Fixed(value + units);
        }
    }

    /// <summary>Old lessons fade: all weights times <paramref name="factor"/>.</summary>
    internal void Fade(float factor)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] != 0) values[i] = Fixed(values[i] * factor);
        }
    }

    internal byte[] Write()
    {
        var blob = new List<byte>(4096);
        var last = -1;
        Span<byte> value = stackalloc byte[2];
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] == 0) continue;
            for (var gap = (uint)(i - last); ; gap >>= 7)
            {
                blob.Add((byte)(gap < 0x80 ? gap : gap | 0x80));
                if (gap < 0x80) break;
            }
            BinaryPrimitives.WriteInt16LittleEndian(value, values[i]);
            blob.AddRange(value);
            last = i;
        }
        return [.. blob];
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static LessonWeights Read(ReadOnlySpan<byte> blob)
    {
        var weights = new LessonWeights();
        for (var stored = new StoredWeights(blob); stored.MoveNext();) weights.values[stored.Bucket] = stored.Value;
        return weights;
    }

    private static short Fixed(float units) => (short)Math.Clamp(MathF.Round(units), short.MinValue, short.MaxValue);
}
