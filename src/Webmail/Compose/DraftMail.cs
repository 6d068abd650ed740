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
            email["bodyValues"]!["html"] = new JsonObject { ["value"] = "<!doctype html><html><head><meta charset=\"utf-8\"></head><body>" + html + "</body></html>" };
            email["htmlBody"] = new JsonArray(new JsonObject { ["partId"] = "html", ["type"] = "text/html" });
        }
        if (composition.Files.Any(file => file.BlobId is not null))
        {
            email["attachments"] = new JsonArray([.. composition.Files.Where(file => file.BlobId is not null).Select(file => (JsonNode)new JsonObject { ["blobId"] = file.BlobId, ["type"] = file.Type, ["name"] = file.Name, ["disposition"] = "attachment" })]);
        }
        return email;
    }

    public static bool HasForm(string html) => Form().IsMatch(html);

    private static void Add(JsonObject email, string name, string text)
    {
        // A half-typed address is kept out of the draft's header, not out of the window.
        if (AddressList.Read(text).Addresses is { Count: > 0 } addresses) email[name] = new JsonArray([.. addresses.Select(address => (JsonNode)ToJson(address))]);
    }

    private static JsonObject ToJson(Address address) => new() { ["name"] = address.Name, ["email"] = address.Email };

    [GeneratedRegex(@"<(?:b|strong|i|em|u|s|strike|a|ul|ol|li|blockquote|pre|code|h[1-3])\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
