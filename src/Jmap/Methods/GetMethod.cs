using System.Text.Json.Nodes;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Methods;

/// <summary>What every /get shares (RFC 8620 §5.1).</summary>
internal static class GetMethod
{
    /// <summary>The ids asked for, each once; null for all.</summary>
    internal static IReadOnlyList<string>? Ids(MethodCall call, JmapOptions options, string name = "ids")
    {
        if (call.Arguments.Texts(name) is not { } ids) return null;
        if (ids.Count > options.MaxObjectsInGet) throw TooMany(options);
        return [.. ids.Select(id => call.Resolve(id) ?? id).Distinct(StringComparer.Ordinal)];
    }

    internal static MethodError TooMany(JmapOptions options) => new("requestTooLarge", $"At most {options.MaxObjectsInGet} objects are given at once");

    /// <summary>The properties asked for, id always among them; null for the default ones.</summary>
    internal static HashSet<string>? Properties(MethodCall call, IReadOnlySet<string> known, Func<string, bool>? alsoKnown = null)
    {
        if (call.Arguments.Texts("properties") is not { } names) return null;
        foreach (var name in names)
        {
            if (!known.Contains(name) && alsoKnown?.Invoke(name) != true) throw MethodError.InvalidArguments($"There is no property {name}");
        }
        return [.. names, "id"];
    }

    /// <summary>The answer of objects that are all at hand.</summary>
    internal static JsonObject Answer(MethodCall call, string state, IReadOnlyList<string>? ids, IEnumerable<JsonObject> all, HashSet<string>? properties, JmapOptions options)
    {
        var byId = all.ToDictionary(item => item["id"]!.GetValue<string>(), StringComparer.Ordinal);
        if (ids is null && byId.Count > options.MaxObjectsInGet) throw TooMany(options);
        var (list, notFound) = (new JsonArray(), new JsonArray());
        foreach (var id in ids ?? [.. byId.Keys])
        {
            if (!byId.TryGetValue(id, out var item))
            {
                notFound.Add(id);
                continue;
            }
            list.Add(Pick(item, properties));
        }
        var answer = call.Answer();
        answer["state"] = state;
        answer["list"] = list;
        answer["notFound"] = notFound;
        return answer;
    }

    internal static JsonObject Pick(JsonObject item, HashSet<string>? properties)
    {
        if (properties is null) return item;
        foreach (var name in item.Select(property => property.Key).Where(name => !properties.Contains(name)).ToList()) item.Remove(name);
        return item;
    }
}
