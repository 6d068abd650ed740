using System.Buffers.Binary;
using System.Reflection;

namespace Sternpost.Filter.Classifier;

/// <summary>
/// The shipped model. The file is an embedded resource, so it is mapped with the assembly and shared by all processes.
/// Layout, little-endian: magic "SPDZ", u16 version, u16 number of tables, f32 slope, f32 bias, f32 caution, u32 reserved; for each table, in the order of
/// <see cref="Learner.All"/>: u32 bits, f32 scale; then one octet for each weight of each table.
/// </summary>
public sealed class DayZeroModel
{
    private const ushort Version = 4;
    private const int FixedLength = 24;
    private const string Resource = "day-zero.model";
    private static readonly int Tables = Learner.All.Length;
    private static readonly int HeaderLength = FixedLength + (8 * Tables);
    private static readonly Lazy<DayZeroModel?> Embedded = new(LoadEmbedded);

    private readonly QuantizedWeights[] tables;

    private DayZeroModel(QuantizedWeights[] tables, Calibration calibration)
    {
        this.tables = tables;
        Calibration = calibration;
    }

    /// <summary>The model this build ships, or null in a build without one.</summary>
    public static DayZeroModel? Shipped => Embedded.Value;

    internal Calibration Calibration { get; }

    /// <summary>The sum of the weights that learner number <paramref name="learner"/> has for <paramref name="features"/>.</summary>
    internal float Sum(int learner, ReadOnlySpan<uint> features) => tables[learner].Sum(features);

    /// <summary>Reads a model; throws <see cref="InvalidDataException"/> with the reason where it is none.</summary>
    public static DayZeroModel Read(ReadOnlyMemory<byte> file)
    {
        var header = file.Span;
        if (header.Length < HeaderLength || !header.StartsWith("SPDZ"u8)) throw new InvalidDataException("This is not a Sternpost model file.");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
        if (version != Version) throw new InvalidDataException($"The model file has version {version}; this program reads version {Version}. Rebuild it with 'sternpost train'.");
        if (BinaryPrimitives.ReadUInt16LittleEndian(header[6..]) != Tables) throw Damaged();
        var tables = new QuantizedWeights[Tables];
        var position = HeaderLength;
        for (var i = 0; i < Tables; i++)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(header[(FixedLength + (8 * i))..]);
            if (bits is < 8 or > 24 || file.Length - position < 1 << (int)bits) throw Damaged();
            tables[i] = new QuantizedWeights(file.Slice(position, 1 << (int)bits), (int)bits, Single(header, FixedLength + 4 + (8 * i)));
            position += 1 << (int)bits;
        }
        if (position != file.Length) throw Damaged();
        return new DayZeroModel(tables, new Calibration(Single(header, 8), Single(header, 12), Single(header, 16)));
    }

    internal static byte[] Write(IReadOnlyList<WeightTable> tables, Calibration calibration)
    {
        var file = new byte[HeaderLength + tables.Sum(table => 1 << table.Bits)];
        var header = file.AsSpan(0, HeaderLength);
        "SPDZ"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)Tables);
        BinaryPrimitives.WriteSingleLittleEndian(header[8..], calibration.Slope);
        BinaryPrimitives.WriteSingleLittleEndian(header[12..], calibration.Bias);
        BinaryPrimitives.WriteSingleLittleEndian(header[16..], calibration.Caution);
        var position = HeaderLength;
        for (var i = 0; i < Tables; i++)
        {
            var codes = QuantizedWeights.Quantize(tables[i].Weights, out var scale);
            BinaryPrimitives.WriteUInt32LittleEndian(header[(FixedLength + (8 * i))..], (uint)tables[i].Bits);
            BinaryPrimitives.WriteSingleLittleEndian(header[(FixedLength + 4 + (8 * i))..], scale);
            codes.CopyTo(file, position);
            position += codes.Length;
        }
        return file;
    }

    private static InvalidDataException Damaged() => new("The model file is cut short or damaged.");

    private static float Single(ReadOnlySpan<byte> header, int at) => BinaryPrimitives.ReadSingleLittleEndian(header[at..]);

    private static DayZeroModel? LoadEmbedded()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource);
        return stream is UnmanagedMemoryStream mapped ? Read(new MappedMemory(mapped).Memory) : null;
    }
}
