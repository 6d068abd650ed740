using ZXing;
using ZXing.Common;
using ZXing.QrCode;

namespace Sternpost.Filter.Carried;

/// <summary>Finds and reads one QR code in a picture (ISO/IEC 18004).</summary>
internal static class QrCode
{
    // Every third row, not every fifth: a code may be a small corner of a page.
    private static readonly Dictionary<DecodeHintType, object> Hints = new() { [DecodeHintType.TRY_HARDER] = true };

    private const int MostInRow = 32;

    /// <summary>Its text; null where there is none that can be read.</summary>
    internal static string? Read(PictureLuminance picture)
    {
        if (!MayHold(picture)) return null;
        var source = new RGBLuminanceSource(picture.Shades, picture.Width, picture.Height, RGBLuminanceSource.BitmapFormat.Gray8);
        // Light modules on a dark ground are read by telephones too.
        return Read(source) ?? Read(source.invert());
    }

    private static string? Read(LuminanceSource source)
    {
        try
        {
            return new QRCodeReader().decode(new BinaryBitmap(new HybridBinarizer(source)), Hints)?.Text;
        }
        catch (Exception broken) when (broken is ReaderException or ArgumentException or IndexOutOfRangeException or System.FormatException or InvalidOperationException or OverflowException or NullReferenceException)
        {
            // A pattern that resembles a code and is none, or one made to trip its readers.
            return null;
        }
    }

    // A code shows dark and light in the lengths 1:1:3:1:1 at three corners (§6.3.3), in several rows one below the other. Photographs show
    // that too, here and there and not below each other; and looking along every third row costs a tenth of what searching does.
    private static bool MayHold(PictureLuminance picture)
    {
        Span<Corner> above = stackalloc Corner[MostInRow], here = stackalloc Corner[MostInRow];
        var known = 0;
        for (var y = 1; y < picture.Height; y += 3)
        {
            var line = picture.Shades.AsSpan(y * picture.Width, picture.Width);
            byte least = 255, most = 0;
            foreach (var shade in line)
            {
                least = Math.Min(least, shade);
                most = Math.Max(most, shade);
            }
            var found = most - least < 48 ? 0 : Corners(line, (byte)((most + least) / 2), here);
            for (var i = 0; i < found; i++)
            {
                for (var j = 0; j < known; j++)
                {
                    if (here[i].IsBelow(above[j])) return true;
                }
            }
            here[..found].CopyTo(above);
            known = found;
        }
        return false;
    }

    // Where in a row the pattern is centred, and how wide one module is.
    private readonly record struct Corner(float Centre, float Module)
    {
        internal bool IsBelow(Corner other) => Math.Abs(Centre - other.Centre) <= Math.Max(Module, other.Module) * 1.5f && Math.Abs(Module - other.Module) <= Math.Max(Module, other.Module) * 0.5f;
    }

    private static int Corners(ReadOnlySpan<byte> line, byte border, Span<Corner> found)
    {
        Span<int> runs = stackalloc int[5];
        runs.Clear();
        var (count, length, dark) = (0, 0, line[0] <= border);
        for (var x = 0; x <= line.Length; x++)
        {
            if (x < line.Length && (line[x] <= border) == dark)
            {
                length++;
                continue;
            }
            runs[1..].CopyTo(runs);
            runs[4] = length;
            if (IsPattern(runs))
            {
                var total = runs[0] + runs[1] + runs[2] + runs[3] + runs[4];
                found[count++] = new Corner(x - (total / 2f), total / 7f);
                if (count == found.Length) break;
            }
            dark = !dark;
            length = 1;
        }
        return count;
    }

    private static bool IsPattern(ReadOnlySpan<int> runs)
    {
        var total = runs[0] + runs[1] + runs[2] + runs[3] + runs[4];
        if (runs[0] == 0 || total < 7) return false;
        var module = total / 7f;
        var most = module * 0.75f;
        return Math.Abs(runs[0] - module) < most && Math.Abs(runs[1] - module) < most && Math.Abs(runs[2] - (3 * module)) < 3 * most && Math.Abs(runs[3] - module) < most && Math.Abs(runs[4] - module) < most;
    }
}
