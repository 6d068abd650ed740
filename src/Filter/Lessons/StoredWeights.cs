using System.Buffers.Binary;

namespace Sternpost.Filter.Lessons;

/// <summary>Reads what <see cref="LessonWeights.Write"/> wrote, bucket after bucket upwards; what is damaged beyond a point is as if it had not been learned.</summary>
internal ref struct StoredWeights(ReadOnlySpan<byte> blob)
{
    private ReadOnlySpan<byte> rest = blob;

    internal int Bucket { get; private set; } = -1;

    internal short Value { get; private set; }

    internal bool MoveNext()
    {
        if (rest.IsEmpty) return false;
        var (gap, length) = (0, 0);
        for (var shift = 0; length < rest.Length && shift <= 21; shift += 7)
        {
            gap |= (rest[length] & 0x7F) << shift;
            if (rest[length++] < 0x80) break;
        }
        if (gap == 0 || Bucket + gap >= LessonWeights.Buckets || rest.Length < length + 2) return false;
        Bucket += gap;
        Value = BinaryPrimitives.ReadInt16LittleEndian(rest[length..]);
        rest = rest[(length + 2)..];
        return true;
    }
}
