using Sternpost.Messages.Structure;

namespace Sternpost.Messages.Threads;

/// <summary>Message ids in header fields (RFC 5322 §3.6.4), as threading compares them.</summary>
public static class MessageIds
{
    // A thread is found by its last ids; a field of ten thousand is an attack.
    private const int Most = 100;

    /// <summary>The first id, or null.</summary>
    public static string? First(string? field)
    {
        var ids = All(field);
        return ids.Count == 0 ? null : ids[0];
    }

    /// <summary>RFC 5256 §4: the ids of References; where there are none, the first of In-Reply-To.</summary>
    public static IReadOnlyList<string> References(MessageEnvelope envelope)
    {
        var ids = All(envelope.References);
        if (ids.Count > 0) return ids;
        return First(envelope.InReplyTo) is { } parent ? [parent] : [];
    }

    private static List<string> All(string? field)
    {
        var ids = new List<string>();
        if (field is null) return ids;
        var rest = field.AsSpan();
        while (rest.IndexOf('<') is >= 0 and var open)
        {
            rest = rest[(open + 1)..];
            var close = rest.IndexOf('>');
            if (close < 0) break;
            var id = rest[..close];
            // §4: a quoted left side compares as what it quotes.
            if (id.Contains('@') && !id.ContainsAny(" \t")) ids.Add(id.ToString().Replace("\"", "", StringComparison.Ordinal));
            rest = rest[(close + 1)..];
        }
        return ids.Count <= Most ? ids : ids.GetRange(ids.Count - Most, Most);
    }
}
