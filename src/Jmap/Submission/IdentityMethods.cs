using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Accounts;
using Sternpost.Jmap.Content;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;

namespace Sternpost.Jmap.Submission;

/// <summary>Identity/get, /changes and /set (RFC 8621 §6).</summary>
internal sealed class IdentityMethods(MailStore mail, IdentityStore store, AccountDirectory directory, JmapOptions options)
{
    private const int MostText = 256 * 1024;
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "id", "name", "email", "replyTo", "bcc", "textSignature", "htmlSignature", "mayDelete" };

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Submission, "Identity/get", GetAsync);
        table.Add(Capability.Submission, "Identity/changes", ChangesAsync);
        table.Add(Capability.Submission, "Identity/set", SetAsync);
    }

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = GetMethod.Ids(call, options);
        var properties = GetMethod.Properties(call, Known);
        call.Arguments.End();
        var (state, identities) = await store.OfAsync(call.Account, call.Cancellation).ConfigureAwait(false);
        return GetMethod.Answer(call, State.Of(state), ids, identities.Select(ToJson), properties, options);
    }

    private async ValueTask<JsonObject> ChangesAsync(MethodCall call)
    {
        var (text, since, most) = ChangesMethod.Read(call);
        var changes = await mail.Objects.ReadAsync(call.AccountId, reader => ChangeCounter.Since(reader.Sql, call.AccountId, CountedKind.Identity, since, most), call.Cancellation).ConfigureAwait(false) ?? throw ChangesMethod.CannotCalculate();
        return ChangesMethod.Answer(call, text, changes.NewState, changes.HasMore, Texts(changes.Created), Texts(changes.Updated), Texts(changes.Destroyed));

        static IEnumerable<string> Texts(List<long> ids) => ids.Select(id => ObjectId.Of(ObjectId.Identity, id));
    }

    private async ValueTask<JsonObject> SetAsync(MethodCall call)
    {
        var set = SetMethod.Read(call, options);
        call.Arguments.End();
        var (first, _) = await store.OfAsync(call.Account, call.Cancellation).ConfigureAwait(false);
        State.Check(set.IfInState, first);
        // Whether an address is the account's is the directory's to say, before the transaction.
        var allowed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (_, item) in set.Create)
        {
            if (Text(item, "email") is { } email && EmailAddress.TryParse(email, out var address) && await directory.MaySendAsAsync(call.Account, address, call.Cancellation).ConfigureAwait(false)) allowed.Add(email);
        }
        return await mail.Objects.WriteAsync(
            call.AccountId,
            writer =>
            {
                var sql = writer.Sql;
                var before = ChangeCounter.State(sql, call.AccountId, CountedKind.Identity);
                State.Check(set.IfInState, before);
                foreach (var (creation, item) in set.Create)
                {
                    set.TryCreate(creation, () =>
                    {
                        var email = Text(item, "email") ?? throw SetError.InvalidProperties("An identity has an address", "email");
                        if (!EmailAddress.TryParse(email, out _) && !email.StartsWith("*@", StringComparison.Ordinal)) throw SetError.InvalidProperties("That is no mail address", "email");
                        if (!allowed.Contains(email)) throw new SetError("forbiddenFrom", "The address is not one of the account's");
                        var identity = Read(item, new Identity(store.NewId(), "", email, null, null, "", "", MayDelete: true), isNew: true);
                        if (!IdentityStore.TryAdd(sql, call.AccountId, identity)) throw new SetError("overQuota", "The account has as many identities as it may");
                        var made = ToJson(identity);
                        return GetMethod.Pick(made, [.. Known.Where(name => name is "id" or "mayDelete" || !item.ContainsKey(name))]);
                    });
                }
                foreach (var (text, patch) in set.Update)
                {
                    set.TryUpdate(text, () =>
                    {
                        var identity = Find(call, writer.Sql, text);
                        IdentityStore.Update(sql, call.AccountId, Read(Patch.Apply(ToJson(identity), patch), identity, isNew: false));
                        return null;
                    });
                }
                foreach (var text in set.Destroy)
                {
                    set.TryDestroy(text, () =>
                    {
                        var identity = Find(call, sql, text);
                        if (!identity.MayDelete) throw new SetError("forbidden", "The identity of the account's own address stays");
                        IdentityStore.Delete(sql, call.AccountId, identity.Id);
                    });
                }
                mail.Objects.Changed(sql, call.AccountId);
                return set.Answer(before, ChangeCounter.State(sql, call.AccountId, CountedKind.Identity));
            },
            call.Cancellation).ConfigureAwait(false);
    }

    private static Identity Find(MethodCall call, Storage.Sql sql, string text) =>
        call.TryResolve(ObjectId.Identity, text, out var id) && IdentityStore.Of(sql, call.AccountId).Find(identity => identity.Id == id) is { } found ? found : throw SetError.NotFound();

    private static Identity Read(JsonObject item, Identity before, bool isNew)
    {
        foreach (var (name, value) in item)
        {
            if (!Known.Contains(name)) throw SetError.InvalidProperties($"There is no property {name}", name);
            // RFC 8621 §6: the address is immutable, id and mayDelete the server's.
            if (isNew ? name is "id" or "mayDelete" : !JsonNode.DeepEquals(value, name switch { "id" => ObjectId.Of(ObjectId.Identity, before.Id), "mayDelete" => before.MayDelete, "email" => before.Email, _ => value }))
                throw SetError.InvalidProperties($"The property {name} cannot be set", name);
        }
        return before with
        {
            Name = String(item, "name"),
            ReplyTo = Addresses(item, "replyTo"),
            Bcc = Addresses(item, "bcc"),
            TextSignature = String(item, "textSignature"),
            HtmlSignature = String(item, "htmlSignature"),
        };
    }

    private static string String(JsonObject item, string name) => item[name] switch
    {
        null => "",
        JsonValue value when value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is { Length: <= MostText } text => text,
        _ => throw SetError.InvalidProperties($"{name} is a string that is not too long", name),
    };

    private static string? Addresses(JsonObject item, string name)
    {
        if (item[name] is not { } node) return null;
        if (node is not JsonArray { Count: <= 100 } list) throw SetError.InvalidProperties($"{name} is an array of addresses", name);
        NewEmailReader.AddressList(name, list);
        return list.ToJsonString();
    }

    internal static JsonObject ToJson(Identity identity) => new()
    {
        ["id"] = ObjectId.Of(ObjectId.Identity, identity.Id),
        ["name"] = identity.Name,
        ["email"] = identity.Email,
        ["replyTo"] = identity.ReplyTo is null ? null : JsonNode.Parse(identity.ReplyTo),
        ["bcc"] = identity.Bcc is null ? null : JsonNode.Parse(identity.Bcc),
        ["textSignature"] = identity.TextSignature,
        ["htmlSignature"] = identity.HtmlSignature,
        ["mayDelete"] = identity.MayDelete,
    };

    private static string? Text(JsonObject item, string name) => item[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
