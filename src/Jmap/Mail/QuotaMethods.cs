using System.Text.Json.Nodes;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;

namespace Sternpost.Jmap.Mail;

/// <summary>The account's quota (RFC 9425): one object where it has one.</summary>
internal sealed class QuotaMethods(MailStore mail, JmapOptions options)
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "id", "resourceType", "used", "hardLimit", "scope", "name", "types", "warnLimit", "softLimit", "description",
    };

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Quota, "Quota/get", GetAsync);
        table.Add(Capability.Quota, "Quota/changes", ChangesAsync);
        table.Add(Capability.Quota, "Quota/query", QueryAsync);
        table.Add(Capability.Quota, "Quota/queryChanges", QueryChangesAsync);
    }

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = GetMethod.Ids(call, options);
        var properties = GetMethod.Properties(call, Known);
        call.Arguments.End();
        var (quota, state) = await ReadAsync(call).ConfigureAwait(false);
        return GetMethod.Answer(call, state, ids, quota is null ? [] : [quota], properties, options);
    }

    private async ValueTask<JsonObject> ChangesAsync(MethodCall call)
    {
        call.CheckAccount();
        var since = call.Arguments.RequiredText("sinceState");
        _ = call.Arguments.Count("maxChanges");
        call.Arguments.End();
        var (quota, state) = await ReadAsync(call).ConfigureAwait(false);
        // The state is what is used and allowed itself: any two that differ lead from one to the other by an update.
        if (quota is null != !since.Contains('-', StringComparison.Ordinal) || !IsState(since)) throw ChangesMethod.CannotCalculate();
        var answer = ChangesMethod.Answer(call, since, 0, false, [], since == state ? [] : ["Q1"], []);
        answer["newState"] = state;
        // RFC 9425 §4.3: null where more than the use has changed.
        answer["updatedProperties"] = since != state && since.Split('-')[0] == state.Split('-')[0] ? new JsonArray("used") : null;
        return answer;
    }

    private async ValueTask<JsonObject> QueryAsync(MethodCall call)
    {
        call.CheckAccount();
        var filter = FilterTree<JsonObject>.Read(call.Arguments.Object("filter"), Condition);
        _ = QueryMethod.Sort(call, property => property is "name" or "used");
        var window = QueryMethod.ReadWindow(call);
        call.Arguments.End();
        var (quota, state) = await ReadAsync(call).ConfigureAwait(false);
        IReadOnlyList<long> results = quota is not null && (filter is null || filter.Matches(condition => Matches(condition, quota))) ? [1] : [];
        return QueryMethod.Answer(call, window, state, false, ObjectId.Quota, results);
    }

    // One object that hardly changes: to ask again costs no more than to be told.
    private static ValueTask<JsonObject> QueryChangesAsync(MethodCall call)
    {
        call.CheckAccount();
        throw ChangesMethod.CannotCalculate();
    }

    private async ValueTask<(JsonObject? Quota, string State)> ReadAsync(MethodCall call)
    {
        var (limit, used) = await mail.Objects.ReadAsync(call.AccountId, reader => reader.Quota(), call.Cancellation).ConfigureAwait(false);
        if (limit == 0) return (null, "0");
        var quota = new JsonObject
        {
            ["id"] = "Q1",
            ["resourceType"] = "octets",
            ["used"] = used,
            ["hardLimit"] = limit,
            ["scope"] = "account",
            ["name"] = call.Account.Address.ToString(),
            ["types"] = new JsonArray("Email"),
            ["warnLimit"] = limit / 10 * 9,
            ["softLimit"] = null,
            ["description"] = "All mail of the account",
        };
        return (quota, $"{limit}-{used}");
    }

    private static bool IsState(string text) => text.Length < 50 && text.Split('-') is { Length: 1 or 2 } parts && parts.All(part => part.Length > 0 && part.All(char.IsAsciiDigit));

    private static JsonObject Condition(JsonObject json)
    {
        foreach (var (name, _) in json)
        {
            if (name is not ("name" or "scope" or "resourceType" or "type")) throw new MethodError("unsupportedFilter", $"There is no condition {name}");
        }
        return json;
    }

    private static bool Matches(JsonObject condition, JsonObject quota) => condition.All(item => item.Key switch
    {
        "name" => quota["name"]!.GetValue<string>().Contains(item.Value?.ToString() ?? "", StringComparison.OrdinalIgnoreCase),
        "type" => item.Value?.ToString() == "Email",
        _ => quota[item.Key]!.GetValue<string>() == item.Value?.ToString(),
    });
}
