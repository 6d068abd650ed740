using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sternpost.Jmap.Protocol;

/// <summary>A request object (RFC 8620 §3.3), read within budgets of size, depth and calls.</summary>
internal sealed record JmapRequest(IReadOnlyList<string> Using, IReadOnlyList<Invocation> Calls, IReadOnlyDictionary<string, string>? CreatedIds)
{
    // A filter nests some, a message's structure more; beyond this lies an attack.
    private const int MaxDepth = 128;

    /// <summary>Reads a request.</summary>
    /// <exception cref="RequestProblem">It is not JSON, not a request, or more than this server takes.</exception>
    internal static JmapRequest Read(ReadOnlySpan<byte> octets, JmapOptions options) => From(ReadJson(octets), options);

    internal static JsonNode? ReadJson(ReadOnlySpan<byte> octets)
    {
        try
        {
            // RFC 8620 §3.1: I-JSON (RFC 7493), which has no name twice and is UTF-8 throughout.
            var node = JsonNode.Parse(octets, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            // Strings are decoded when they are read; what is wrong with one is found here and not in a method.
            Touch(node);
            return node;
        }
        catch (Exception bad) when (bad is JsonException or InvalidOperationException)
        {
            throw RequestProblem.NotJson("The request is not I-JSON in UTF-8");
        }
    }

    internal static JmapRequest From(JsonNode? node, JmapOptions options)
    {
        if (node is not JsonObject request) throw RequestProblem.NotRequest("The request is not an object");
        if (request["using"] is not JsonArray uses) throw RequestProblem.NotRequest("The property using must be an array of strings");
        if (request["methodCalls"] is not JsonArray calls) throw RequestProblem.NotRequest("The property methodCalls must be an array");
        var names = new List<string>(uses.Count);
        foreach (var use in uses)
        {
            if (Text(use) is not { } name) throw RequestProblem.NotRequest("The property using must be an array of strings");
            if (!Capability.All.Contains(name)) throw RequestProblem.UnknownCapability(name.Length > 200 ? name[..200] : name);
            names.Add(name);
        }
        if (calls.Count > options.MaxCallsInRequest) throw RequestProblem.Limit("maxCallsInRequest", $"A request holds at most {options.MaxCallsInRequest} method calls");
        var invocations = new List<Invocation>(calls.Count);
        foreach (var call in calls)
        {
            if (call is not JsonArray { Count: 3 } parts || Text(parts[0]) is not { } method || parts[1] is not JsonObject arguments || Text(parts[2]) is not { } id)
                throw RequestProblem.NotRequest("A method call is an array of a name, an object and an id");
            invocations.Add(new Invocation(method, arguments, id));
        }
        return new JmapRequest(names, invocations, Created(request["createdIds"]));
    }

    private static Dictionary<string, string>? Created(JsonNode? node)
    {
        if (node is null) return null;
        if (node is not JsonObject ids) throw RequestProblem.NotRequest("The property createdIds must be an object");
        var created = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in ids) created[name] = Text(value) is { } id && ObjectId.IsWellFormed(id) ? id : throw RequestProblem.NotRequest("The property createdIds must map ids to ids");
        return created;
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static void Touch(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject properties:
                foreach (var (_, value) in properties) Touch(value);
                break;
            case JsonArray items:
                foreach (var item in items) Touch(item);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                _ = value.GetValue<string>();
                break;
        }
    }
}
