using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Methods;

/// <summary>One comparator of a sort (RFC 8620 §5.5).</summary>
internal sealed record Comparator(string Property, bool IsAscending, string? Collation, JsonObject Json);

/// <summary>What every /query shares (RFC 8620 §5.5).</summary>
internal static class QueryMethod
{
    /// <summary>Ids in one answer at most, where the client names no limit.</summary>
    internal const int DefaultLimit = 100_000;
    private const int MostComparators = 16;

    /// <summary>The collations of RFC 4790 that sorting knows.</summary>
    internal static readonly IReadOnlyList<string> Collations = ["i;ascii-casemap", "i;octet", "i;unicode-casemap"];

    internal static List<Comparator> Sort(MethodCall call, Func<string, bool> isKnown)
    {
        var comparators = new List<Comparator>();
        foreach (var node in call.Arguments.Array("sort") ?? [])
        {
            if (node is not JsonObject item || item["property"] is not JsonValue name || name.GetValueKind() != JsonValueKind.String) throw MethodError.InvalidArguments("A comparator is an object with a property");
            if (comparators.Count == MostComparators) throw new MethodError("unsupportedSort", "So many comparators are not supported");
            var property = name.GetValue<string>();
            if (!isKnown(property)) throw new MethodError("unsupportedSort", $"Sorting by {property} is not supported");
            var ascending = item["isAscending"] switch
            {
                null => true,
                JsonValue flag when flag.GetValueKind() is JsonValueKind.True or JsonValueKind.False => flag.GetValue<bool>(),
                _ => throw MethodError.InvalidArguments("isAscending must be true or false"),
            };
            var collation = item["collation"] is JsonValue text && text.GetValueKind() == JsonValueKind.String ? text.GetValue<string>() : null;
            if (collation is not null && !Collations.Contains(collation)) throw new MethodError("unsupportedSort", $"There is no collation {collation} here");
            comparators.Add(new Comparator(property, ascending, collation, item));
        }
        return comparators;
    }

    /// <summary>Compares texts by a collation; by default i;unicode-casemap.</summary>
    internal static int Compare(string? one, string? other, string? collation) =>
        string.Compare(one ?? "", other ?? "", collation == "i;octet" ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);

    internal static Window ReadWindow(MethodCall call) => new(
        call.Arguments.Number("position") ?? 0, call.Arguments.Text("anchor"), call.Arguments.Number("anchorOffset") ?? 0, call.Arguments.Count("limit"), call.Arguments.Flag("calculateTotal"));

    /// <summary>The answer: the part of all results that was asked for.</summary>
    internal static JsonObject Answer(MethodCall call, Window window, string queryState, bool canCalculateChanges, char kind, IReadOnlyList<long> results)
    {
        var position = window.Position;
        if (window.Anchor is { } anchor)
        {
            // RFC 8620 §5.5: with an anchor the position is ignored.
            var index = call.TryResolve(kind, anchor, out var id) ? IndexOf(results, id) : -1;
            if (index < 0) throw new MethodError("anchorNotFound", "The anchor is not among the results");
            position = Math.Max(0, index + window.AnchorOffset);
        }
        else if (position < 0) position = Math.Max(0, results.Count + position);
        var limit = (int)Math.Min(window.Limit ?? DefaultLimit, DefaultLimit);
        var first = (int)Math.Min(position, results.Count);
        var count = Math.Min(limit, results.Count - first);
        var ids = new JsonNode[count];
        for (var i = 0; i < count; i++) ids[i] = ObjectId.Of(kind, results[first + i]);
        var answer = call.Answer();
        answer["queryState"] = queryState;
        answer["canCalculateChanges"] = canCalculateChanges;
        answer["position"] = position;
        answer["ids"] = new JsonArray(ids);
        if (window.CalculateTotal) answer["total"] = results.Count;
        // Told only where the server's own limit is the smaller one.
        if ((window.Limit ?? long.MaxValue) > DefaultLimit && count == DefaultLimit) answer["limit"] = DefaultLimit;
        return answer;
    }

    /// <summary>The answer of /queryChanges (RFC 8620 §5.6): everything touched that was there is removed, and what is in the results now is added where it stands.</summary>
    internal static JsonObject Changes(
        MethodCall call, char kind, string oldState, string newState, IReadOnlySet<long> touched, IReadOnlySet<long> fresh, IReadOnlyList<long> results, long? maxChanges, string? upToId, bool total)
    {
        var last = upToId is not null && call.TryResolve(kind, upToId, out var upTo) ? IndexOf(results, upTo) : -1;
        var (removed, added) = (new JsonArray(), new JsonArray());
        foreach (var id in touched)
        {
            if (!fresh.Contains(id)) removed.Add(ObjectId.Of(kind, id));
        }
        for (var index = 0; index < results.Count; index++)
        {
            if (last >= 0 && index > last) break;
            if (touched.Contains(results[index]) || fresh.Contains(results[index])) added.Add(new JsonObject { ["id"] = ObjectId.Of(kind, results[index]), ["index"] = index });
        }
        if (maxChanges is { } most && removed.Count + added.Count > most) throw new MethodError("tooManyChanges", $"There are more than {most} changes");
        var answer = call.Answer();
        answer["oldQueryState"] = oldState;
        answer["newQueryState"] = newState;
        if (total) answer["total"] = results.Count;
        answer["removed"] = removed;
        answer["added"] = added;
        return answer;
    }

    private static int IndexOf(IReadOnlyList<long> results, long id)
    {
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i] == id) return i;
        }
        return -1;
    }
}

/// <summary>Which part of the results is wanted.</summary>
internal sealed record Window(long Position, string? Anchor, long AnchorOffset, long? Limit, bool CalculateTotal);
