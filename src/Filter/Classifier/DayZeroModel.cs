using System.Buffers.Binary;
using System.Reflection;

namespace Sternpost.Filter.Classifier;

/// <summary>
/// The shipped model. The file is an embedded resource, so it is mapped with the assembly and shared by all processes.
/// Layout, little-endian: magic "SPDZ", u16 version, u8 gram bits, u8 word bits, f32 gram scale, f32 word scale,
/// f32 calibration of grams, words and bias, u32 reserved; then one octet per weight, grams first.
/// </summary>
public sealed class DayZeroModel
{
    private const int HeaderLength = 32;
    private const ushort Version = 1;
    private const string Resource = "day-zero.model";
    private static readonly Lazy<DayZeroModel?> Embedded = new(LoadEmbedded);

    private DayZeroModel(QuantizedWeights grams, QuantizedWeights words, Calibration calibration)
    {
        Grams = grams;
        Words = words;
        Calibration = calibration;
    }

    /// <summary>The model this build ships, or null in a build without one.</summary>
    public static DayZeroModel? Shipped => Embedded.Value;

    internal QuantizedWeights Grams { get; }

    internal QuantizedWeights Words { get; }

    internal Calibration Calibration { get; }

    /// <summary>Reads a model; throws <see cref="InvalidDataException"/> with the reason where it is none.</summary>
    public static DayZeroModel Read(ReadOnlyMemory<byte> file)
    {
        var header = file.Span;
        if (header.Length < HeaderLength || !header.StartsWith("SPDZ"u8)) throw new InvalidDataException("This is not a Sternpost model file.");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
        if (version != Version) throw new InvalidDataException($"The model file has version {version}; this program reads version {Version}. Rebuild it with 'sternpost train'.");
        int gramBits = header[6], wordBits = header[7];
        if (gramBits is < 8 or > 26 || wordBits is < 8 or > 26 || file.Length != HeaderLength + (1 << gramBits) + (1 << wordBits))
        {
            throw new InvalidDataException("The model file is cut short or damaged.");
        }
        return new DayZeroModel(
            new QuantizedWeights(file.Slice(HeaderLength, 1 << gramBits), gramBits, Single(header, 8)),
            new QuantizedWeights(file.Slice(HeaderLength + (1 << gramBits), 1 << wordBits), wordBits, Single(header, 12)),
            new Calibration(Single(header, 16), Single(header, 20), Single(header, 24)));
    }

    internal static byte[] Write(WeightTable grams, WeightTable words, Calibration calibration)
    {
        var gramCodes = QuantizedWeights.Quantize(grams.Weights, out var gramScale);
        var wordCodes = QuantizedWeights.Quantize(words.Weights, out var wordScale);
        var file = new byte[HeaderLength + gramCodes.Length + wordCodes.Length];
        "SPDZ"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(4), Version);
        file[6] = (byte)grams.Bits;
        file[7] = (byte)words.Bits;
        float[] values = [gramScale, wordScale, calibration.Grams, calibration.Words, calibration.Bias];
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(8 + (4 * i)), values[i]);
        gramCodes.CopyTo(file, HeaderLength);
        wordCodes.CopyTo(file, HeaderLength + gramCodes.Length);
        return file;
    }

    private static float Single(ReadOnlySpan<byte> header, int at) => BinaryPrimitives.ReadSingleLittleEndian(header[at..]);

    private static DayZeroModel? LoadEmbedded()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource);
        return stream is UnmanagedMemoryStream mapped ? Read(new MappedMemory(mapped).Memory) : null;
    }
}
