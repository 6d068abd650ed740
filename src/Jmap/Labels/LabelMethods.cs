using System.Text.Json.Nodes;
using Sternpost.Jmap.Mail;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;
using Sternpost.Storage;

namespace Sternpost.Jmap.Labels;

/// <summary>
/// Label/get, /changes and /set, an extension of this server: what keywords of the mail are called and their colours. Putting a label on a message is setting
/// its keyword (RFC 8621 §4.1.1), which IMAP programs see and do as well.
/// </summary>
internal sealed class LabelMethods(MailStore mail, Database database, JmapOptions options)
{
    private const int MostName = 60;
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "id", "keyword", "name", "color" };

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Labels, "Label/get", GetAsync);
        table.Add(Capability.Labels, "Label/changes", ChangesAsync);
        table.Add(Capability.Labels, "Label/set", SetAsync);
    }

    private static JsonObject ToJson(Label label) => new() { ["id"] = ObjectId.Of(ObjectId.Label, label.Id), ["keyword"] = label.Keyword, ["name"] = label.Name, ["color"] = label.Color };

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = GetMethod.Ids(call, options);
        var properties = GetMethod.Properties(call, Known);
        call.Arguments.End();
        var (state, labels) = await database.ReadAsync(
            sql => (ChangeCounter.State(sql, call.AccountId, CountedKind.Label), LabelStore.Of(sql, call.AccountId)), call.Cancellation).ConfigureAwait(false);
        return GetMethod.Answer(call, State.Of(state), ids, labels.Select(ToJson), properties, options);
    }

    private async ValueTask<JsonObject> ChangesAsync(MethodCall call)
    {
        var (text, since, most) = ChangesMethod.Read(call);
        var changes = await database.ReadAsync(sql => ChangeCounter.Since(sql, call.AccountId, CountedKind.Label, since, most), call.Cancellation).ConfigureAwait(false) ?? throw ChangesMethod.CannotCalculate();
        return ChangesMethod.Answer(call, text, changes.NewState, changes.HasMore, Texts(changes.Created), Texts(changes.Updated), Texts(changes.Destroyed));

        static IEnumerable<string> Texts(List<long> ids) => ids.Select(id => ObjectId.Of(ObjectId.Label, id));
    }

    private async ValueTask<JsonObject> SetAsync(MethodCall call)
    {
        var set = SetMethod.Read(call, options);
        call.Arguments.End();
        return await database.WriteAsync(
            sql =>
            {
                var before = ChangeCounter.State(sql, call.AccountId, CountedKind.Label);
                State.Check(set.IfInState, before);
                foreach (var (creation, item) in set.Create) set.TryCreate(creation, () => Create(sql, call, item));
                foreach (var (text, patch) in set.Update)
                {
                    set.TryUpdate(text, () =>
                    {
                        Update(sql, call, Find(sql, call, text), patch);
                        return null;
                    });
                }
                foreach (var text in set.Destroy)
                {
                    set.TryDestroy(text, () =>
                    {
                        var label = Find(sql, call, text);
                        LabelStore.Remove(sql, call.AccountId, label);
                        Note(sql, call, label, CountedChange.Destroyed);
                    });
                }
                return set.Answer(before, ChangeCounter.State(sql, call.AccountId, CountedKind.Label));
            },
            call.Cancellation).ConfigureAwait(false);
    }

    private JsonObject Create(Sql sql, MethodCall call, JsonObject item)
    {
        if (item.Select(property => property.Key).FirstOrDefault(name => name is not ("name" or "color" or "keyword")) is { } other) throw SetError.InvalidProperties($"The property {other} cannot be set", other);
        var labels = LabelStore.Of(sql, call.AccountId);
        if (labels.Count >= LabelStore.Most) throw new SetError("overQuota", $"An account has at most {LabelStore.Most} labels");
        var name = Name(item["name"], labels);
        var color = item.ContainsKey("color") ? Color(item["color"]) : (Label.Colors.FirstOrDefault(free => !labels.Exists(label => label.Color == free)) ?? Label.Colors[labels.Count % Label.Colors.Count]);
        // One that every account has, and that was taken away, keeps its keyword: so that it is found again by it.
        var taken = labels.Concat(Label.Standard).Select(label => label.Keyword).ToHashSet(StringComparer.Ordinal);
        if (!item.ContainsKey("keyword")) return Made(new Label(database.NextId(), LabelKeyword.Of(name, taken), name, color));
        var keyword = Keyword(item["keyword"]);
        if (labels.Exists(label => label.Keyword == keyword)) throw SetError.InvalidProperties("There is a label of that keyword already", "keyword");
        return Made(new Label(Label.Standard.FirstOrDefault(label => label.Keyword == keyword)?.Id ?? database.NextId(), keyword, name, color));

        JsonObject Made(Label label)
        {
            LabelStore.Put(sql, call.AccountId, label);
            Note(sql, call, label, CountedChange.Created);
            return ToJson(label);
        }
    }

    private void Update(Sql sql, MethodCall call, Label label, JsonObject patch)
    {
        var whole = Patch.Apply(ToJson(label), patch);
        foreach (var (name, value) in whole)
        {
            if (name is not ("name" or "color") && !JsonNode.DeepEquals(value, ToJson(label)[name])) throw SetError.InvalidProperties(name == "keyword" ? "The keyword of a label stays: messages have it" : $"The property {name} cannot be set", name);
        }
        LabelStore.Put(sql, call.AccountId, label with { Name = Name(whole["name"], [.. LabelStore.Of(sql, call.AccountId).Where(other => other.Id != label.Id)]), Color = Color(whole["color"]) });
        Note(sql, call, label, CountedChange.Updated);
    }

    private void Note(Sql sql, MethodCall call, Label label, CountedChange what)
    {
        ChangeCounter.Note(sql, call.AccountId, CountedKind.Label, label.Id, what);
        mail.Objects.Changed(sql, call.AccountId);
    }

    private static Label Find(Sql sql, MethodCall call, string text) =>
        call.TryResolve(ObjectId.Label, text, out var id) && LabelStore.Of(sql, call.AccountId).Find(label => label.Id == id) is { } found ? found : throw SetError.NotFound();

    private static string Name(JsonNode? node, List<Label> others)
    {
        var name = (Text(node) ?? "").Trim();
        if (name.Length is 0 or > MostName || name.Any(char.IsControl)) throw SetError.InvalidProperties($"A name has 1 to {MostName} characters", "name");
        return others.Exists(label => string.Equals(label.Name, name, StringComparison.OrdinalIgnoreCase)) ? throw SetError.InvalidProperties($"There is a label “{name}” already", "name") : name;
    }

    private static string Color(JsonNode? node) => Text(node) is { } color && Label.Colors.Contains(color) ? color : throw SetError.InvalidProperties("color is one of " + string.Join(", ", Label.Colors), "color");

    // Those with a dollar mean something to every program, but for the five.
    private static string Keyword(JsonNode? node) =>
        Text(node) is { Length: <= 100 } text && Keywords.One(text) is (MessageFlags.None, { } keyword) && (!keyword.StartsWith('$') || Label.Standard.Any(label => label.Keyword == keyword))
            ? keyword
            : throw SetError.InvalidProperties("keyword is one of IMAP's that has no meaning yet", "keyword");

    private static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.String ? value.GetValue<string>() : null;
}
