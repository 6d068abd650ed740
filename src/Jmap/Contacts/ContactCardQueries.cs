using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Accounts.Contacts;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Storage;

namespace Sternpost.Jmap.Contacts;

/// <summary>ContactCard/query and /queryChanges (RFC 9610 §3.3, §3.4). A book is small: every card is looked at.</summary>
internal sealed class ContactCardQueries(Database database)
{
    private static readonly HashSet<string> Sorts = new(StringComparer.Ordinal) { "created", "updated", "name/given", "name/surname", "name/surname2" };

    private static readonly HashSet<string> Texts = new(StringComparer.Ordinal)
    {
        "uid", "kind", "hasMember", "text", "name", "name/given", "name/surname", "name/surname2", "nickname", "organization", "email", "phone", "onlineService", "address", "note",
    };

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Contacts, "ContactCard/query", QueryAsync);
        table.Add(Capability.Contacts, "ContactCard/queryChanges", call =>
        {
            call.CheckAccount();
            throw ChangesMethod.CannotCalculate();
        });
    }

    private async ValueTask<JsonObject> QueryAsync(MethodCall call)
    {
        call.CheckAccount();
        var filter = FilterTree<Func<JsonObject, bool>>.Read(call.Arguments.Object("filter"), Condition);
        var sort = QueryMethod.Sort(call, Sorts.Contains);
        var window = QueryMethod.ReadWindow(call);
        call.Arguments.End();
        var (state, cards) = await database.ReadAsync(sql => (ContactCards.State(sql, call.AccountId), ContactCards.Of(sql, call.AccountId)), call.Cancellation).ConfigureAwait(false);
        var found = cards.Select(card => (card.Id, Json: (JsonObject)JsonNode.Parse(card.Card)!)).Where(card => filter?.Matches(matches => matches(card.Json)) != false);
        var ordered = found.OrderBy(card => 0);
        foreach (var by in sort)
        {
            var comparer = Comparer<string>.Create((one, other) => QueryMethod.Compare(one, other, by.Collation));
            ordered = by.IsAscending ? ordered.ThenBy(card => Value(card.Json, by.Property), comparer) : ordered.ThenByDescending(card => Value(card.Json, by.Property), comparer);
        }
        return QueryMethod.Answer(call, window, State.Of(state), false, ObjectId.ContactCard, [.. ordered.ThenBy(card => card.Id).Select(card => card.Id)]);
    }

    private static string Value(JsonObject card, string property) => property switch
    {
        "created" or "updated" => CardReader.Text(card[property]) ?? "",
        // A name that is not taken apart sorts by all of it.
        _ => string.Join(' ', Components(card, property[5..])) is { Length: > 0 } part ? part : FullName(card),
    };

    private static Func<JsonObject, bool> Condition(JsonObject json)
    {
        var conditions = new List<Func<JsonObject, bool>>();
        foreach (var (name, node) in json)
        {
            if (name == "inAddressBook") conditions.Add(_ => CardReader.Text(node) == AddressBookMethods.Id);
            else if (name is "createdBefore" or "createdAfter" or "updatedBefore" or "updatedAfter")
            {
                var limit = CardReader.Time(node) ?? throw MethodError.InvalidArguments($"{name} is a date in UTC");
                var property = name[..7];
                conditions.Add(name.EndsWith("Before", StringComparison.Ordinal) ? card => CardReader.Time(card[property]) < limit : card => CardReader.Time(card[property]) >= limit);
            }
            else if (Texts.Contains(name)) conditions.Add(Text(name, CardReader.Text(node) ?? throw MethodError.InvalidArguments($"{name} is a string")));
            else throw new MethodError("unsupportedFilter", $"There is no condition {name}");
        }
        return card => conditions.TrueForAll(condition => condition(card));
    }

    private static Func<JsonObject, bool> Text(string name, string wanted)
    {
        if (name is "uid" or "kind") return card => (CardReader.Text(card[name]) ?? (name == "kind" ? "individual" : null)) == wanted;
        if (name == "hasMember") return card => card["members"] is JsonObject members && members.ContainsKey(wanted);
        var words = wanted.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return card =>
        {
            var text = string.Join('\n', Fields(card, name));
            return words.All(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
        };
    }

    private static IEnumerable<string> Fields(JsonObject card, string name) => name switch
    {
        "name" => [FullName(card)],
        "name/given" or "name/surname" or "name/surname2" => Components(card, name[5..]),
        "nickname" => All(card["nicknames"]),
        "organization" => All(card["organizations"]),
        "email" => All(card["emails"]),
        "phone" => All(card["phones"]),
        "onlineService" => All(card["onlineServices"]),
        "address" => All(card["addresses"]),
        "note" => All(card["notes"]),
        _ => [FullName(card), .. ((string[])["nicknames", "organizations", "emails", "phones", "onlineServices", "addresses", "notes", "titles"]).SelectMany(property => All(card[property]))],
    };

    private static string FullName(JsonObject card) =>
        CardReader.Text(card["name"]?["full"]) is { Length: > 0 } full ? full : string.Join(' ', (card["name"]?["components"] as JsonArray ?? []).Select(part => CardReader.Text(part?["value"])));

    private static IEnumerable<string> Components(JsonObject card, string kind) =>
        (card["name"]?["components"] as JsonArray ?? []).Where(part => CardReader.Text(part?["kind"]) == kind).Select(part => CardReader.Text(part?["value"]) ?? "");

    // Every text below, except the names of types.
    private static IEnumerable<string> All(JsonNode? node) => node switch
    {
        JsonObject map => map.Where(member => member.Key != "@type").SelectMany(member => All(member.Value)),
        JsonArray list => list.SelectMany(All),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => [value.GetValue<string>()],
        _ => [],
    };
}
