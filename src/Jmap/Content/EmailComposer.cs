using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MimeKit;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Content;

/// <summary>Makes a message out of the properties of an email (RFC 8621 §4.6).</summary>
internal sealed class EmailComposer(string hostName, TimeProvider time, Func<string, ValueTask<ReadOnlyMemory<byte>?>> blob)
{
    private const int MaxDepth = 30;
    private const int MostParts = 1000;

    private static readonly FormatOptions Format = new() { NewLineFormat = NewLineFormat.Dos, EnsureNewLine = true };

    private readonly List<string> missingBlobs = [];
    private JsonObject values = [];
    private int parts;

    /// <summary>The message's octets.</summary>
    /// <exception cref="SetError">A property cannot be used; or blobs are missing.</exception>
    internal async ValueTask<byte[]> ComposeAsync(JsonObject email)
    {
        if (email.ContainsKey("headers")) throw Bad("headers", "Fields are given by header properties");
        var fields = NewEmailReader.Fields(email, isPart: false);
        values = email["bodyValues"] switch { null => [], JsonObject map => map, _ => throw Bad("bodyValues", "bodyValues maps part ids to values") };
        var root = await BodyAsync(email).ConfigureAwait(false);
        if (missingBlobs.Count > 0) throw new SetError("blobNotFound", "Some blobs are not there") { Details = new JsonObject { ["notFound"] = new JsonArray([.. missingBlobs.Select(id => (JsonNode)id)]) } };
        foreach (var field in fields)
        {
            if (root.Headers.Contains(field.Name)) throw Bad("bodyStructure", $"The field {field.Name} is given on the email and on its body");
        }

        using var message = new MemoryStream();
        foreach (var field in fields)
        {
            message.Write(Encoding.ASCII.GetBytes(field.Name + ":"));
            message.Write(field.RawValue);
        }
        // RFC 5322 §3.6: every message has a date, and should have an id.
        if (!Has("Date")) Line("Date", MimeKit.Utils.DateUtils.FormatDate(time.GetUtcNow()));
        if (!Has("Message-ID")) Line("Message-ID", "<" + Guid.CreateVersion7(time.GetUtcNow()).ToString("N") + "@" + hostName + ">");
        if (!Has("MIME-Version")) Line("MIME-Version", "1.0");
        await root.WriteToAsync(Format, message).ConfigureAwait(false);
        return message.ToArray();

        bool Has(string name) => fields.Exists(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

        void Line(string name, string value) => message.Write(Encoding.ASCII.GetBytes($"{name}: {value}\r\n"));
    }

    private async ValueTask<MimeEntity> BodyAsync(JsonObject email)
    {
        if (email["bodyStructure"] is { } structure)
        {
            foreach (var other in (string[])["textBody", "htmlBody", "attachments"])
            {
                if (email.ContainsKey(other)) throw Bad(other, $"With bodyStructure there is no {other}");
            }
            return await PartAsync(structure, "bodyStructure", 0).ConfigureAwait(false);
        }
        var text = await OneAsync(email, "textBody", "text/plain").ConfigureAwait(false);
        var html = await OneAsync(email, "htmlBody", "text/html").ConfigureAwait(false);
        var (inline, attached) = (new List<MimeEntity>(), new List<MimeEntity>());
        foreach (var item in List(email, "attachments"))
        {
            var part = await PartAsync(item, "attachments", 1).ConfigureAwait(false);
            // What the HTML shows by its content id belongs to it.
            (html is not null && part.ContentId is not null && part.ContentDisposition?.Disposition == ContentDisposition.Inline ? inline : attached).Add(part);
        }
        var shown = html is not null && inline.Count > 0 ? Join("related", [html, .. inline]) : html;
        var body = text is not null && shown is not null ? Join("alternative", [text, shown]) : text ?? shown ?? (attached.Count == 1 ? null : Plain(""));
        if (attached.Count == 0) return body!;
        if (body is null) return attached[0];
        return Join("mixed", [body, .. attached]);
    }

    private async ValueTask<MimeEntity?> OneAsync(JsonObject email, string property, string type)
    {
        var items = List(email, property);
        if (items.Count == 0) return null;
        // RFC 8621 §4.6: exactly one part, and of that type.
        if (items.Count > 1) throw Bad(property, $"{property} has one part");
        var part = await PartAsync(items[0], property, 1, type).ConfigureAwait(false);
        return part.ContentType.MimeType.Equals(type, StringComparison.OrdinalIgnoreCase) ? part : throw Bad(property, $"The part of {property} is {type}");
    }

    private static List<JsonNode?> List(JsonObject email, string property) => email[property] switch
    {
        null => [],
        JsonArray items => [.. items],
        _ => throw Bad(property, $"{property} is an array of parts"),
    };

    private async ValueTask<MimeEntity> PartAsync(JsonNode? node, string property, int depth, string? defaultType = null)
    {
        if (node is not JsonObject json) throw Bad(property, "A part is an object");
        if (depth > MaxDepth || ++parts > MostParts) throw Bad(property, "The body has too many parts, or parts too deep in one another");
        if (json.ContainsKey("headers")) throw Bad(property + "/headers", "Fields are given by header properties");
        foreach (var (name, _) in json)
        {
            if (name is not ("partId" or "blobId" or "size" or "name" or "type" or "charset" or "disposition" or "cid" or "language" or "location" or "subParts") && !name.StartsWith("header:", StringComparison.Ordinal))
                throw Bad(property + "/" + name, $"A part has no property {name}");
        }
        var subParts = json["subParts"] as JsonArray;
        var typeText = Text(json, property, "type") ?? (subParts is not null ? "multipart/mixed" : defaultType ?? (json.ContainsKey("partId") ? "text/plain" : "application/octet-stream"));
        if (!ContentType.TryParse(typeText, out var type)) throw Bad(property + "/type", "A media type is wanted");
        var isMultipart = type.MediaType.Equals("multipart", StringComparison.OrdinalIgnoreCase);
        if (isMultipart != (subParts is not null)) throw Bad(property + "/subParts", "A multipart has subParts, and nothing else has");
        MimeEntity part = isMultipart ? await MultipartAsync(json, type, subParts!, property, depth).ConfigureAwait(false) : await LeafAsync(json, type, property).ConfigureAwait(false);
        Describe(json, part, property);
        return part;
    }

    private async ValueTask<MimeEntity> MultipartAsync(JsonObject json, ContentType type, JsonArray subParts, string property, int depth)
    {
        if (json.ContainsKey("partId") || json.ContainsKey("blobId")) throw Bad(property, "A multipart has neither partId nor blobId");
        var multipart = new Multipart(type.MediaSubtype);
        foreach (var child in subParts) multipart.Add(await PartAsync(child, property + "/subParts", depth + 1).ConfigureAwait(false));
        return multipart;
    }

    private async ValueTask<MimeEntity> LeafAsync(JsonObject json, ContentType type, string property)
    {
        var (partId, blobId) = (Text(json, property, "partId"), Text(json, property, "blobId"));
        // RFC 8621 §4.6: one of both, and a value for every part id.
        if ((partId is null) == (blobId is null)) throw Bad(property, "A part has either a partId or a blobId");
        if (partId is not null)
        {
            if (json["charset"] is not null) throw Bad(property + "/charset", "With a partId the server chooses the charset");
            if (!type.MediaType.Equals("text", StringComparison.OrdinalIgnoreCase)) throw Bad(property + "/type", "A part with a partId is text");
            return Value(partId, type.MediaSubtype);
        }
        if (await blob(blobId!).ConfigureAwait(false) is not { } content)
        {
            missingBlobs.Add(blobId!);
            content = default;
        }
        var part = new MimePart(type) { Content = new MimeContent(new MemoryStream(content.ToArray())) };
        if (Text(json, property, "charset") is { } charset) part.ContentType.Charset = charset;
        // RFC 2046 §5.2.1: a message within a message is not encoded.
        part.ContentTransferEncoding = type.MimeType.Equals("message/rfc822", StringComparison.OrdinalIgnoreCase)
            ? Ascii.IsValid(content.Span) ? ContentEncoding.SevenBit : ContentEncoding.EightBit
            : ContentEncoding.Base64;
        return part;
    }

    private TextPart Value(string partId, string subtype)
    {
        if (values[partId] is not JsonObject value || value["value"] is not JsonValue text || text.GetValueKind() != JsonValueKind.String) throw Bad("bodyValues/" + partId, $"There is no value for the part {partId}");
        foreach (var flag in (string[])["isEncodingProblem", "isTruncated"])
        {
            if (value[flag] is { } set && set.GetValueKind() != JsonValueKind.False) throw Bad($"bodyValues/{partId}/{flag}", $"{flag} is false in what is to be made");
        }
        return Plain(text.GetValue<string>(), subtype);
    }

    private static TextPart Plain(string text, string subtype = "plain")
    {
        var part = new TextPart(subtype);
        part.SetText(Encoding.UTF8, text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal));
        part.ContentTransferEncoding = part.GetBestEncoding(EncodingConstraint.SevenBit);
        return part;
    }

