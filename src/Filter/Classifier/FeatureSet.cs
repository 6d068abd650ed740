namespace Sternpost.Filter.Classifier;

/// <summary>
/// A set of 32-bit feature hashes, reused from message to message: clearing it is raising a stamp, and it fits the second-level
/// cache. A full set refuses more, which bounds every message's cost.
/// </summary>
internal sealed class FeatureSet
{
    internal const int MaxFeatures = 8192;
    private const int SlotBits = 14;

    private readonly uint[] keys = new uint[1 << SlotBits];
    private readonly uint[] stamps = new uint[1 << SlotBits];
    private readonly uint[] features = new uint[MaxFeatures];
    // Never 0: that is what a slot never used carries.
    private uint stamp = 1;

    internal int Count { get; private set; }

    internal ReadOnlySpan<uint> Span => features.AsSpan(0, Count);

    internal void Clear()
    {
        Count = 0;
        if (++stamp != 0) return;
        Array.Clear(stamps);
        stamp = 1;
    }

    internal void Add(uint feature)
    {
        var slot = (feature * 0x9E3779B1u) >> (32 - SlotBits);
        while (stamps[slot] == stamp)
        {
            if (keys[slot] == feature) return;
            slot = (slot + 1) & ((1 << SlotBits) - 1);
        }
        if (Count == MaxFeatures) return;
        stamps[slot] = stamp;
        keys[slot] = feature;
        features[Count++] = feature;
    }
}
