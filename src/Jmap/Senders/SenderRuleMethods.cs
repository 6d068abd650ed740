using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Accounts.Senders;
using Sternpost.Jmap.Mail;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Jmap.Senders;

/// <summary>
/// SenderRule/get, /changes and /set, an extension of this server: whose pictures are shown, who is blocked, which lists were left. A rule is made and
/// taken back, and never changed.
/// </summary>
internal sealed class SenderRuleMethods(MailStore mail, Database database, JmapOptions options, TimeProvider time)
{
    private const int MostName = 200;
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "id", "kind", "subject", "name", "created" };

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Senders, "SenderRule/get", GetAsync);
        table.Add(Capability.Senders, "SenderRule/changes", ChangesAsync);
        table.Add(Capability.Senders, "SenderRule/set", SetAsync);
    }

    /// <summary>Makes a rule in a transaction; one about the same sender stands as it is.</summary>
    internal static SenderRule Make(Sql sql, MailStore mail, long accountId, SenderRule rule)
    {
        if (SenderRules.Find(sql, accountId, rule.Kind, rule.Subject) is { } there) return there;
        if (!SenderRules.Put(sql, accountId, rule)) throw new SetError("overQuota", $"An account has at most {SenderRules.Most} rules about senders");
        ChangeCounter.Note(sql, accountId, CountedKind.SenderRule, rule.Id, CountedChange.Created);
        mail.Objects.Changed(sql, accountId);
        return rule;
    }

    internal static JsonObject ToJson(SenderRule rule) => new()
    {
        ["id"] = ObjectId.Of(ObjectId.SenderRule, rule.Id),
        ["kind"] = Word(rule.Kind),
        ["subject"] = rule.Subject,
        ["name"] = rule.Name,
        ["created"] = EmailProperties.Utc(rule.Created),
    };

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = GetMethod.Ids(call, options);
        var properties = GetMethod.Properties(call, Known);
        call.Arguments.End();
        var (state, rules) = await database.ReadAsync(
            sql => (ChangeCounter.State(sql, call.AccountId, CountedKind.SenderRule), SenderRules.Of(sql, call.AccountId)), call.Cancellation).ConfigureAwait(false);
        return GetMethod.Answer(call, State.Of(state), ids, rules.Select(ToJson), properties, options with { MaxObjectsInGet = SenderRules.Most });
    }

    private async ValueTask<JsonObject> ChangesAsync(MethodCall call)
    {
        var (text, since, most) = ChangesMethod.Read(call);
        var changes = await database.ReadAsync(sql => ChangeCounter.Since(sql, call.AccountId, CountedKind.SenderRule, since, most), call.Cancellation).ConfigureAwait(false) ?? throw ChangesMethod.CannotCalculate();
        return ChangesMethod.Answer(call, text, changes.NewState, changes.HasMore, Texts(changes.Created), Texts(changes.Updated), Texts(changes.Destroyed));

        static IEnumerable<string> Texts(List<long> ids) => ids.Select(id => ObjectId.Of(ObjectId.SenderRule, id));
    }

    private async ValueTask<JsonObject> SetAsync(MethodCall call)
    {
        var set = SetMethod.Read(call, options);
        call.Arguments.End();
        return await database.WriteAsync(
            sql =>
            {
                var before = ChangeCounter.State(sql, call.AccountId, CountedKind.SenderRule);
                State.Check(set.IfInState, before);
                foreach (var (creation, item) in set.Create) set.TryCreate(creation, () => ToJson(Make(sql, mail, call.AccountId, Read(call, item))));
                foreach (var (text, _) in set.Update) set.TryUpdate(text, () => throw SetError.InvalidProperties("A rule about a sender is not changed; destroy it and make another", "subject"));
                foreach (var text in set.Destroy)
                {
                    set.TryDestroy(text, () =>
                    {
                        if (!call.TryResolve(ObjectId.SenderRule, text, out var id) || !SenderRules.Delete(sql, call.AccountId, id)) throw SetError.NotFound();
                        ChangeCounter.Note(sql, call.AccountId, CountedKind.SenderRule, id, CountedChange.Destroyed);
                        mail.Objects.Changed(sql, call.AccountId);
                    });
                }
                return set.Answer(before, ChangeCounter.State(sql, call.AccountId, CountedKind.SenderRule));
            },
            call.Cancellation).ConfigureAwait(false);
    }

    private SenderRule Read(MethodCall call, JsonObject item)
    {
        foreach (var (name, _) in item)
        {
            if (name is not ("kind" or "subject" or "name")) throw SetError.InvalidProperties($"The property {name} cannot be set", name);
        }
        var kind = Text(item, "kind") switch
        {
            "pictures" => SenderRuleKind.Pictures,
            "blocked" => SenderRuleKind.Blocked,
            "listLeft" => SenderRuleKind.ListLeft,
            _ => throw SetError.InvalidProperties("kind is pictures, blocked or listLeft", "kind"),
        };
        var subject = Text(item, "subject")?.Trim().ToLowerInvariant() ?? "";
        var isAddress = EmailAddress.TryParse(subject, out var address);
        var isDomain = !isAddress && subject.Contains('.', StringComparison.Ordinal) && Sternpost.Dns.DomainName.TryParse(subject, out _);
        if (kind == SenderRuleKind.Pictures ? !isAddress : !(isAddress || isDomain || (kind == SenderRuleKind.ListLeft && subject.Length is > 0 and < 256)))
            throw SetError.InvalidProperties(kind == SenderRuleKind.Pictures ? "subject is a mail address" : "subject is a mail address or a domain", "subject");
        // Who works in the same house cannot be shut out by a rule that would never be asked.
        if (kind == SenderRuleKind.Blocked && (address ?? call.Account.Address).Domain == call.Account.Address.Domain && (isAddress || subject == call.Account.Address.Domain.Ascii))
            throw SetError.InvalidProperties("The account's own domain cannot be blocked", "subject");
        var shown = Text(item, "name")?.Trim() ?? "";
        return new SenderRule(database.NextId(), kind, subject, shown.Length > MostName ? shown[..MostName] : shown, time.GetUtcNow());
    }

    private static string Word(SenderRuleKind kind) => kind switch { SenderRuleKind.Pictures => "pictures", SenderRuleKind.Blocked => "blocked", _ => "listLeft" };

    private static string? Text(JsonObject item, string name) => item[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
