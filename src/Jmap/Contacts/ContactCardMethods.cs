using System.Text.Json.Nodes;
using Sternpost.Accounts.Contacts;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;
using Sternpost.Storage;

namespace Sternpost.Jmap.Contacts;

/// <summary>ContactCard/get, /changes and /set (RFC 9610 §3).</summary>
internal sealed class ContactCardMethods(MailStore mail, Database database, JmapOptions options, TimeProvider time)
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "id", "addressBookIds" };

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Contacts, "ContactCard/get", GetAsync);
        table.Add(Capability.Contacts, "ContactCard/changes", ChangesAsync);
        table.Add(Capability.Contacts, "ContactCard/set", SetAsync);
    }

    /// <summary>A card as it is told: what is stored, with what is JMAP's own.</summary>
    internal static JsonObject ToJson(ContactCard card)
    {
        var json = (JsonObject)JsonNode.Parse(card.Card)!;
        json["id"] = ObjectId.Of(ObjectId.ContactCard, card.Id);
        json["addressBookIds"] = new JsonObject { [AddressBookMethods.Id] = true };
        return json;
    }

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = GetMethod.Ids(call, options);
        // RFC 9553 §1.7: a card may have properties that this server does not know.
        var properties = GetMethod.Properties(call, Known, name => name.Length is > 0 and < 256);
        call.Arguments.End();
        var (state, cards) = await database.ReadAsync(
            sql => (ContactCards.State(sql, call.AccountId), ids is null
                ? ContactCards.Of(sql, call.AccountId)
                : [.. ids.Select(text => call.TryResolve(ObjectId.ContactCard, text, out var id) ? ContactCards.Find(sql, call.AccountId, id) : null).OfType<ContactCard>()]),
            call.Cancellation).ConfigureAwait(false);
        return GetMethod.Answer(call, State.Of(state), ids, cards.Select(ToJson), properties, options);
    }

    private async ValueTask<JsonObject> ChangesAsync(MethodCall call)
    {
        var (text, since, most) = ChangesMethod.Read(call);
        var changes = await database.ReadAsync(sql => ContactCards.Since(sql, call.AccountId, since), call.Cancellation).ConfigureAwait(false) ?? throw ChangesMethod.CannotCalculate();
        if (changes.Created.Count + changes.Updated.Count + changes.Destroyed.Count > most) throw ChangesMethod.CannotCalculate();
        return ChangesMethod.Answer(call, text, changes.State, false, Texts(changes.Created), Texts(changes.Updated), Texts(changes.Destroyed));

        static IEnumerable<string> Texts(IReadOnlyList<long> ids) => ids.Select(id => ObjectId.Of(ObjectId.ContactCard, id));
    }

    private async ValueTask<JsonObject> SetAsync(MethodCall call)
    {
        var set = SetMethod.Read(call, options);
        call.Arguments.End();
        var now = time.GetUtcNow();
        return await database.WriteAsync(
            sql =>
            {
                var before = ContactCards.State(sql, call.AccountId);
                State.Check(set.IfInState, before);
                foreach (var (creation, item) in set.Create) set.TryCreate(creation, () => Create(sql, call, item, now));
                foreach (var (text, patch) in set.Update)
                {
                    set.TryUpdate(text, () =>
                    {
                        var there = Find(call, sql, text);
                        var stored = (JsonObject)JsonNode.Parse(there.Card)!;
                        var whole = ToJson(there);
                        var patched = Patch.Apply(whole, patch);
                        if (!JsonNode.DeepEquals(patched["id"], whole["id"])) throw SetError.InvalidProperties("The server sets it", "id");
                        patched.Remove("id");
                        var card = CardReader.Read(patched, AddressBookMethods.Id, stored, now);
                        ContactCards.Update(sql, call.AccountId, there with { Card = card.ToJsonString() }, CardReader.Addresses(card));
                        return new JsonObject { ["updated"] = card["updated"]!.DeepClone() };
                    });
                }
                foreach (var text in set.Destroy)
                {
                    set.TryDestroy(text, () =>
                    {
                        if (!call.TryResolve(ObjectId.ContactCard, text, out var id) || !ContactCards.Delete(sql, call.AccountId, id)) throw SetError.NotFound();
                    });
                }
                mail.Objects.Changed(sql, call.AccountId);
                return set.Answer(before, ContactCards.State(sql, call.AccountId));
            },
            call.Cancellation).ConfigureAwait(false);
    }

    private JsonObject Create(Sql sql, MethodCall call, JsonObject item, DateTimeOffset now)
    {
        var card = CardReader.Read(item, AddressBookMethods.Id, null, now);
        var uid = card["uid"]!.GetValue<string>();
        if (ContactCards.HasUid(sql, call.AccountId, uid)) throw SetError.InvalidProperties("Another card has that uid", "uid");
        var made = new ContactCard(database.NextId(), uid, card.ToJsonString());
        if (!ContactCards.TryAdd(sql, call.AccountId, made, CardReader.Addresses(card))) throw new SetError("overQuota", $"An address book has at most {ContactCards.Most} cards");
        var told = ToJson(made);
        return GetMethod.Pick(told, [.. told.Select(property => property.Key).Where(name => name == "id" || !JsonNode.DeepEquals(told[name], item[name]))]);
    }

    private static ContactCard Find(MethodCall call, Sql sql, string text) =>
        call.TryResolve(ObjectId.ContactCard, text, out var id) && ContactCards.Find(sql, call.AccountId, id) is { } found ? found : throw SetError.NotFound();
}
