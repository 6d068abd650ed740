using Sternpost.Malware;

namespace Sternpost.Filter.Carried;

/// <summary>A picture as shades of grey, row by row, on white paper.</summary>
internal sealed class PictureLuminance
{
    // No code of use has fewer; and a telephone's camera needs no more than this to read one.
    private const int MinSide = 40;
    private const int MaxSide = 8_000;
    private const int WorkingPixels = 1_000_000;
    private const int MaxPixels = 6_000_000;

    private PictureLuminance(byte[] shades, int width, int height)
    {
        Shades = shades;
        Width = width;
        Height = height;
    }

    /// <summary>0 is black, 255 white.</summary>
    internal byte[] Shades { get; }

    internal int Width { get; }

    internal int Height { get; }

    /// <summary>Of a PNG or JPEG file; null where it is none, too small, too large, or broken.</summary>
    internal static PictureLuminance? OfFile(ReadOnlyMemory<byte> file, PixelBudget budget)
    {
        byte[]? shades;
        int width = 0, height = 0;
        if (file.Span.StartsWith(PngPicture.Signature)) shades = PngPicture.Read(file, IsAllowed, out width, out height);
        else if (file.Span.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) shades = JpegPicture.Read(file, IsAllowed, out width, out height);
        else return null;
        return shades is null ? null : new PictureLuminance(shades, width, height).Halved();

        bool IsAllowed(int wide, int high) => wide is >= MinSide and <= MaxSide && high is >= MinSide and <= MaxSide && (long)wide * high <= MaxPixels && budget.Spend((long)wide * high);
    }

    /// <summary>Of samples as a document holds them.</summary>
    internal static PictureLuminance? OfSamples(DocumentPicture picture, PixelBudget budget)
    {
        var (width, height) = (picture.Width, picture.Height);
        var samples = picture.Content.Span;
        if (width is < MinSide or > MaxSide || height is < MinSide or > MaxSide) return null;
        var pixels = (long)width * height;
        if (pixels > MaxPixels || !budget.Spend(pixels)) return null;
        var shades = new byte[pixels];
        var row = picture.BitsPerSample == 1 ? (width + 7) / 8 : width * picture.Channels;
        if (samples.Length < (long)row * height) return null;
        for (var y = 0; y < height; y++)
        {
            var line = samples.Slice(y * row, row);
            for (var x = 0; x < width; x++)
            {
                shades[(y * width) + x] = picture switch
                {
                    { BitsPerSample: 1 } => (line[x / 8] & (0x80 >> (x % 8))) == 0 ? (byte)0 : (byte)255,
                    { Channels: 1 } => line[x],
                    { Channels: 3 } => Shade(line[x * 3], line[(x * 3) + 1], line[(x * 3) + 2]),
                    // Four inks: what is left white by black and by the strongest of the others is near enough.
                    _ => (byte)Math.Max(0, 255 - line[(x * 4) + 3] - Math.Max(line[x * 4], Math.Max(line[(x * 4) + 1], line[(x * 4) + 2]))),
                };
            }
        }
        return new PictureLuminance(shades, width, height).Halved();
    }

    internal static byte Shade(int red, int green, int blue) => (byte)(((red * 77) + (green * 151) + (blue * 28)) >> 8);

    // Searching costs more than halving.
    private PictureLuminance Halved()
    {
        if ((long)Width * Height <= WorkingPixels * 3 / 2) return this;
        var (width, height) = (Width / 2, Height / 2);
        var half = new byte[width * height];
        for (var y = 0; y < height; y++)
        {
            var upper = Shades.AsSpan(y * 2 * Width, Width);
            var lower = Shades.AsSpan(((y * 2) + 1) * Width, Width);
            for (var x = 0; x < width; x++) half[(y * width) + x] = (byte)((upper[x * 2] + upper[(x * 2) + 1] + lower[x * 2] + lower[(x * 2) + 1]) / 4);
        }
        return new PictureLuminance(half, width, height).Halved();
    }
}
