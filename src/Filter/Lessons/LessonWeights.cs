using System.Buffers.Binary;

namespace Sternpost.Filter.Lessons;

/// <summary>
/// One account's weights: 65,536 buckets of fixed-point numbers, 128 KB in memory whatever was learned. Stored sparse: for each
/// bucket in use the gap to it as a varint, then its value.
/// </summary>
internal sealed class LessonWeights
{
    private const int Bits = 16;
    private const float Unit = 1f / 2048;

    private readonly short[] values = new short[1 << Bits];

    internal float this[int bucket] => values[bucket] * Unit;

    internal static int Bucket(uint hash) => (int)(hash >> (32 - Bits));

    internal float Sum(ReadOnlySpan<uint> hashes)
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

    /// <summary>Reads what <see cref="Write"/> wrote; what is damaged beyond a point is as if it had not been learned.</summary>
    internal static LessonWeights Read(ReadOnlySpan<byte> blob)
    {
        var weights = new LessonWeights();
        var bucket = -1;
        while (!blob.IsEmpty)
        {
            var gap = 0;
            var length = 0;
            for (var shift = 0; length < blob.Length && shift <= 21; shift += 7)
            {
                gap |= (blob[length] & 0x7F) << shift;
                if (blob[length++] < 0x80) break;
            }
            bucket += gap;
            if (gap == 0 || bucket >= weights.values.Length || blob.Length < length + 2) break;
            weights.values[bucket] = BinaryPrimitives.ReadInt16LittleEndian(blob[length..]);
            blob = blob[(length + 2)..];
        }
        return weights;
    }

    private static short Fixed(float units) => (short)Math.Clamp(MathF.Round(units), short.MinValue, short.MaxValue);
}
