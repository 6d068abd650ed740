using System.Globalization;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Content;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes.Objects;

namespace Sternpost.Jmap.Mail;

/// <summary>What of an email is wanted (RFC 8621 §4.2), and the making of it.</summary>
internal sealed class EmailProperties
{
    private const int MostHeaderProperties = 200;

    private static readonly HashSet<string> Metadata = new(StringComparer.Ordinal) { "id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt" };
    private static readonly HashSet<string> Body = new(StringComparer.Ordinal) { "bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments", "hasAttachment", "preview", "headers" };

    private static readonly string[] DefaultGet =
    [
        "id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt", "messageId", "inReplyTo", "references", "sender", "from", "to", "cc", "bcc", "replyTo",
        "subject", "sentAt", "hasAttachment", "preview", "bodyValues", "textBody", "htmlBody", "attachments",
    ];

    private static readonly string[] DefaultBody = ["partId", "blobId", "size", "name", "type", "charset", "disposition", "cid", "language", "location"];
    private static readonly HashSet<string> KnownBody = new(StringComparer.Ordinal) { "partId", "blobId", "size", "headers", "name", "type", "charset", "disposition", "cid", "language", "location", "subParts" };

    private readonly HashSet<string> names;
    private readonly List<HeaderProperty> headers = [];
    private readonly HashSet<string> bodyNames;
    private readonly List<HeaderProperty> bodyHeaders = [];
    private readonly bool textValues;
    private readonly bool htmlValues;
    private readonly bool allValues;
    private readonly long mostBytes;

    private EmailProperties(MethodCall call, IReadOnlyList<string> defaults, bool withId)
    {
        var asked = call.Arguments.Texts("properties") ?? defaults;
        names = [.. asked];
        if (withId) names.Add("id");
        foreach (var name in names)
        {
            if (Metadata.Contains(name) || Body.Contains(name)) continue;
            headers.Add(HeaderProperty.Parse(name) ?? throw MethodError.InvalidArguments($"There is no property {name}"));
        }
        bodyNames = [.. call.Arguments.Texts("bodyProperties") ?? DefaultBody];
        foreach (var name in bodyNames)
        {
            if (KnownBody.Contains(name)) continue;
            var header = name.StartsWith("header:", StringComparison.Ordinal) ? HeaderProperty.Parse(name) : null;
            bodyHeaders.Add(header ?? throw MethodError.InvalidArguments($"There is no body property {name}"));
        }
        if (headers.Count + bodyHeaders.Count > MostHeaderProperties) throw MethodError.InvalidArguments("So many header fields are not given at once");
        textValues = call.Arguments.Flag("fetchTextBodyValues");
        htmlValues = call.Arguments.Flag("fetchHTMLBodyValues");
        allValues = call.Arguments.Flag("fetchAllBodyValues");
        mostBytes = call.Arguments.Count("maxBodyValueBytes") ?? 0;
    }

    internal static EmailProperties ForGet(MethodCall call) => new(call, DefaultGet, withId: true);

    internal static EmailProperties ForParse(MethodCall call) => new(call, DefaultGet.Except(Metadata).ToList(), withId: false);

    /// <summary>True where the message itself must be read.</summary>
    internal bool NeedContent => headers.Count > 0 || names.Contains("preview") || names.Contains("headers") || NeedBody;

    /// <summary>True where more of it than the header and the first text is wanted.</summary>
    internal bool NeedBody => names.Contains("bodyStructure") || names.Contains("bodyValues") || names.Contains("textBody") || names.Contains("htmlBody") || names.Contains("attachments");

    internal bool NeedStructure => NeedContent || names.Contains("hasAttachment");

