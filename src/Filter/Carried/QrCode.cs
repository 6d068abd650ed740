using ZXing;
using ZXing.Common;
using ZXing.QrCode;

namespace Sternpost.Filter.Carried;

/// <summary>Finds and reads one QR code in a picture (ISO/IEC 18004).</summary>
internal static class QrCode
{
    // Every third row, not every fifth: a code may be a small corner of a page.
    private static readonly Dictionary<DecodeHintType, object> Hints = new() { [DecodeHintType.TRY_HARDER] = true };

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

    // A code shows dark and light in the lengths 1:1:3:1:1 at three corners (§6.3.3). Most pictures show that nowhere, and looking along every
    // third row costs a tenth of what searching does.
    private static bool MayHold(PictureLuminance picture)
    {
        Span<int> runs = stackalloc int[5];
        var rows = 0;
        for (var y = 1; y < picture.Height; y += 3)
        {
            var line = picture.Shades.AsSpan(y * picture.Width, picture.Width);
            byte least = 255, most = 0;
            foreach (var shade in line)
            {
                least = Math.Min(least, shade);
                most = Math.Max(most, shade);
            }
            if (most - least < 48) continue;
            var border = (byte)((most + least) / 2);
            if (HasPattern(line, border, runs) && ++rows >= 2) return true;
        }
        return false;
    }

    private static bool HasPattern(ReadOnlySpan<byte> line, byte border, Span<int> runs)
    {
        runs.Clear();
        var dark = line[0] <= border;
        var length = 0;
        foreach (var shade in line)
        {
            if ((shade <= border) == dark)
            {
                length++;
                continue;
            }
            runs[1..].CopyTo(runs);
            runs[4] = length;
            if (IsPattern(runs)) return true;
            dark = !dark;
            length = 1;
        }
        runs[1..].CopyTo(runs);
        runs[4] = length;
        return IsPattern(runs);
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