    private static void Describe(JsonObject json, MimeEntity part, string property)
    {
        if (Text(json, property, "disposition") is { } disposition) part.ContentDisposition = new ContentDisposition(Token(disposition, property + "/disposition"));
        if (Text(json, property, "name") is { } name)
        {
            part.ContentType.Name = OneLine(name, property + "/name");
            (part.ContentDisposition ??= new ContentDisposition(ContentDisposition.Attachment)).FileName = name;
        }
        if (Text(json, property, "cid") is { } cid) part.ContentId = cid.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && cid.Length is > 0 and < 900 ? cid : throw Bad(property + "/cid", "A content id holds no space");
        if (Text(json, property, "location") is { } location) part.Headers.Add(HeaderId.ContentLocation, OneLine(location, property + "/location"));
        if (json["language"] is JsonArray languages) part.Headers.Add(HeaderId.ContentLanguage, string.Join(", ", languages.Select(language => Token(language is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "", property + "/language"))));
        foreach (var field in NewEmailReader.Fields(json, isPart: true))
        {
            if (part.Headers.Contains(field.Name)) throw Bad(property, $"The field {field.Name} is given twice");
            part.Headers.Add(field.Name, Encoding.UTF8, Encoding.UTF8.GetString(field.RawValue).Trim());
        }
    }

    private static Multipart Join(string subtype, List<MimeEntity> items)
    {
        var multipart = new Multipart(subtype);
        foreach (var item in items) multipart.Add(item);
        return multipart;
    }

    private static string? Text(JsonObject json, string property, string name) => json[name] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => throw Bad(property + "/" + name, $"{name} is a string"),
    };

    private static string OneLine(string text, string property) => text.AsSpan().IndexOfAny("\r\n\0") < 0 ? text : throw Bad(property, "The value has no line ends");

    private static string Token(string text, string property) =>
        text.Length is > 0 and <= 100 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? text.ToLower(CultureInfo.InvariantCulture) : throw Bad(property, "A token is wanted");

    private static SetError Bad(string property, string why) => SetError.InvalidProperties(why, property);
}
