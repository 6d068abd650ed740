using System.Text.Json;
using Sternpost.Webmail.Browser;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Mail;

namespace Sternpost.Webmail.Compose;

/// <summary>What a reply or a forward shows of the message before: its cleaned body, as far as the editor can hold its form, with the message's own pictures.</summary>
/// <param name="Html">What the editor shows; pictures are named by content ids.</param>
/// <param name="Pictures">Those pictures, which are parts of the message before.</param>
public sealed record Quotation(string Html, IReadOnlyList<AttachedFile> Pictures)
{
    /// <summary>Of a message; null where the server could not show it.</summary>
    public static async Task<Quotation?> OfAsync(Message message, JmapConnection connection)
    {
        // The same page that is read: cleaned by the server, without a remote address.
        var (status, page) = await JmapConnection.SendAsync("GET", connection.ViewUrl(message.BlobId, isDark: false, withPictures: false), null);
        if (status != 200) return null;
        using var json = JsonDocument.Parse(Bridge.QuoteOf(page));
        var pictures = json.RootElement.Items("pictures").Select(item =>
        {
            var blobId = item.Text("blobId") ?? "";
            var part = message.Attachments.FirstOrDefault(file => file.BlobId == blobId);
            return new AttachedFile("q" + blobId, part?.Name is { Length: > 0 } name ? name : item.Text("name") ?? "picture", part?.Type ?? item.Text("type") ?? "image/png", part?.Size ?? 0) { BlobId = blobId, Percent = 100, ContentId = item.Text("cid") };
        });
        return new Quotation(json.RootElement.Text("html") ?? "", [.. pictures]);
    }
}
