using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sternpost.Jmap.Protocol;

/// <summary>Arguments that are taken from earlier answers (RFC 8620 §3.7): the names that begin with "#".</summary>
internal static class ResultReferences
{
    // Values that a "*" may gather, over all references of one call.
    private const int MostValues = 100_000;
    private const int MostSteps = 64;

    /// <summary>The arguments with the references in them replaced.</summary>
    /// <exception cref="MethodError">A reference leads nowhere, or an argument is given both ways.</exception>
    internal static JsonObject Resolve(JsonObject arguments, IReadOnlyList<Invocation> answers)
    {
        if (!arguments.Any(argument => argument.Key.StartsWith('#'))) return arguments;
        var resolved = new JsonObject();
        foreach (var (name, value) in arguments)
        {
            if (!name.StartsWith('#'))
            {
                resolved[name] = value?.DeepClone();
                continue;
            }
            var plain = name[1..];
            if (arguments.ContainsKey(plain)) throw MethodError.InvalidArguments($"The argument {plain} is given twice, once as a reference");
            resolved[plain] = Find(value, answers);
        }
        return resolved;
    }

    private static JsonNode? Find(JsonNode? reference, IReadOnlyList<Invocation> answers)
    {
        if (reference is not JsonObject { } parts || Text(parts["resultOf"]) is not { } call || Text(parts["name"]) is not { } name || Text(parts["path"]) is not { } path)
            throw Bad("A reference has resultOf, name and path");
        // The first answer with that id; its name must be the one expected, which an error's is not.
        if (answers.FirstOrDefault(answer => answer.CallId == call) is not { } found) throw Bad($"No earlier call has the id {call}");
        if (found.Name != name) throw Bad($"The answer to {call} is {found.Name} and not {name}");
        var budget = MostValues;
        return Follow(found.Arguments, Steps(path), ref budget) is { IsThere: true } end ? end.Node : throw Bad($"The answer to {call} has nothing at {path}");
    }

    // RFC 6901 §3 and §4.
    private static string[] Steps(string path)
    {
        if (path.Length == 0) return [];
        if (path[0] != '/') throw Bad("A path begins with a slash");
        var steps = path[1..].Split('/');
        if (steps.Length > MostSteps) throw Bad("The path has too many steps");
        for (var i = 0; i < steps.Length; i++) steps[i] = steps[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        return steps;
    }

    private static (bool IsThere, JsonNode? Node) Follow(JsonNode? node, ReadOnlySpan<string> steps, ref int budget)
    {
        if (--budget < 0) throw Bad("The reference gathers too much");
        if (steps.IsEmpty) return (true, node?.DeepClone());
        var step = steps[0];
        var rest = steps[1..];
        switch (node)
        {
            case JsonObject properties:
                return properties.TryGetPropertyValue(step, out var value) ? Follow(value, rest, ref budget) : default;
            case JsonArray items when step == "*":
                var gathered = new JsonArray();
                foreach (var item in items)
                {
                    if (Follow(item, rest, ref budget) is not { IsThere: true } found) return default;
                    // RFC 8620 §3.7: what is itself an array is joined, not nested.
                    if (found.Node is JsonArray inner)
                    {
                        if ((budget -= inner.Count) < 0) throw Bad("The reference gathers too much");
                        JsonNode?[] nodes = [.. inner];
                        inner.Clear();
                        foreach (var one in nodes) gathered.Add(one);
                    }
                    else gathered.Add(found.Node);
                }
                return (true, gathered);
            case JsonArray items:
                var isIndex = int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && (step.Length == 1 || step[0] != '0');
                return isIndex && index < items.Count ? Follow(items[index], rest, ref budget) : default;
            default:
                return default;
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static MethodError Bad(string why) => new("invalidResultReference", why);
}
