using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Methods;

/// <summary>A filter (RFC 8620 §5.5): conditions joined by operators.</summary>
internal abstract record FilterTree<T>
{
    private const int MaxDepth = 32;
    private const int MostNodes = 1000;

    private FilterTree() { }

    /// <summary>AND, OR or NOT.</summary>
    internal sealed record Joined(string Operator, IReadOnlyList<FilterTree<T>> Conditions) : FilterTree<T>;

    /// <summary>One condition.</summary>
    internal sealed record Leaf(T Condition) : FilterTree<T>;

    /// <summary>Reads a filter; null for none.</summary>
    internal static FilterTree<T>? Read(JsonObject? json, Func<JsonObject, T> condition)
    {
        var left = MostNodes;
        return json is null ? null : Read(json, condition, 0, ref left);
    }

    private static FilterTree<T> Read(JsonObject json, Func<JsonObject, T> condition, int depth, ref int left)
    {
        if (depth > MaxDepth || --left < 0) throw new MethodError("unsupportedFilter", "The filter is too deep or has too many conditions");
        if (!json.ContainsKey("operator")) return new Leaf(condition(json));
        if (json["operator"] is not JsonValue name || name.GetValueKind() != JsonValueKind.String || name.GetValue<string>() is not ("AND" or "OR" or "NOT")) throw MethodError.InvalidArguments("An operator is AND, OR or NOT");
        if (json["conditions"] is not JsonArray items) throw MethodError.InvalidArguments("An operator has conditions");
        if (json.Count != 2) throw MethodError.InvalidArguments("An operator has conditions and nothing else");
        var conditions = new List<FilterTree<T>>(items.Count);
        foreach (var item in items) conditions.Add(Read(item as JsonObject ?? throw MethodError.InvalidArguments("A condition is an object"), condition, depth + 1, ref left));
        return new Joined(name.GetValue<string>(), conditions);
    }

    /// <summary>All conditions in it.</summary>
    internal IEnumerable<T> Leaves() => this switch
    {
        Leaf leaf => [leaf.Condition],
        Joined joined => joined.Conditions.SelectMany(inner => inner.Leaves()),
        _ => [],
    };

    /// <summary>Whether it matches, by what each condition says.</summary>
    internal bool Matches(Func<T, bool> matches) => this switch
    {
        Leaf leaf => matches(leaf.Condition),
        Joined { Operator: "AND" } and => and.Conditions.All(inner => inner.Matches(matches)),
        Joined { Operator: "OR" } or => or.Conditions.Any(inner => inner.Matches(matches)),
        // RFC 8620 §5.5: none of the conditions.
        Joined not => !not.Conditions.Any(inner => inner.Matches(matches)),
        _ => true,
    };
}
