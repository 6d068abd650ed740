using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;

namespace Sternpost.Jmap.Blobs;

/// <summary>Blob/copy (RFC 8620 §6.3), Blob/upload, /get and /lookup (RFC 9404).</summary>
internal sealed class BlobMethods(MailStore mail, BlobReader blobs, UploadStore uploads, JmapOptions options)
{
    /// <summary>Pieces that one uploaded blob may be put together from.</summary>
    internal const int MostSources = 64;

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "id", "data", "data:asText", "data:asBase64", "size", "digest:sha", "digest:sha-256" };

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Core, "Blob/copy", CopyAsync);
        table.Add(Capability.Blob, "Blob/upload", UploadAsync);
        table.Add(Capability.Blob, "Blob/get", GetAsync);
        table.Add(Capability.Blob, "Blob/lookup", LookupAsync);
    }

    private static ValueTask<JsonObject> CopyAsync(MethodCall call)
    {
        var from = call.Arguments.RequiredText("fromAccountId");
        call.CheckAccount();
        _ = call.Arguments.Texts("blobIds") ?? throw MethodError.InvalidArguments("The argument blobIds is missing");
        call.Arguments.End();
        if (from == call.Scope.AccountId) throw MethodError.InvalidArguments("fromAccountId and accountId must be different accounts");
        throw new MethodError("fromAccountNotFound", "There is no such account, or you may not see it");
    }

    private async ValueTask<JsonObject> UploadAsync(MethodCall call)
    {
        call.CheckAccount();
        var create = call.Arguments.Object("create") ?? throw MethodError.InvalidArguments("The argument create is missing");
        call.Arguments.End();
        if (create.Count > options.MaxObjectsInSet) throw new MethodError("requestTooLarge", $"At most {options.MaxObjectsInSet} blobs are made at once");
        var (created, failed) = (new Dictionary<string, JsonObject>(StringComparer.Ordinal), new Dictionary<string, SetError>(StringComparer.Ordinal));
        foreach (var (creation, node) in create)
        {
            try
            {
                if (node is not JsonObject item || item["data"] is not JsonArray sources) throw SetError.InvalidProperties("data is an array of sources", "data");
                if (sources.Count > MostSources) throw new SetError("tooManySources", $"A blob has at most {MostSources} sources");
                var type = item["type"] switch
                {
                    null => "application/octet-stream",
                    JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
                    _ => throw SetError.InvalidProperties("type is a string", "type"),
                };
                var content = new List<byte>();
                foreach (var source in sources) await AppendAsync(call, source, content).ConfigureAwait(false);
                var id = await uploads.AddAsync(call.AccountId, content.ToArray(), type, Math.Min(options.MaxUploaded, options.MaxSizeUpload), call.Cancellation).ConfigureAwait(false) ?? throw TooLarge();
                created[creation] = new JsonObject { ["id"] = BlobId.OfUpload(id), ["type"] = type, ["size"] = content.Count };
                call.Scope.CreatedIds[creation] = BlobId.OfUpload(id);
            }
            catch (SetError error)
            {
                failed[creation] = error;
            }
        }
        var answer = call.Answer();
        answer["created"] = SetMethod.Map(created, item => item);
        answer["notCreated"] = SetMethod.Map(failed, error => error.ToJson());
        return answer;
    }

    private async ValueTask AppendAsync(MethodCall call, JsonNode? node, List<byte> content)
    {
        // RFC 9404 §4.1: exactly one of three kinds.
        if (node is not JsonObject source || source.Select(item => item.Key).Count(key => key is "data:asText" or "data:asBase64" or "blobId") != 1) throw Bad("A source has data:asText, data:asBase64 or blobId");
        if (Text(source, "data:asText") is { } text) content.AddRange(Encoding.UTF8.GetBytes(text));
        else if (Text(source, "data:asBase64") is { } base64)
        {
            var octets = new byte[base64.Length];
            if (!Convert.TryFromBase64String(base64, octets, out var length)) throw Bad("data:asBase64 is not base64");
            content.AddRange(octets.AsSpan(0, length));
        }
        else
        {
            var blobId = Text(source, "blobId") ?? throw Bad("blobId is a string");
            if (call.Resolve(blobId) is not { } id || await blobs.ReadAsync(call.AccountId, id, call.Cancellation).ConfigureAwait(false) is not { } blob)
                throw new SetError("blobNotFound", "A source's blob is not there") { Details = new JsonObject { ["notFound"] = new JsonArray(blobId) } };
            var (offset, length) = Range(source["offset"], source["length"]) ?? throw Bad("offset and length are numbers");
            if (offset > blob.Content.Length || (length is not null && offset + length > blob.Content.Length)) throw Bad("The range lies beyond the blob's end");
            content.AddRange(blob.Content.Span.Slice((int)offset, (int)(length ?? blob.Content.Length - offset)));
        }
        if (content.Count > options.MaxSizeUpload) throw TooLarge();
    }

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = GetMethod.Ids(call, options) ?? throw MethodError.InvalidArguments("The argument ids is missing");
        var properties = GetMethod.Properties(call, Known) ?? ["id", "data", "size"];
        var (offset, length) = (call.Arguments.Count("offset") ?? 0, call.Arguments.Count("length"));
        call.Arguments.End();
        var (list, notFound) = (new JsonArray(), new JsonArray());
        foreach (var id in ids)
        {
            if (await blobs.ReadAsync(call.AccountId, id, call.Cancellation).ConfigureAwait(false) is { } blob) list.Add(Describe(id, blob.Content, properties, offset, length));
            else notFound.Add(id);
        }
        var answer = call.Answer();
        answer["list"] = list;
        answer["notFound"] = notFound;
        return answer;
    }

    // The weak digest is one of those that RFC 9404 §4.2 registers; nothing is trusted because of it.
    [SuppressMessage("Security", "CA5350", Justification = "SHA-1 is what the client asked for by name.")]
    private static JsonObject Describe(string id, ReadOnlyMemory<byte> content, HashSet<string> properties, long offset, long? length)
    {
        var json = new JsonObject { ["id"] = id };
        var start = (int)Math.Min(offset, content.Length);
        var slice = content.Slice(start, (int)Math.Min(length ?? long.MaxValue, content.Length - start));
        // RFC 9404 §4.2: what was asked for and is not there makes it truncated.
        if (offset > content.Length || (length is { } wanted && offset + wanted > content.Length)) json["isTruncated"] = true;
        if (properties.Contains("size")) json["size"] = content.Length;
        if (properties.Contains("digest:sha")) json["digest:sha"] = Convert.ToBase64String(SHA1.HashData(slice.Span));
        if (properties.Contains("digest:sha-256")) json["digest:sha-256"] = Convert.ToBase64String(SHA256.HashData(slice.Span));
        var isText = System.Text.Unicode.Utf8.IsValid(slice.Span);
        var either = properties.Contains("data");
        if (properties.Contains("data:asText") || (either && isText))
        {
            json["data:asText"] = isText ? Encoding.UTF8.GetString(slice.Span) : null;
            if (!isText) json["isEncodingProblem"] = true;
        }
        if (properties.Contains("data:asBase64") || (either && !isText))
        {
            json["data:asBase64"] = Convert.ToBase64String(slice.Span);
            if (either && !isText) json["isEncodingProblem"] = true;
        }
        return json;
    }

    private async ValueTask<JsonObject> LookupAsync(MethodCall call)
    {
        call.CheckAccount();
        var types = call.Arguments.Texts("typeNames") ?? throw MethodError.InvalidArguments("The argument typeNames is missing");
        var ids = GetMethod.Ids(call, options) ?? throw MethodError.InvalidArguments("The argument ids is missing");
        call.Arguments.End();
        if (types.FirstOrDefault(type => type is not ("Mailbox" or "Thread" or "Email")) is { } unknown) throw new MethodError("unknownDataType", $"{unknown} is no type that holds blobs here");
        return await mail.Objects.ReadAsync(
            call.AccountId,
            reader =>
            {
                var list = new JsonArray();
                foreach (var id in ids)
                {
                    var email = BlobId.Parse(id) is { Kind: ObjectId.Email } blob ? reader.View.Find(blob.Id) : null;
                    var matched = new JsonObject();
                    foreach (var type in types)
                    {
                        matched[type] = ChangesMethod.Texts(email is null ? [] : type switch
                        {
                            "Email" => [ObjectId.Of(ObjectId.Email, email.Id)],
                            "Thread" => [ObjectId.Of(ObjectId.Thread, email.ThreadId)],
                            _ => email.Places.Select(place => ObjectId.Of(ObjectId.Mailbox, place.MailboxId)),
                        });
                    }
                    list.Add(new JsonObject { ["id"] = id, ["matchedIds"] = matched });
                }
                var answer = call.Answer();
                answer["list"] = list;
                answer["notFound"] = new JsonArray();
                return answer;
            },
            call.Cancellation).ConfigureAwait(false);
    }

    private static (long Offset, long? Length)? Range(JsonNode? offset, JsonNode? length)
    {
        var (start, count) = (0L, 0L);
        if (offset is not null && (!Arguments.TryNumber(offset, out start) || start < 0)) return null;
        if (length is not null && (!Arguments.TryNumber(length, out count) || count < 0)) return null;
        return (start, length is null ? null : count);
    }

    private static string? Text(JsonObject json, string name) => json[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static SetError Bad(string why) => SetError.InvalidProperties(why, "data");

    private SetError TooLarge() => new("tooLarge", $"A blob has at most {options.MaxSizeUpload} octets");
}
