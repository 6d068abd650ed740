using System.Text.Json.Nodes;

namespace Sternpost.Jmap.Protocol;

/// <summary>A request that is refused as a whole: a problem of RFC 7807 (RFC 8620 §3.6.1).</summary>
internal sealed class RequestProblem(int status, string type, string detail, string? limit = null) : Exception(detail)
{
    private const string Prefix = "urn:ietf:params:jmap:error:";

    internal int Status => status;

    internal static RequestProblem NotJson(string detail) => new(400, Prefix + "notJSON", detail);

    internal static RequestProblem NotRequest(string detail) => new(400, Prefix + "notRequest", detail);

    internal static RequestProblem UnknownCapability(string name) => new(400, Prefix + "unknownCapability", $"This server does not know the capability {name}");

    internal static RequestProblem Limit(string name, string detail, int status = 400) => new(status, Prefix + "limit", detail, name);

    internal JsonObject ToJson()
    {
        var problem = new JsonObject { ["type"] = type, ["status"] = status, ["detail"] = Message };
        // RFC 8620 §3.6.1: a limit is named in a property of its own.
        if (limit is not null) problem["limit"] = limit;
        return problem;
    }
}

/// <summary>A method call that is refused as a whole (RFC 8620 §3.6.2).</summary>
internal sealed class MethodError(string type, string? description = null) : Exception(description ?? type)
{
    internal string Type => type;

    /// <summary>More that a method's error says.</summary>
    internal JsonObject Details { get; init; } = [];

    internal static MethodError InvalidArguments(string description) => new("invalidArguments", description);

    internal JsonObject ToJson()
    {
        var error = new JsonObject { ["type"] = type };
        if (description is not null) error["description"] = description;
        foreach (var (name, value) in Details) error[name] = value?.DeepClone();
        return error;
    }
}

/// <summary>One object of a /set that cannot be made, changed or destroyed (RFC 8620 §5.3).</summary>
internal sealed class SetError(string type, string? description = null) : Exception(description ?? type)
{
    internal string Type => type;

    /// <summary>The properties at fault, for invalidProperties.</summary>
    internal IReadOnlyList<string> Properties { get; init; } = [];

    /// <summary>More that the error says.</summary>
    internal JsonObject Details { get; init; } = [];

    internal static SetError InvalidProperties(string description, params IReadOnlyList<string> properties) => new("invalidProperties", description) { Properties = properties };

    internal static SetError NotFound() => new("notFound");

    internal JsonObject ToJson()
    {
        var error = new JsonObject { ["type"] = type };
        if (description is not null) error["description"] = description;
        if (Properties.Count > 0) error["properties"] = new JsonArray([.. Properties.Select(name => (JsonNode)name)]);
        foreach (var (name, value) in Details) error[name] = value?.DeepClone();
        return error;
    }
}
