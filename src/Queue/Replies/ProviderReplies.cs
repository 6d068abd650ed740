using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sternpost.Queue.Replies;

/// <summary>
/// The table of what known receivers say and mean by it: <c>provider-replies.json</c>. The first line of the table that fits a reply is its
/// cause, so lines for one receiver stand before those for all.
/// </summary>
internal static class ProviderReplies
{
    // A reply is looked at so far: a receiver that says more says it again.
    private const int LookedAt = 2000;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    private static readonly Lazy<IReadOnlyList<Entry>> Table = new(Read);

    /// <summary>The cause of a reply; null where the table does not know it.</summary>
    /// <param name="host">The server that answered.</param>
    /// <param name="reply">Code, status and text as it came.</param>
    internal static DeliveryCause? Find(string host, string reply)
    {
        var text = (reply.Length > LookedAt ? reply[..LookedAt] : reply).ToLowerInvariant() + " ";
        foreach (var entry in Table.Value)
        {
            if (entry.Fits(host, text)) return entry.Cause;
        }
        return null;
    }

    /// <summary>Every cause the table knows.</summary>
    internal static IEnumerable<DeliveryCause> All => Table.Value.Select(entry => entry.Cause);

    private static IReadOnlyList<Entry> Read()
    {
        using var stream = typeof(ProviderReplies).Assembly.GetManifestResourceStream("provider-replies.json") ?? throw new InvalidOperationException("provider-replies.json is missing from the program.");
        var lines = JsonSerializer.Deserialize<List<Line>>(stream, Format)!;
        return [.. lines.Select(line => new Entry(line))];
    }

    /// <summary>A line of the file.</summary>
    private sealed record Line(string Id, string Provider, string[] Hosts, string[] Has, CauseKind Kind, string Cause, string User, string Administrator, string Link);

    /// <param name="line">What the file says: the host ends in one of <c>hosts</c> (any host where there are none), and of each item of <c>has</c> one of the texts between bars stands in the reply.</param>
    private sealed class Entry(Line line)
    {
        private readonly string[][] has = [.. line.Has.Select(item => item.Split('|'))];

        internal DeliveryCause Cause { get; } = new(line.Id, line.Kind, line.Provider, line.Cause, line.User, line.Administrator, line.Link.Length == 0 ? null : line.Link);

        internal bool Fits(string host, string text) =>
            (line.Hosts.Length == 0 || Array.Exists(line.Hosts, name => IsOrEndsIn(host, name)))
            && Array.TrueForAll(has, texts => Array.Exists(texts, one => text.Contains(one, StringComparison.Ordinal)));

        private static bool IsOrEndsIn(string host, string name) =>
            host.EndsWith(name, StringComparison.OrdinalIgnoreCase) && (host.Length == name.Length || host[^(name.Length + 1)] == '.');
    }
}
