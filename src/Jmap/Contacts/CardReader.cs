using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Protocol;
using Sternpost.Messages.Addresses;

namespace Sternpost.Jmap.Contacts;

/// <summary>
/// JSContact cards (RFC 9553) as clients give them. What this server goes by is checked; what it does not know is kept as it came, for the client that
/// knows it (RFC 9553 §1.7.2).
/// </summary>
internal static class CardReader
{
    private const int MostOctets = 64 * 1024;
    private const int MostItems = 200;
    private const int MostDepth = 12;
    private const int MostText = 16 * 1024;

    // Of each map of objects, the member that the object is about.
    private static readonly Dictionary<string, string?> Maps = new(StringComparer.Ordinal)
    {
        ["emails"] = "address",
        ["phones"] = "number",
        ["notes"] = "note",
        ["nicknames"] = "name",
        ["organizations"] = null,
        ["addresses"] = null,
        ["onlineServices"] = null,
        ["titles"] = "name",
        ["links"] = "uri",
        ["anniversaries"] = null,
    };

    /// <summary>The card to store, complete.</summary>
    /// <param name="item">What the client gave, the patch applied.</param>
    /// <param name="bookId">The one address book.</param>
    /// <param name="before">The card before; null for a new one.</param>
    /// <param name="now">When.</param>
    /// <exception cref="SetError">It is no card.</exception>
    internal static JsonObject Read(JsonObject item, string bookId, JsonObject? before, DateTimeOffset now)
    {
        var card = (JsonObject)item.DeepClone();
        foreach (var name in (string[])["id", "blobId"])
        {
            if (card.ContainsKey(name)) throw Bad(name, "The server sets it");
        }
        if (card["addressBookIds"] is { } books && !(books is JsonObject { Count: 1 } map && map[bookId] is JsonValue there && there.GetValueKind() == JsonValueKind.True)) throw Bad("addressBookIds", "A card is in the one address book there is");
        card.Remove("addressBookIds");
        foreach (var (name, value) in card.ToList())
        {
            if (value is null) card.Remove(name);
        }
        if (card["@type"] is { } type && !JsonNode.DeepEquals(type, "Card")) throw Bad("@type", "A card is a Card");
        if (card["version"] is { } version && !JsonNode.DeepEquals(version, "1.0")) throw Bad("version", "Cards have version 1.0");
        (card["@type"], card["version"]) = ("Card", "1.0");
        if (before is null) card["uid"] ??= "urn:uuid:" + Guid.CreateVersion7(now);
        else if (!JsonNode.DeepEquals(card["uid"], before["uid"])) throw Bad("uid", "The uid of a card never changes");
        if (Text(card["uid"]) is not { Length: > 0 and <= 255 }) throw Bad("uid", "A uid is a string of 1 to 255 letters");
        foreach (var name in (string[])["kind", "language", "prodId"])
        {
            if (card[name] is { } value && Text(value) is not { Length: <= 255 }) throw Bad(name, $"{name} is a short string");
        }
        Name(card["name"]);
        foreach (var (name, about) in Maps) Map(card[name], name, about);
        foreach (var name in (string[])["keywords", "members"])
        {
            if (card[name] is { } set && !(set is JsonObject { Count: <= MostItems } members && members.All(member => member.Value?.GetValueKind() == JsonValueKind.True))) throw Bad(name, $"{name} maps texts to true");
        }
        var time = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        if (card["created"] is null || Time(card["created"]) is null) card["created"] = before?["created"]?.DeepClone() ?? time;
        card["updated"] = time;
        if (Depth(card, 0) > MostDepth || System.Text.Encoding.UTF8.GetByteCount(card.ToJsonString()) > MostOctets) throw new SetError("tooLarge", $"A card has at most {MostOctets} octets");
        return card;
    }

    /// <summary>The addresses of a card, as they are compared.</summary>
    internal static List<string> Addresses(JsonObject card) =>
        [.. (card["emails"] as JsonObject ?? []).Select(email => EmailAddress.TryParse(Text(email.Value?["address"]), out var address) ? address.Key : null).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>A text; null for anything else.</summary>
    internal static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>A time; null for anything else.</summary>
    internal static DateTimeOffset? Time(JsonNode? node) => Text(node) is { } text && text.EndsWith('Z') && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static void Name(JsonNode? node)
    {
        if (node is null) return;
        if (node is not JsonObject name) throw Bad("name", "name is an object");
        if (name["full"] is { } full && Text(full) is not { Length: <= MostText }) throw Bad("name/full", "full is a string");
        if (name["components"] is not { } list) return;
        if (list is not JsonArray { Count: <= MostItems } components || !components.All(part => part is JsonObject item && Text(item["kind"]) is not null && Text(item["value"]) is { Length: <= MostText })) throw Bad("name/components", "Each component has a kind and a value");
    }

    private static void Map(JsonNode? node, string name, string? about)
    {
        if (node is null) return;
        if (node is not JsonObject { Count: <= MostItems } map) throw Bad(name, $"{name} maps ids to objects");
        foreach (var (id, value) in map)
        {
            if (!ObjectId.IsWellFormed(id) || value is not JsonObject item) throw Bad(name, $"{name} maps ids to objects");
            if (about is not null && Text(item[about]) is not { Length: > 0 and <= MostText }) throw Bad($"{name}/{id}/{about}", $"{about} is a string that is not empty");
        }
    }

    private static int Depth(JsonNode? node, int depth) => depth > MostDepth ? depth : node switch
    {
        JsonObject map => map.Select(member => Depth(member.Value, depth + 1)).DefaultIfEmpty(depth).Max(),
        JsonArray list => list.Select(item => Depth(item, depth + 1)).DefaultIfEmpty(depth).Max(),
        _ => depth,
    };

    private static SetError Bad(string property, string why) => SetError.InvalidProperties(why, property);
}
