using JpegLibrary;

namespace Sternpost.Filter.Carried;

/// <summary>Reads JPEG pictures as shades of grey: the first component is the brightness, and the others are not needed.</summary>
internal static class JpegPicture
{
    // A progressive picture is refined scan by scan, ten times or so; each goes over the whole of it, however few octets it has.
    private const int MaxScans = 40;

    /// <summary>The shades, row by row; null where the picture is too large for <paramref name="isAllowed"/>, of a kind that is not read, or broken.</summary>
    internal static byte[]? Read(ReadOnlyMemory<byte> file, Func<int, int, bool> isAllowed, out int width, out int height)
    {
        (width, height) = (0, 0);
        if (file.Span.Count((ReadOnlySpan<byte>)[0xFF, 0xDA]) > MaxScans) return null;
        try
        {
            var decoder = new JpegDecoder();
            decoder.SetInput(file);
            decoder.Identify();
            (width, height) = (decoder.Width, decoder.Height);
            if (decoder.Precision != 8 || !isAllowed(width, height)) return null;
            var writer = new Brightness(width, height);
            decoder.SetOutputWriter(writer);
            decoder.Decode();
            return writer.Shades;
        }
        catch (Exception broken) when (broken is InvalidDataException or InvalidOperationException or ArgumentException or IndexOutOfRangeException or NotSupportedException or OverflowException or NullReferenceException or DivideByZeroException)
        {
            return null;
        }
    }

    private sealed class Brightness(int width, int height) : JpegBlockOutputWriter
    {
        internal byte[] Shades { get; } = new byte[width * height];

        public override void WriteBlock(ref short blockRef, int componentIndex, int x, int y)
        {
            if (componentIndex != 0 || x >= width || y >= height) return;
            var block = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(ref blockRef, 64);
            var columns = Math.Min(8, width - x);
            for (var line = 0; line < 8 && y + line < height; line++)
            {
                for (var column = 0; column < columns; column++) Shades[((y + line) * width) + x + column] = (byte)Math.Clamp((int)block[(line * 8) + column], 0, 255);
            }
        }
    }
}
