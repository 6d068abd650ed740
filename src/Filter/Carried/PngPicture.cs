using System.Buffers.Binary;
using System.IO.Compression;
using Sternpost.Malware.Documents;

namespace Sternpost.Filter.Carried;

/// <summary>
/// Reads PNG pictures as shades of grey. Written here and not taken from a library because of one thing: it unpacks as much as the picture's
/// size says and not an octet more, where a file of a megabyte may unpack to a thousand. Interlaced pictures are not read.
/// </summary>
internal static class PngPicture
{
    private const int MaxChunks = 10_000;

    internal static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The shades, row by row; null where the picture is of a kind that is not read, too large for <paramref name="isAllowed"/>, or broken.</summary>
    internal static byte[]? Read(ReadOnlyMemory<byte> file, Func<int, int, bool> isAllowed, out int width, out int height)
    {
        (width, height) = (0, 0);
        var packed = new List<ReadOnlyMemory<byte>>();
        ReadOnlySpan<byte> header = default, palette = default, transparency = default;
        var at = Signature.Length;
        for (var chunks = 0; chunks < MaxChunks && at + 12 <= file.Length; chunks++)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file.Span[at..]);
            if (length > file.Length - at - 12) length = (uint)(file.Length - at - 12);
            var data = file.Slice(at + 8, (int)length);
            var type = file.Span.Slice(at + 4, 4);
            if (type.SequenceEqual("IHDR"u8)) header = data.Span;
            else if (type.SequenceEqual("PLTE"u8)) palette = data.Span;
            else if (type.SequenceEqual("tRNS"u8)) transparency = data.Span;
            else if (type.SequenceEqual("IDAT"u8)) packed.Add(data);
            else if (type.SequenceEqual("IEND"u8)) break;
            at += (int)length + 12;
        }
        if (header.Length < 13 || packed.Count == 0) return null;
        var (wide, high) = (BinaryPrimitives.ReadUInt32BigEndian(header), BinaryPrimitives.ReadUInt32BigEndian(header[4..]));
        int bits = header[8], colour = header[9];
        var channels = colour switch { 0 or 3 => 1, 2 => 3, 4 => 2, 6 => 4, _ => 0 };
        if (wide > ushort.MaxValue || high > ushort.MaxValue || !isAllowed((int)wide, (int)high) || header[12] != 0 || channels == 0 || bits is not (1 or 2 or 4 or 8 or 16) || (bits < 8 && channels > 1) || (colour == 3 && bits > 8)) return null;
        (width, height) = ((int)wide, (int)high);
        var row = ((width * channels * bits) + 7) / 8;
        return Shades(packed, width, height, row, bits, colour, palette, transparency);
    }

    // Row by row, so that no more is held than the shades. A broken file is read as far as it goes: what it does not hold stays dark.
    private static byte[]? Shades(List<ReadOnlyMemory<byte>> packed, int width, int height, int row, int bits, int colour, ReadOnlySpan<byte> palette, ReadOnlySpan<byte> transparency)
    {
        using var stream = new MemoryStream(packed.Count == 1 ? packed[0].ToArray() : [.. packed.SelectMany(part => part.ToArray())], writable: false);
        using var zlib = new ZLibStream(stream, CompressionMode.Decompress);
        var shades = new byte[width * height];
        Span<byte> known = stackalloc byte[256];
        known.Fill(255);
        for (var i = 0; colour == 3 && i < 256 && (i * 3) + 2 < palette.Length; i++)
            known[i] = OnPaper(PictureLuminance.Shade(palette[i * 3], palette[(i * 3) + 1], palette[(i * 3) + 2]), i < transparency.Length ? transparency[i] : 255);
        var most = (1 << Math.Min(bits, 8)) - 1;
        // Of sixteen bits the upper eight.
        var step = Math.Max(1, bits / 8);
        var element = Math.Clamp(bits * colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 } / 8, 1, row);
        byte[] filtered = new byte[row + 1], above = new byte[row], plain = new byte[row];
        for (var y = 0; y < height; y++)
        {
            try
            {
                if (zlib.ReadAtLeast(filtered, filtered.Length, throwOnEndOfStream: false) < filtered.Length) return y == 0 ? null : shades;
            }
            catch (Exception broken) when (broken is InvalidDataException or IOException)
            {
                return y == 0 ? null : shades;
            }
            PngRows.Unfilter(filtered[0], filtered.AsSpan(1), plain, above, element);
            ReadOnlySpan<byte> line = plain;
            var to = shades.AsSpan(y * width, width);
            switch (colour)
            {
                case 3 when bits == 8:
                    for (var x = 0; x < to.Length; x++) to[x] = known[line[x]];
                    break;
                case 3:
                    for (var x = 0; x < to.Length; x++) to[x] = known[Packed(line, x, bits)];
                    break;
                case 0 when bits < 8:
                    for (var x = 0; x < to.Length; x++) to[x] = (byte)(Packed(line, x, bits) * 255 / most);
                    break;
                case 0:
                    for (var x = 0; x < to.Length; x++) to[x] = line[x * step];
                    break;
                case 4:
                    for (var x = 0; x < to.Length; x++) to[x] = OnPaper(line[x * 2 * step], line[((x * 2) + 1) * step]);
                    break;
                case 2:
                    for (int x = 0, at = 0; x < to.Length; x++, at += 3 * step) to[x] = PictureLuminance.Shade(line[at], line[at + step], line[at + (2 * step)]);
                    break;
                default:
                    for (int x = 0, at = 0; x < to.Length; x++, at += 4 * step) to[x] = OnPaper(PictureLuminance.Shade(line[at], line[at + step], line[at + (2 * step)]), line[at + (3 * step)]);
                    break;
            }
            (above, plain) = (plain, above);
        }
        return shades;
    }

    private static int Packed(ReadOnlySpan<byte> line, int x, int bits) => (line[x * bits / 8] >> (8 - bits - (x * bits % 8))) & ((1 << bits) - 1);

    private static byte OnPaper(int shade, int alpha) => alpha == 255 ? (byte)shade : (byte)(((shade * alpha) + (255 * (255 - alpha))) / 255);
}
