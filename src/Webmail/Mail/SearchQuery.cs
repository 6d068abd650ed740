using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Sternpost.Webmail.Mail;

/// <summary>
/// What is typed into the search, as a filter (RFC 8621 §4.4.1): words, "phrases", from: to: cc: subject: body: in: has:attachment is:unread
/// label: is:read is:starred is:answered before: after: larger: smaller:, and a minus before any of them for its opposite.
/// </summary>
public static class SearchQuery
{
    private const int MostTerms = 40;

    /// <summary>The filter; null where nothing is searched for.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="mailboxes">Where in: looks.</param>
    /// <param name="labels">What label: finds.</param>
    /// <param name="zone">The user's time less UTC, for days.</param>
    public static JsonObject? ToFilter(string text, Mailboxes mailboxes, Labels labels, TimeSpan zone)
    {
        var conditions = new JsonArray();
        var namesPlace = false;
        foreach (var (isNot, key, value) in Terms(text).Take(MostTerms))
        {
            namesPlace |= key == "in";
            if (Condition(key, value, mailboxes, labels, zone) is not { } condition) continue;
            conditions.Add(isNot ? new JsonObject { ["operator"] = "NOT", ["conditions"] = new JsonArray(condition) } : condition);
        }
        if (conditions.Count == 0) return null;
        // As everywhere: who searches does not look for what was thrown away, unless they say so.
        if (!namesPlace && NotThrownAway(mailboxes) is { } kept) conditions.Add(kept);
        return conditions.Count == 1 ? (JsonObject)conditions[0]!.DeepClone() : new JsonObject { ["operator"] = "AND", ["conditions"] = conditions };
    }

    /// <summary>All that has a label, but for what was thrown away.</summary>
    public static JsonObject OfLabel(string keyword, Mailboxes mailboxes)
    {
        var condition = new JsonObject { ["hasKeyword"] = keyword };
        return NotThrownAway(mailboxes) is { } kept ? new JsonObject { ["operator"] = "AND", ["conditions"] = new JsonArray(condition, kept) } : condition;
    }

    private static JsonObject? NotThrownAway(Mailboxes mailboxes)
    {
        var hidden = mailboxes.All.Where(mailbox => mailbox.Role is "trash" or "junk").Select(mailbox => (JsonNode)mailbox.Id).ToArray();
        return hidden.Length > 0 ? new JsonObject { ["inMailboxOtherThan"] = new JsonArray(hidden) } : null;
    }

    private static JsonObject? Condition(string? key, string value, Mailboxes mailboxes, Labels labels, TimeSpan zone) => key switch
    {
        "from" or "to" or "cc" or "bcc" or "subject" or "body" => value.Length == 0 ? null : new JsonObject { [key] = value },
        "has" => value.ToLowerInvariant() switch { "attachment" or "file" or "files" => new JsonObject { ["hasAttachment"] = true }, _ => null },
        "is" => value.ToLowerInvariant() switch
        {
            "unread" or "new" => new JsonObject { ["notKeyword"] = "$seen" },
            "read" => new JsonObject { ["hasKeyword"] = "$seen" },
            "starred" or "flagged" => new JsonObject { ["hasKeyword"] = "$flagged" },
            "answered" or "replied" => new JsonObject { ["hasKeyword"] = "$answered" },
            "draft" => new JsonObject { ["hasKeyword"] = "$draft" },
            _ => null,
        },
        // One that nobody knows finds nothing, rather than everything.
        "label" => value.Length == 0 ? null : new JsonObject { ["hasKeyword"] = labels.OfName(value)?.Keyword ?? "no-such-label" },
        "in" => mailboxes.All.FirstOrDefault(mailbox => Same(mailbox.Role, value) || Same(mailbox.Name, value) || Same(mailbox.Title, value)) is { } found ? new JsonObject { ["inMailbox"] = found.Id } : null,
        "before" => Day(value, zone) is { } before ? new JsonObject { ["before"] = before } : null,
        "after" or "since" => Day(value, zone) is { } after ? new JsonObject { ["after"] = after } : null,
        "larger" => Size(value) is { } least ? new JsonObject { ["minSize"] = least } : null,
        "smaller" => Size(value) is { } most ? new JsonObject { ["maxSize"] = most } : null,
        _ => value.Length == 0 ? null : new JsonObject { ["text"] = value },
    };

    /// <summary>The parts of what was typed. A key that is none of ours is a word with a colon in it.</summary>
    public static IEnumerable<(bool IsNot, string? Key, string Value)> Terms(string text)
    {
        var position = 0;
        while (position < text.Length)
        {
            if (char.IsWhiteSpace(text[position]))
            {
                position++;
                continue;
            }
            var isNot = text[position] == '-' && position + 1 < text.Length && !char.IsWhiteSpace(text[position + 1]);
            if (isNot) position++;
            string? key = null;
            var colon = text.IndexOf(':', position);
            if (colon > position && text[position..colon] is var name && name.All(char.IsAsciiLetter) && Keys.Contains(name.ToLowerInvariant()))
            {
                key = name.ToLowerInvariant();
                position = colon + 1;
            }
            var value = new StringBuilder();
            if (position < text.Length && text[position] == '"')
            {
                var end = text.IndexOf('"', position + 1);
                if (end < 0) end = text.Length;
                value.Append(key is null or "subject" or "body" && end > position + 1 ? "\"" + text[(position + 1)..end] + "\"" : text[(position + 1)..end]);
                position = Math.Min(text.Length, end + 1);
            }
            else
            {
                while (position < text.Length && !char.IsWhiteSpace(text[position])) value.Append(text[position++]);
            }
            if (key is not null || value.Length > 0) yield return (isNot, key, value.ToString());
        }
    }

    private static readonly HashSet<string> Keys = ["from", "to", "cc", "bcc", "subject", "body", "has", "is", "in", "label", "before", "after", "since", "larger", "smaller"];

    private static bool Same(string? one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    // 2026-03-01, 2026/3/1, 2026-03 or 2026; today and yesterday; 7d, 2w, 6m and 1y ago.
    private static string? Day(string text, TimeSpan zone)
    {
        var today = DateTime.UtcNow.Add(zone).Date;
        DateTime? day = text.ToLowerInvariant() switch { "today" => today, "yesterday" => today.AddDays(-1), _ => null };
        if (day is null && text.Length is > 1 and < 5 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            day = char.ToLowerInvariant(text[^1]) switch { 'd' => today.AddDays(-count), 'w' => today.AddDays(-7.0 * count), 'm' => today.AddMonths(-count), 'y' when count < 100 => today.AddYears(-count), _ => null };
        }
        if (day is null && DateTime.TryParseExact(text.Replace('/', '-').Replace('.', '-'), ["yyyy-M-d", "yyyy-M", "yyyy"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var exact)) day = exact;
        return day is { } found ? (found - zone).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) : null;
    }

    private static long? Size(string text)
    {
        var factor = text.Length > 0 ? char.ToLowerInvariant(text[^1]) switch { 'k' => 1024L, 'm' => 1024L * 1024, 'g' => 1024L * 1024 * 1024, _ => 1L } : 1L;
        return long.TryParse(factor == 1 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < int.MaxValue ? number * factor : null;
    }
}
