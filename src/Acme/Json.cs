using System.Text.Json;

namespace Sternpost.Acme;

/// <summary>Members of what an authority sent, which may be of any kind or not there.</summary>
internal static class Json
{
    /// <summary>An authority's answers are small and flat; what is deeper is none.</summary>
    internal static readonly JsonDocumentOptions Budget = new() { MaxDepth = 16 };

    internal static string Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    internal static bool Flag(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    internal static JsonElement Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;

    internal static IEnumerable<JsonElement> List(JsonElement json, string name) =>
        Member(json, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>An address by https; null where it is none.</summary>
    internal static Uri? Address(JsonElement json, string name) =>
        Uri.TryCreate(Text(json, name), UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps ? address : null;

    internal static DateTimeOffset? Time(JsonElement json, string name) =>
        DateTimeOffset.TryParse(Text(json, name), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
