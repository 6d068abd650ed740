using Sternpost.Filter.Views;
using Sternpost.Malware;

namespace Sternpost.Filter.Carried;

/// <summary>
/// Web addresses in QR codes, in the pictures a message carries and in those of its documents. Whoever hides a link from filters there
/// has it opened with a telephone, behind every protection of the office.
/// </summary>
internal static class PictureCodes
{
    private const int MaxPictures = 5;
    private const int MinOctets = 100;
    private const int MaxOctets = 2 << 20;
    private const int MaxAddress = 2000;

    internal static IReadOnlyList<Link> Of(IReadOnlyList<MimePart> parts, IReadOnlyList<DocumentPicture> documents)
    {
        List<Link>? found = null;
        var budget = new PixelBudget();
        var taken = 0;
        foreach (var part in parts)
        {
            if (part.IsEmbedded || part.Body.Length is < MinOctets or > MaxOctets * 3 / 2 || !IsPicture(part) || ++taken > MaxPictures) continue;
            Add(PictureLuminance.OfFile(part.Decode(MaxOctets), budget));
        }
        foreach (var picture in documents.Take(MaxPictures))
        {
            Add(picture.Channels == 0 ? PictureLuminance.OfFile(picture.Content, budget) : PictureLuminance.OfSamples(picture, budget));
        }
        return found ?? (IReadOnlyList<Link>)[];

        void Add(PictureLuminance? picture)
        {
            if (picture is null || QrCode.Read(picture) is not { } text || AddressIn(text) is not { } address) return;
            found ??= [];
            if (!found.Exists(known => known.Target == address)) found.Add(new Link(address, address));
        }
    }

    // Some write application/octet-stream and leave it to the name.
    private static bool IsPicture(MimePart part)
    {
        if (part.ContentType.StartsWith("image/", StringComparison.Ordinal)) return part.ContentType is not ("image/svg+xml" or "image/tiff" or "image/vnd.adobe.photoshop");
        var name = part.FileName ?? "";
        return part.ContentType == "application/octet-stream"
            && (name.EndsWith(".png", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".jpg", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".jpeg", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".gif", StringComparison.OrdinalIgnoreCase));
    }

    // Telephones open what looks like an address, with its scheme or without. Tickets, payment slips and one-time passwords are no addresses.
    private static string? AddressIn(string text)
    {
        var address = text.Trim();
        if (address.Length is < 4 or > MaxAddress || address.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))) return null;
        // ZXing's convention for a bookmark.
        if (address.StartsWith("MEBKM:", StringComparison.OrdinalIgnoreCase) && address.IndexOf("URL:", StringComparison.OrdinalIgnoreCase) is > 0 and var at) address = address[(at + 4)..].TrimEnd(';').Replace("\\:", ":", StringComparison.Ordinal);
        if (address.StartsWith("URL:", StringComparison.OrdinalIgnoreCase)) address = address[4..];
        if (address.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || address.StartsWith("https://", StringComparison.OrdinalIgnoreCase)) return address;
        return address.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? "http://" + address : null;
    }
}
