namespace Sternpost.Filter.Classifier;

/// <summary>
/// Weights of the shipped model, one signed octet each on a quadratic scale: small weights are many and their sum matters,
/// so they get most of the codes.
/// </summary>
internal sealed class QuantizedWeights
{
    private readonly ReadOnlyMemory<byte> codes;
    private readonly float[] values = new float[256];

    internal QuantizedWeights(ReadOnlyMemory<byte> codes, int bits, float scale)
    {
        this.codes = codes;
        Bits = bits;
        for (var code = 0; code < 256; code++)
        {
            var signed = (sbyte)(byte)code / 127f;
            values[code] = signed * Math.Abs(signed) * scale;
        }
    }

    internal int Bits { get; }

    internal float Sum(ReadOnlySpan<uint> features)
    {
        var table = codes.Span;
        var shift = 32 - Bits;
        var sum = 0f;
        foreach (var feature in features) sum += values[table[(int)(feature >> shift)]];
        return sum;
    }

    internal static byte[] Quantize(ReadOnlySpan<float> weights, out float scale)
    {
        scale = 0;
        foreach (var weight in weights) scale = Math.Max(scale, Math.Abs(weight));
        var codes = new byte[weights.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            var root = MathF.Sqrt(Math.Abs(weights[i]) / Math.Max(scale, 1e-9f)) * 127f;
            codes[i] = unchecked((byte)(sbyte)MathF.CopySign(MathF.Round(root), weights[i]));
        }
        return codes;
    }
}
