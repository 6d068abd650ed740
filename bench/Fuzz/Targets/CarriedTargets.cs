using System.Net;
using System.Text;
using Sternpost.Filter;
using Sternpost.Filter.Carried;
using Sternpost.Filter.Views;
using Sternpost.Fuzz.Engine;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Fuzz.Targets;

/// <summary>What a message carries beside its text: pictures with codes, invitations. The decoders of pictures are another maker's.</summary>
internal static class CarriedTargets
{
    // One white element and a palette of two: enough for every decoder to begin.
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQAAAABbAUdZAAAAEElEQVQ4y2NgGAWjYBTQFgAEAAABTqH1mAAAAABJRU5ErkJggg==";
    private const string Gif = "R0lGODlhQABAAIAAAP///wAAACwAAAAAQABAAAACRYSPqcvtD6OctNqLs968+w+G4kiW5omm6sq27gvH8kzX9o3n+s73/g8MCofEovGITCqXzKbzCY1Kp9Sq9YrNarfcrvcLJgAAOw==";

    internal static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new("pictures", "PNG, JPEG, GIF and WebP, and the codes in them", Look)
        {
            MoreSeeds = () => [Convert.FromBase64String(Png), Convert.FromBase64String(Gif), [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xC0, 0, 11, 8, 0, 64, 0, 64, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]],
            Words = ["IHDR", "IDAT", "PLTE", "tRNS", "IEND", "\u00FF\u00D8", "\u00FF\u00C2", "\u00FF\u00C4", "\u00FF\u00DB", "RIFF", "WEBPVP8 ", "WEBPVP8L", "WEBPVP8X", "GIF89a"],
            Time = TimeSpan.FromMilliseconds(1000),
            Allocation = 96L << 20,
        },
        new("calendar", "invitations", input => CalendarText.Read(Encoding.UTF8.GetString(input), new StringBuilder(), new List<Link>()))
        {
            Seeds = ["BEGIN:VEVENT\r\nSUMMARY;LANGUAGE=en:Pay\\, now\r\nDESCRIPTION:a\\nb\r\n c http://x.example/\r\nORGANIZER;CN=\"A:B\":mailto:a@b.example\r\nEND:VEVENT\r\n"],
            Words = ["\r\n ", "SUMMARY:", "DESCRIPTION;", "ORGANIZER;CN=\"", "URL:http://", "LOCATION:", "\\n"],
            Time = TimeSpan.FromMilliseconds(200),
        },
    ];

    private static void Look(byte[] input)
    {
        var message = new MessageUnderJudgement(
            new SessionFacts(IPAddress.Loopback, "x.example", "ESMTP", null, null, null, DateTimeOffset.UnixEpoch, "fuzz"),
            new Envelope(null, [new EnvelopeRecipient(EmailAddress.Parse("a@b.example"))]),
            Encoding.ASCII.GetBytes($"From: a@b.example\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(input)}\r\n"));
        foreach (var link in message.Carried(new FilterOptions().Attachments).Codes)
        {
            if (link.Target.Any(char.IsControl)) throw new LawBroken("a link with control characters");
        }
    }
}
