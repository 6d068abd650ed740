using System.Buffers.Binary;
using Sternpost.Filter.SpamAssassin.Patterns;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Evals;

/// <summary>Functions on attached images: how many, how large. Only headers of the files are read.</summary>
internal static class ImageFunctions
{
    private const int MostImages = 200;

    internal static readonly (string Name, EvalFunction Function)[] All =
    [
        ("image_count", (scan, arguments) => Within(Images(scan).Count(image => IsOf(image, arguments)), arguments, 1)),
        ("pixel_coverage", (scan, arguments) => Within(Area(scan, arguments), arguments, 1)),
        ("image_to_text_ratio", (scan, arguments) => TextRatio(scan, scan.Body, arguments)),
        ("image_to_text_ratio:markup", (scan, arguments) => TextRatio(scan, scan.Markup, arguments)),
        ("image_size_exact", (scan, arguments) => Images(scan).Exists(image => IsOf(image, arguments) && image.Height > 0 && image.Height == arguments.NumberAt(1) && image.Width == arguments.NumberAt(2))),
        ("image_size_range", (scan, arguments) => Images(scan).Exists(image => IsOf(image, arguments) && image.Height > 0 && InRange(image, arguments))),
        ("image_named", (scan, arguments) => Images(scan).Exists(image => image.Height > 0 && image.Name == arguments.At(0))),
        ("image_name_regex", (scan, arguments) => PerlPattern.Parse(arguments.At(0).Trim('/')) is { Root: { } root } && new RuleRegex(root) is var regex && Images(scan).Exists(image => image is { Height: > 0, Name: not null } && regex.IsMatch(image.Name, scan.Budget))),
    ];

    private sealed record Image(string Kind, string? Name, long Width, long Height);

    private static bool IsOf(Image image, string[] arguments) => arguments.At(0) == "all" || arguments.At(0) == image.Kind;

    private static bool Within(double value, string[] arguments, int first) => value >= (arguments.NumberAt(first) ?? 0) && value <= (arguments.NumberAt(first + 1) ?? double.MaxValue);

    private static bool InRange(Image image, string[] arguments) =>
        image.Height >= (arguments.NumberAt(1) ?? 0) && image.Width >= (arguments.NumberAt(2) ?? 0) && image.Height <= (arguments.NumberAt(3) ?? double.MaxValue) && image.Width <= (arguments.NumberAt(4) ?? double.MaxValue);

    private static double Area(MessageScan scan, string[] arguments) => Images(scan).Where(image => IsOf(image, arguments)).Sum(image => (double)image.Width * image.Height);

    private static bool TextRatio(MessageScan scan, List<string> lines, string[] arguments)
    {
        var (text, area) = (lines.Sum(line => line.Length), Area(scan, arguments));
        if (text == 0 || area == 0) return false;
        var ratio = text / area;
        return ratio >= (arguments.NumberAt(1) ?? 0) && ratio < (arguments.NumberAt(2) ?? double.MaxValue);
    }

    private static List<Image> Images(MessageScan scan) => scan.Note("images", () => scan.Message.Root.Leaves()
        .Where(part => part.Type is "image/gif" or "image/png" or "image/jpg" or "image/jpeg" && "base64".Equals(part.Field("content-transfer-encoding"), StringComparison.OrdinalIgnoreCase))
        .Take(MostImages).Select(Measure).ToList());

    private static Image Measure(MessagePart part)
    {
        var octets = ByteText.Octets(part.Decoded);
        var kind = part.Type["image/".Length..] is "jpg" ? "jpeg" : part.Type["image/".Length..];
        var (width, height) = kind switch { "gif" => Gif(octets), "png" => Png(octets), _ => Jpeg(octets) };
        return new Image(kind, part.Name, width, height);
    }

    private static (long, long) Gif(ReadOnlySpan<byte> file) =>
        file.Length >= 10 && (file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8)) ? (BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), BinaryPrimitives.ReadUInt16LittleEndian(file[8..])) : (0, 0);

    // The PNG specification has IHDR first.
    private static (long, long) Png(ReadOnlySpan<byte> file)
    {
        if (file.Length < 24 || file[0] != 0x89 || !file[1..8].SequenceEqual("PNG\r\n\x1a\n"u8) || !file[12..16].SequenceEqual("IHDR"u8)) return (0, 0);
        return (BinaryPrimitives.ReadUInt32BigEndian(file[16..]), BinaryPrimitives.ReadUInt32BigEndian(file[20..]));
    }

    private static (long, long) Jpeg(ReadOnlySpan<byte> file)
    {
        if (file.Length < 4 || file[0] != 0xFF || file[1] != 0xD8) return (0, 0);
        for (var at = 2; at + 4 <= file.Length;)
        {
            var (mark, length) = (file[at + 1], BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]));
            if (file[at] != 0xFF || mark is 0xDA or 0xD9 || length < 2) break;
            // Frame headers, all but tables (C4), reserved (C8) and arithmetic conditions (CC).
            if (mark is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC)) return at + 9 <= file.Length ? (BinaryPrimitives.ReadUInt16BigEndian(file[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(file[(at + 5)..])) : (0, 0);
            at += 2 + length;
        }
        return (0, 0);
    }
}
