namespace Sternpost.Filter.Classifier;

/// <summary>Overlapping runs of four octets, each counted once.</summary>
internal static class ByteGrams
{
    internal static void Add(ReadOnlySpan<byte> bytes, FeatureSet set)
    {
        if (bytes.Length < 4) return;
        var gram = (uint)((bytes[0] << 16) | (bytes[1] << 8) | bytes[2]);
        for (var i = 3; i < bytes.Length; i++)
        {
            gram = (gram << 8) | bytes[i];
            set.Add((uint)((gram * 11400714819323198485ul) >> 32));
        }
    }
}
