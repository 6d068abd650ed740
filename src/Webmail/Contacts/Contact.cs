using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Mail;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Contacts;

/// <summary>A card of the address book (RFC 9553), as far as this page shows it.</summary>
/// <param name="Card">All of it, as the server gave it.</param>
public sealed record Contact(string Id, string Name, IReadOnlyList<string> Emails, IReadOnlyList<string> Phones, string Organization, string Note, bool IsCollected, string Card)
{
    public string Shown => Name.Length > 0 ? Name : Organization.Length > 0 ? Organization : Emails.Count > 0 ? Emails[0] : Phones.Count > 0 ? Phones[0] : Words.Now.NoName;

    public static Contact Read(JsonElement json) => new(
        json.Text("id")!, NameOf(json), Values(json, "emails", "address"), Values(json, "phones", "number"), Values(json, "organizations", "name").FirstOrDefault() ?? "", string.Join("\n", Values(json, "notes", "note")),
        json.Names("keywords").Contains("collected"), json.GetRawText());

    public IEnumerable<Address> Addresses => Emails.Select(email => new Address(Name.Length > 0 ? Name : null, email));

    /// <summary>The card as a new one, to make it again.</summary>
    public JsonObject Again()
    {
        var card = (JsonObject)JsonNode.Parse(Card)!;
        card.Remove("id");
        return card;
    }

    private static string NameOf(JsonElement json)
    {
        if (!json.Member("name", out var name)) return "";
        return name.Text("full") ?? string.Join(' ', name.Items("components").Where(part => part.Text("kind") != "separator").Select(part => part.Text("value")));
    }

    private static List<string> Values(JsonElement json, string map, string member) =>
        json.Member(map, out var items) && items.ValueKind == JsonValueKind.Object ? [.. items.EnumerateObject().Select(item => item.Value.ValueKind == JsonValueKind.Object ? item.Value.Text(member) : null).OfType<string>().Where(text => text.Length > 0)] : [];
}
