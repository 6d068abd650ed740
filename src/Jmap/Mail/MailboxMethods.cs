using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;

namespace Sternpost.Jmap.Mail;

/// <summary>Mailbox/get, /changes and /set (RFC 8621 §2).</summary>
internal sealed class MailboxMethods(MailStore mail, JmapOptions options)
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "id", "name", "parentId", "role", "sortOrder", "totalEmails", "unreadEmails", "totalThreads", "unreadThreads", "myRights", "isSubscribed",
    };

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Mail, "Mailbox/get", GetAsync);
        table.Add(Capability.Mail, "Mailbox/changes", ChangesAsync);
        table.Add(Capability.Mail, "Mailbox/set", SetAsync);
    }

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = GetMethod.Ids(call, options);
        var properties = GetMethod.Properties(call, Known);
        call.Arguments.End();
        return await mail.Objects.ReadAsync(
            call.AccountId,
            reader =>
            {
                var mailboxes = new MailboxList(reader);
                return GetMethod.Answer(call, State.Of(reader.State(ObjectKind.Mailbox)), ids, mailboxes.All.Select(mailboxes.ToJson), properties, options);
            },
            call.Cancellation).ConfigureAwait(false);
    }

    private async ValueTask<JsonObject> ChangesAsync(MethodCall call)
    {
        var (text, since, most) = ChangesMethod.Read(call);
        var changes = await mail.Objects.ReadAsync(call.AccountId, reader => reader.Changes(ObjectKind.Mailbox, since, most), call.Cancellation).ConfigureAwait(false) ?? throw ChangesMethod.CannotCalculate();
        var answer = ChangesMethod.Answer(call, text, changes.NewState, changes.HasMore, Texts(changes.Created), Texts(changes.Updated), Texts(changes.Destroyed));
        answer["updatedProperties"] = changes.OnlyCounts ? new JsonArray("totalEmails", "unreadEmails", "totalThreads", "unreadThreads") : null;
        return answer;

        static IEnumerable<string> Texts(IEnumerable<long> ids) => ids.Select(id => ObjectId.Of(ObjectId.Mailbox, id));
    }

    private async ValueTask<JsonObject> SetAsync(MethodCall call)
    {
        var set = SetMethod.Read(call, options);
        var removeEmails = call.Arguments.Flag("onDestroyRemoveEmails");
        call.Arguments.End();
        // The state is asked before anything is removed, and again in the transaction.
        var first = await mail.Objects.ReadAsync(call.AccountId, reader => reader.State(ObjectKind.Mailbox), call.Cancellation).ConfigureAwait(false);
        State.Check(set.IfInState, first);
        if (removeEmails)
        {
            foreach (var text in set.Destroy)
            {
                if (call.TryResolve(ObjectId.Mailbox, text, out var id)) await mail.Objects.ClearAsync(call.AccountId, id, call.Cancellation).ConfigureAwait(false);
            }
        }
        return await mail.Objects.WriteAsync(
            call.AccountId,
            writer =>
            {
                var before = removeEmails ? first : writer.State(ObjectKind.Mailbox);
                if (!removeEmails) State.Check(set.IfInState, before);
                foreach (var (creation, item) in InOrder(set.Create)) set.TryCreate(creation, () => Create(call, writer, item));
                foreach (var (text, patch) in set.Update) set.TryUpdate(text, () => Update(call, writer, text, patch));
                foreach (var text in Deepest(call, set.Destroy)) set.TryDestroy(text, () => Destroy(call, writer, text, removeEmails));
                return set.Answer(before, writer.State(ObjectKind.Mailbox));
            },
            call.Cancellation).ConfigureAwait(false);
    }

    // RFC 8620 §5.3: a new mailbox may lie below another new one, in whatever order they are given.
    private static List<KeyValuePair<string, JsonObject>> InOrder(IReadOnlyList<KeyValuePair<string, JsonObject>> create)
    {
        var left = create.ToList();
        var ordered = new List<KeyValuePair<string, JsonObject>>(left.Count);
        while (left.Count > 0)
        {
            var next = left.FindIndex(item => Parent(item.Value) is not { } parent || !left.Exists(other => "#" + other.Key == parent && other.Key != item.Key));
            if (next < 0) next = 0;
            ordered.Add(left[next]);
            left.RemoveAt(next);
        }
        return ordered;

        static string? Parent(JsonObject item) => item["parentId"] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
    }

    // Children go before their parents, so that a whole tree can be destroyed at once; the ids rise from parent to child more often than not.
    private static IEnumerable<string> Deepest(MethodCall call, IReadOnlyList<string> destroy) =>
        destroy.OrderByDescending(text => call.TryResolve(ObjectId.Mailbox, text, out var id) ? id : 0);

    private static JsonObject Create(MethodCall call, ObjectWriter writer, JsonObject item)
    {
        foreach (var (name, _) in item)
        {
            if (name is not ("name" or "parentId" or "role" or "sortOrder" or "isSubscribed")) throw SetError.InvalidProperties($"The server sets {name}, or does not know it", name);
        }
        if (!item.ContainsKey("name")) throw SetError.InvalidProperties("A mailbox has a name", "name");
        var (outcome, made) = writer.CreateMailbox(Wish(call, item, item.Select(property => property.Key)));
        if (made is null) throw Error(outcome);
        var json = new JsonObject { ["id"] = ObjectId.Of(ObjectId.Mailbox, made.Id) };
        if (!item.ContainsKey("parentId")) json["parentId"] = null;
        if (!item.ContainsKey("role")) json["role"] = null;
        if (!item.ContainsKey("sortOrder")) json["sortOrder"] = made.SortOrder;
        if (!item.ContainsKey("isSubscribed")) json["isSubscribed"] = made.Subscribed;
        foreach (var count in (string[])["totalEmails", "unreadEmails", "totalThreads", "unreadThreads"]) json[count] = 0;
        json["myRights"] = MailboxList.Rights(made.Use);
        return json;
    }

    private static JsonObject? Update(MethodCall call, ObjectWriter writer, string text, JsonObject patch)
    {
        if (!call.TryResolve(ObjectId.Mailbox, text, out var id)) throw SetError.NotFound();
        var names = new List<string>();
        foreach (var (name, value) in patch)
        {
            if (name is "name" or "parentId" or "role" or "sortOrder" or "isSubscribed") names.Add(name);
            else if (name != "id" || value?.GetValueKind() != JsonValueKind.String || value.GetValue<string>() != text) throw SetError.InvalidProperties($"The property {name} cannot be changed", name);
        }
        var outcome = writer.UpdateMailbox(id, Wish(call, patch, names));
        return outcome == MailboxObjectOutcome.Ok ? null : throw Error(outcome);
    }

    private static void Destroy(MethodCall call, ObjectWriter writer, string text, bool removeEmails)
    {
        if (!call.TryResolve(ObjectId.Mailbox, text, out var id)) throw SetError.NotFound();
        var outcome = writer.DestroyMailbox(id, removeEmails);
        if (outcome != MailboxObjectOutcome.Ok) throw Error(outcome);
    }

    private static MailboxWish Wish(MethodCall call, JsonObject item, IEnumerable<string> names)
    {
        var wish = new MailboxWish();
        foreach (var name in names)
        {
            var value = item[name];
            wish = name switch
            {
                "name" => wish with { Name = Text(value) ?? throw SetError.InvalidProperties("A name is a string that is not empty", "name") },
                "parentId" when value is null => wish with { ParentId = 0 },
                "parentId" => wish with { ParentId = Text(value) is { } parent && call.TryResolve(ObjectId.Mailbox, parent, out var id) ? id : throw Error(MailboxObjectOutcome.BadParent) },
                "role" when value is null => wish with { Use = SpecialUse.None },
                "role" => wish with { Use = MailboxList.Use(Text(value)) ?? throw Error(MailboxObjectOutcome.BadUse) },
                "sortOrder" => wish with { SortOrder = value is null ? 0 : Arguments.TryNumber(value, out var order) && order is >= 0 and < int.MaxValue ? order : throw SetError.InvalidProperties("sortOrder is a number from 0 to 2147483646", "sortOrder") },
                _ => wish with { Subscribed = value is null ? false : value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? value.GetValue<bool>() : throw SetError.InvalidProperties("isSubscribed is true or false", "isSubscribed") },
            };
        }
        return wish;
    }

    private static SetError Error(MailboxObjectOutcome outcome) => outcome switch
    {
        MailboxObjectOutcome.NotFound => SetError.NotFound(),
        MailboxObjectOutcome.BadParent => SetError.InvalidProperties("There is no such parent, or it lies below this mailbox", "parentId"),
        MailboxObjectOutcome.BadName => SetError.InvalidProperties("A name has 1 to 255 octets and holds no slash, no control character, and neither * nor %", "name"),
        // RFC 8621 §2: no two siblings have one name.
        MailboxObjectOutcome.NameTaken => new SetError("alreadyExists", "Another mailbox there has this name") { Properties = ["name"] },
        MailboxObjectOutcome.BadUse => SetError.InvalidProperties("Another mailbox has this role, or this server does not give it", "role"),
        MailboxObjectOutcome.HasChild => new SetError("mailboxHasChild", "Other mailboxes lie below it"),
        MailboxObjectOutcome.HasEmail => new SetError("mailboxHasEmail", "Emails are in it; onDestroyRemoveEmails removes them"),
        MailboxObjectOutcome.TooMany => new SetError("overQuota", "The account has as many mailboxes as it may"),
        _ => new SetError("forbidden", "The inbox keeps its name and place, and mailboxes with a role stay"),
    };

    private static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
