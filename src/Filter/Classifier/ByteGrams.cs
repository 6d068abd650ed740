using Sternpost.Filter.Views;

namespace Sternpost.Filter.Classifier;

/// <summary>Overlapping runs of four octets, each counted once.</summary>
internal static class ByteGrams
{
    private const int MaxHeaderOctets = 2048;
    private const int MaxFieldOctets = 240;
    private const int MaxBodyOctets = 3000;
    private const int MaxRawOctets = 3000;

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

    /// <summary>The header without the fields of its receivers, each field cut so that one cannot crowd out the others.</summary>
    internal static void AddHeader(HeaderFields header, FeatureSet set)
    {
        Span<byte> text = stackalloc byte[MaxHeaderOctets];
        var length = 0;
        foreach (var field in header.Fields)
        {
            var name = header.Name(field);
            if (ReceiverFields.Contains(name)) continue;
            var value = header.Value(field);
            Append(text, ref length, name);
            Append(text, ref length, ": "u8);
            Append(text, ref length, value[..Math.Min(value.Length, MaxFieldOctets)]);
            Append(text, ref length, "\n"u8);
            if (length == text.Length) break;
        }
        Add(text[..length], set);
    }

    internal static void AddBody(MimeTree mime, FeatureSet set)
    {
        var budget = MaxBodyOctets;
        foreach (var part in mime.Parts)
        {
            if (!part.IsText || part.IsEmbedded) continue;
            var text = part.Decode(budget).Span;
            Add(text, set);
            budget -= text.Length;
            if (budget <= 0) return;
        }
    }

    internal static void AddRaw(ReadOnlySpan<byte> raw, FeatureSet set) => Add(raw[..Math.Min(raw.Length, MaxRawOctets)], set);

    private static void Append(Span<byte> target, ref int length, ReadOnlySpan<byte> text)
    {
        text = text[..Math.Min(text.Length, target.Length - length)];
        text.CopyTo(target[length..]);
        length += text.Length;
    }
}
