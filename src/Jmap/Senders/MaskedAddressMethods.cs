using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Accounts;
using Sternpost.Accounts.Masked;
using Sternpost.Dns;
using Sternpost.Jmap.Mail;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Jmap.Senders;

/// <summary>
/// MaskedAddress/get, /changes and /set, an extension of this server: addresses that were given to one shop each, who has written to them, and
/// whether they are on. One that mail came to is switched off and not destroyed, so that nobody else gets its mail.
/// </summary>
internal sealed class MaskedAddressMethods(MailStore mail, Database database, MaskedBook book, JmapOptions options, TimeProvider time)
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "id", "email", "shop", "note", "isEnabled", "created", "messages", "lastSender", "lastAt", "isLeaked", "senders" };

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Senders, "MaskedAddress/get", GetAsync);
        table.Add(Capability.Senders, "MaskedAddress/changes", ChangesAsync);
        table.Add(Capability.Senders, "MaskedAddress/set", SetAsync);
    }

    internal static JsonObject ToJson(MaskedAddress masked) => new()
    {
        ["id"] = ObjectId.Of(ObjectId.MaskedAddress, masked.Id),
        ["email"] = masked.Address.ToString(),
        ["shop"] = masked.Shop,
        ["note"] = masked.Note,
        ["isEnabled"] = masked.IsEnabled,
        ["created"] = EmailProperties.Utc(masked.Created),
        ["messages"] = masked.Messages,
        ["lastSender"] = masked.LastSender,
        ["lastAt"] = masked.LastAt is { } last ? EmailProperties.Utc(last) : null,
        ["isLeaked"] = masked.IsLeaked,
        ["senders"] = new JsonObject(masked.Senders.Select(sender => KeyValuePair.Create(sender.Sender, (JsonNode?)new JsonObject
        {
            ["kind"] = Word(sender.Kind),
            ["firstSeen"] = EmailProperties.Utc(sender.FirstSeen),
            ["messages"] = sender.Messages,
        }))),
    };

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = GetMethod.Ids(call, options);
        var properties = GetMethod.Properties(call, Known);
        call.Arguments.End();
        var (state, all) = await database.ReadAsync(sql => Now(sql, call.AccountId), call.Cancellation).ConfigureAwait(false);
        return GetMethod.Answer(call, State.Of(state), ids, all.Select(ToJson), properties, options with { MaxObjectsInGet = MaskedBook.Most });
    }

    private async ValueTask<JsonObject> ChangesAsync(MethodCall call)
    {
        var (text, since, _) = ChangesMethod.Read(call);
        var (state, _) = await database.ReadAsync(sql => Now(sql, call.AccountId), call.Cancellation).ConfigureAwait(false);
        // What came to which address is counted, not written down (RFC 8620 §5.2 lets a server say so).
        return since == state ? ChangesMethod.Answer(call, text, state, false, [], [], []) : throw ChangesMethod.CannotCalculate();
    }

    private async ValueTask<JsonObject> SetAsync(MethodCall call)
    {
        var set = SetMethod.Read(call, options);
        call.Arguments.End();
        return await database.WriteAsync(
            sql =>
            {
                var (before, all) = Now(sql, call.AccountId);
                State.Check(set.IfInState, before);
                foreach (var (creation, item) in set.Create)
                {
                    set.TryCreate(creation, () =>
                    {
                        var masked = Make(sql, call.Account, item);
                        Note(sql, call.AccountId, masked.Id, CountedChange.Created);
                        return ToJson(masked);
                    });
                }
                foreach (var (text, patch) in set.Update)
                {
                    set.TryUpdate(text, () =>
                    {
                        var masked = Find(call, all, text);
                        Change(sql, masked, Patch.Apply(ToJson(masked), patch));
                        Note(sql, call.AccountId, masked.Id, CountedChange.Updated);
                        return null;
                    });
                }
                foreach (var text in set.Destroy)
                {
                    set.TryDestroy(text, () =>
                    {
                        var masked = Find(call, all, text);
                        if (!book.Remove(sql, call.AccountId, masked.Id)) throw new SetError("forbidden", "Mail has come to this address; switch it off instead, and it is refused");
                        Note(sql, call.AccountId, masked.Id, CountedChange.Destroyed);
                    });
                }
                mail.Objects.Changed(sql, call.AccountId);
                return set.Answer(before, Now(sql, call.AccountId).State);
            },
            call.Cancellation).ConfigureAwait(false);
    }

    // What is written here is counted by changes, what comes by messages; both only ever grow, and an address with messages stays.
    private static (long State, List<MaskedAddress> All) Now(Sql sql, long accountId)
    {
        var all = MaskedRows.Of(sql, accountId);
        return (ChangeCounter.State(sql, accountId, CountedKind.MaskedAddress) + all.Sum(masked => masked.Messages), all);
    }

    private static void Note(Sql sql, long accountId, long id, CountedChange what) => ChangeCounter.Note(sql, accountId, CountedKind.MaskedAddress, id, what);

    private static MaskedAddress Find(MethodCall call, List<MaskedAddress> all, string text) =>
        call.TryResolve(ObjectId.MaskedAddress, text, out var id) && all.Find(masked => masked.Id == id) is { } found ? found : throw SetError.NotFound();

    private MaskedAddress Make(Sql sql, Account account, JsonObject item)
    {
        foreach (var (name, _) in item)
        {
            if (name is not ("shop" or "note")) throw SetError.InvalidProperties($"The property {name} cannot be set", name);
        }
        var shop = Text(item, "shop", MaskedBook.MostShop);
        if (shop.Length == 0) throw SetError.InvalidProperties("shop says whom the address is for", "shop");
        try
        {
            return book.Add(sql, account, shop, Text(item, "note", MaskedBook.MostNote));
        }
        catch (DirectoryException reason)
        {
            throw new SetError("overQuota", reason.Message);
        }
    }

    private void Change(Sql sql, MaskedAddress masked, JsonObject changed)
    {
        var before = ToJson(masked);
        foreach (var (name, value) in changed)
        {
            if (name is not ("shop" or "note" or "isEnabled" or "senders") && !JsonNode.DeepEquals(value, before[name])) throw SetError.InvalidProperties($"The property {name} cannot be set", name);
        }
        var (shop, note) = (Text(changed, "shop", MaskedBook.MostShop), Text(changed, "note", MaskedBook.MostNote));
        if (shop.Length == 0) throw SetError.InvalidProperties("shop says whom the address is for", "shop");
        var enabled = changed["isEnabled"] is JsonValue value_ && value_.GetValueKind() is JsonValueKind.True or JsonValueKind.False
            ? changed["isEnabled"]!.GetValue<bool>() : throw SetError.InvalidProperties("isEnabled is true or false", "isEnabled");
        var senders = Senders(masked, changed["senders"] as JsonObject ?? throw SetError.InvalidProperties("senders maps domains to what they are", "senders"));
        if (shop != masked.Shop || note != masked.Note) MaskedBook.Rename(sql, masked.AccountId, masked.Id, shop, note);
        if (enabled != masked.IsEnabled) book.Switch(sql, masked.AccountId, masked.Id, enabled);
        foreach (var (sender, kind) in senders) MaskedRows.SetKind(sql, masked.Id, sender, kind, time.GetUtcNow());
    }

    // Whom the owner names is accepted, or a stranger; who has written stays in the list.
    private static List<(string Sender, MaskedSenderKind Kind)> Senders(MaskedAddress masked, JsonObject changed)
    {
        var changes = new List<(string, MaskedSenderKind)>();
        if (masked.Senders.Any(sender => !changed.ContainsKey(sender.Sender))) throw SetError.InvalidProperties("Who has written to an address stays in its list", "senders");
        foreach (var (name, value) in changed)
        {
            var word = (value as JsonObject)?["kind"] is JsonValue text && text.GetValueKind() == JsonValueKind.String ? text.GetValue<string>() : "";
            var known = masked.Senders.FirstOrDefault(sender => sender.Sender == name);
            if (known is not null && word == Word(known.Kind)) continue;
            if (word is not ("accepted" or "stranger")) throw SetError.InvalidProperties("kind is accepted or stranger", "senders");
            if (known is null)
            {
                if (name.Any(char.IsUpper) || !(name.Contains('@', StringComparison.Ordinal) ? EmailAddress.TryParse(name, out _) : name.Contains('.', StringComparison.Ordinal) && DomainName.TryParse(name, out _)))
                    throw SetError.InvalidProperties("A sender is a domain or a mail address, in lower case", "senders");
                if (masked.Senders.Count + changes.Count >= MaskedRows.MostSenders) throw new SetError("overQuota", $"At most {MaskedRows.MostSenders} senders are kept of an address");
            }
            changes.Add((name, word == "accepted" ? MaskedSenderKind.Accepted : MaskedSenderKind.Stranger));
        }
        return changes;
    }

    private static string Word(MaskedSenderKind kind) => kind switch { MaskedSenderKind.Shop => "shop", MaskedSenderKind.Accepted => "accepted", _ => "stranger" };

    private static string Text(JsonObject item, string name, int most) => item[name] switch
    {
        null => "",
        JsonValue value when value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().Trim() is { } text && text.Length <= most => text,
        _ => throw SetError.InvalidProperties($"{name} is a text of at most {most} characters", name),
    };
}