    /// <summary>The object. The facts are null of a message that is not stored, the document where nothing of it is needed.</summary>
    internal JsonObject Render(EmailFacts? facts, EmailDocument? document, string blobId)
    {
        var email = new JsonObject();
        foreach (var name in names)
        {
            if (Metadata.Contains(name)) email[name] = MetadataOf(name, facts, document, blobId);
        }
        if (document is null) return email;
        foreach (var header in headers) email[header.Property] = header.Render(document.Headers);
        if (names.Contains("headers")) email["headers"] = All(document.Headers);
        if (names.Contains("hasAttachment")) email["hasAttachment"] = document.Lists.HasAttachment;
        if (names.Contains("preview")) email["preview"] = BodyText.Preview(document);
        if (names.Contains("bodyStructure")) email["bodyStructure"] = Part(document, document.Root, blobId, withSubParts: true);
        if (names.Contains("textBody")) email["textBody"] = Parts(document, document.Lists.Text, blobId);
        if (names.Contains("htmlBody")) email["htmlBody"] = Parts(document, document.Lists.Html, blobId);
        if (names.Contains("attachments")) email["attachments"] = Parts(document, document.Lists.Attachments, blobId);
        if (names.Contains("bodyValues")) email["bodyValues"] = Values(document);
        return email;
    }

    private static JsonNode? MetadataOf(string name, EmailFacts? facts, EmailDocument? document, string blobId) => name switch
    {
        "blobId" => blobId,
        "size" => facts?.Size ?? document?.Content.Length,
        _ when facts is null => null,
        "id" => ObjectId.Of(ObjectId.Email, facts.Id),
        "threadId" => ObjectId.Of(ObjectId.Thread, facts.ThreadId),
        "mailboxIds" => MailboxIds(facts),
        "keywords" => Keywords.ToJson(facts.Flags, facts.Keywords),
        _ => Utc(DateTimeOffset.FromUnixTimeMilliseconds(facts.Received)),
    };

    /// <summary>A UTCDate (RFC 8620 §1.4).</summary>
    internal static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    internal static JsonObject MailboxIds(EmailFacts facts)
    {
        var ids = new JsonObject();
        foreach (var place in facts.Places) ids[ObjectId.Of(ObjectId.Mailbox, place.MailboxId)] = true;
        return ids;
    }

    private static JsonArray All(IReadOnlyList<HeaderLine> lines) => new([.. lines.Select(line => (JsonNode)new JsonObject { ["name"] = line.Name, ["value"] = line.Raw })]);

    private JsonArray Parts(EmailDocument document, IReadOnlyList<BodyPart> parts, string blobId) => new([.. parts.Select(part => (JsonNode)Part(document, part, blobId, withSubParts: false))]);

    private JsonObject Part(EmailDocument document, BodyPart part, string blobId, bool withSubParts)
    {
        var json = new JsonObject();
        foreach (var name in bodyNames)
        {
            switch (name)
            {
                case "partId": json[name] = part.PartId; break;
                case "blobId": json[name] = part.PartId is null ? null : Blobs.BlobId.OfPart(blobId, part.PartId); break;
                case "size": json[name] = part.IsMultipart ? 0 : document.SizeOf(part); break;
                case "headers": json[name] = All(document.HeadersOf(part)); break;
                case "name": json[name] = part.Name; break;
                case "type": json[name] = part.MediaType; break;
                case "charset": json[name] = part.Charset; break;
                case "disposition": json[name] = part.Structure.Disposition; break;
                case "cid": json[name] = part.ContentId; break;
                case "language": json[name] = part.Structure.Languages.Count == 0 ? null : Methods.ChangesMethod.Texts(part.Structure.Languages); break;
                case "location": json[name] = part.Structure.Location; break;
            }
        }
        if (bodyHeaders.Count > 0)
        {
            var lines = document.HeadersOf(part);
            foreach (var header in bodyHeaders) json[header.Property] = header.Render(lines);
        }
        // RFC 8621 §4.2: always there in bodyStructure, so that the tree is whole.
        if (withSubParts && part.IsMultipart) json["subParts"] = new JsonArray([.. part.SubParts.Select(child => (JsonNode)Part(document, child, blobId, true))]);
        else if (bodyNames.Contains("subParts")) json["subParts"] = null;
        return json;
    }

    private JsonObject Values(EmailDocument document)
    {
        var values = new JsonObject();
        var wanted = new List<BodyPart>();
        if (allValues) wanted.AddRange(document.Root.All());
        if (textValues) wanted.AddRange(document.Lists.Text);
        if (htmlValues) wanted.AddRange(document.Lists.Html);
        foreach (var part in wanted)
        {
            if (part.Structure.Type == "text" && part.PartId is { } id && !values.ContainsKey(id)) values[id] = BodyText.Value(document, part, mostBytes);
        }
        return values;
    }
}
