using System.Text.Json.Nodes;

namespace Sternpost.Jmap.Protocol;

/// <summary>One call or one answer (RFC 8620 §3.2).</summary>
internal sealed record Invocation(string Name, JsonObject Arguments, string CallId)
{
    internal JsonArray ToJson() => new(Name, Arguments, CallId);
}
