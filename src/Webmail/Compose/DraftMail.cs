using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sternpost.Webmail.Mail;

namespace Sternpost.Webmail.Compose;

/// <summary>A written message as an email to be made (RFC 8621 §4.6).</summary>
public static partial class DraftMail
{
    /// <param name="composition">What was written.</param>
    /// <param name="from">The identity's address.</param>
    /// <param name="html">The editor's content.</param>
    /// <param name="text">The same in plain text.</param>
    /// <param name="draftsId">The folder for drafts.</param>
    public static JsonObject ToJson(Composition composition, Address from, string html, string text, string draftsId)
    {
        var email = new JsonObject
        {
            ["mailboxIds"] = new JsonObject { [draftsId] = true },
            ["keywords"] = new JsonObject { ["$draft"] = true, ["$seen"] = true },
            ["from"] = new JsonArray(ToJson(from)),
            ["subject"] = composition.Subject,
            ["bodyValues"] = new JsonObject { ["text"] = new JsonObject { ["value"] = text } },
            ["textBody"] = new JsonArray(new JsonObject { ["partId"] = "text", ["type"] = "text/plain" }),
        };
        Add(email, "to", composition.To);
        Add(email, "cc", composition.Cc);
        Add(email, "bcc", composition.Bcc);
        if (composition.InReplyTo.Count > 0) email["inReplyTo"] = ConversationList.Texts(composition.InReplyTo);
        if (composition.References.Count > 0) email["references"] = ConversationList.Texts(composition.References);
        // What has no form needs no HTML: plain text is read everywhere, and by the ear too.
        if (HasForm(html))
        {
            email["bodyValues"]!["html"] = new JsonObject { ["value"] = "<!doctype html><html><head><meta charset=\"utf-8\"></head><body>" + html.Replace(PlainQuote, MarkedQuote, StringComparison.Ordinal) + "</body></html>" };
            email["htmlBody"] = new JsonArray(new JsonObject { ["partId"] = "html", ["type"] = "text/html" });
        }
        // A picture that was taken out of the text stays with the draft, for it may be put back; it is not sent.
        var files = composition.Files.Where(file => file.BlobId is not null && (file.ContentId is null || !composition.IsSending || Shows(html, file.ContentId))).ToList();
        if (files.Count > 0) email["attachments"] = new JsonArray([.. files.Select(file => (JsonNode)ToJson(file))]);
        return email;
    }

    /// <summary>Whether the text shows a picture.</summary>
    public static bool Shows(string html, string contentId) => html.Contains("\"cid:" + contentId + "\"", StringComparison.Ordinal);

    // Other programs know a quotation by its type, and readers by its line; the editor's own classes mean nothing to them.
    private const string PlainQuote = "<blockquote class=\"sternpost-quote\">";
    private const string MarkedQuote = "<blockquote type=\"cite\" class=\"sternpost-quote\" style=\"margin:0 0 0 8px;padding-left:12px;border-left:3px solid #c4d0d8\">";

    public static bool HasForm(string html) => Form().IsMatch(html);

    private static void Add(JsonObject email, string name, string text)
    {
        // A half-typed address is kept out of the draft's header, not out of the window.
        if (AddressList.Read(text).Addresses is { Count: > 0 } addresses) email[name] = new JsonArray([.. addresses.Select(address => (JsonNode)ToJson(address))]);
    }

    private static JsonObject ToJson(AttachedFile file)
    {
        var part = new JsonObject { ["blobId"] = file.BlobId, ["type"] = file.Type, ["name"] = file.Name, ["disposition"] = file.ContentId is null ? "attachment" : "inline" };
        // With a content id and inline the server puts it beside the HTML (multipart/related, RFC 2387).
        if (file.ContentId is not null) part["cid"] = file.ContentId;
        return part;
    }

    private static JsonObject ToJson(Address address) => new() { ["name"] = address.Name, ["email"] = address.Email };

    [GeneratedRegex(@"<(?:img|table|h[4-6]|hr|sub|sup|small|dl|b|strong|i|em|u|s|strike|a|ul|ol|li|blockquote|pre|code|h[1-3])\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
