namespace Sternpost.Filter.Lessons;

/// <summary>What was learned of each bucket of words and senders, as it is asked.</summary>
internal interface IBucketWeights
{
    /// <summary>The weight of one bucket; 0 where nothing was learned.</summary>
    float this[int bucket] { get; }

    /// <summary>The weights of the buckets of <paramref name="hashes"/> together.</summary>
    float Sum(ReadOnlySpan<uint> hashes);
}
