using System.Text.Json;

namespace Sternpost.Webmail.Jmap;

/// <summary>Members of an answer, where what is missing or null reads as nothing.</summary>
public static class JsonReading
{
    private static readonly JsonElement Nothing = JsonElement.Parse("[]");

    public static string? Text(this JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static long Number(this JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;

    public static bool Flag(this JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    public static JsonElement.ArrayEnumerator Items(this JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : Nothing.EnumerateArray();

    public static List<string> Texts(this JsonElement json, string name)
    {
        var texts = new List<string>();
        foreach (var item in json.Items(name))
            if (item.ValueKind == JsonValueKind.String) texts.Add(item.GetString()!);
        return texts;
    }

    /// <summary>The names of an object of true values (RFC 8621: keywords, mailboxIds).</summary>
    public static HashSet<string> Names(this JsonElement json, string name)
    {
        var names = new HashSet<string>();
        if (!json.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Object) return names;
        foreach (var member in value.EnumerateObject())
            if (member.Value.ValueKind == JsonValueKind.True) names.Add(member.Name);
        return names;
    }

    public static bool Member(this JsonElement json, string name, out JsonElement value) => json.TryGetProperty(name, out value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);

    /// <summary>A Date or UTCDate of RFC 8620 §1.4, which are of RFC 3339.</summary>
    public static DateTimeOffset Time(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time) ? time : default;
}
