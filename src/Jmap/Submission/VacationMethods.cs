using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Accounts.Vacations;
using Sternpost.Jmap.Mail;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;

namespace Sternpost.Jmap.Submission;

/// <summary>VacationResponse/get and /set (RFC 8621 §8): one object, always there.</summary>
internal sealed class VacationMethods(MailStore mail, JmapOptions options)
{
    private const string Singleton = "singleton";
    private const int MostText = 256 * 1024;
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "id", "isEnabled", "fromDate", "toDate", "subject", "textBody", "htmlBody" };

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.VacationResponse, "VacationResponse/get", GetAsync);
        table.Add(Capability.VacationResponse, "VacationResponse/set", SetAsync);
    }

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = GetMethod.Ids(call, options);
        var properties = GetMethod.Properties(call, Known);
        call.Arguments.End();
        var response = await mail.Objects.ReadAsync(call.AccountId, reader => VacationStore.Read(reader.Sql, call.AccountId), call.Cancellation).ConfigureAwait(false);
        return GetMethod.Answer(call, State.Of(response.Version), ids, [ToJson(response)], properties, options);
    }

    private async ValueTask<JsonObject> SetAsync(MethodCall call)
    {
        var set = SetMethod.Read(call, options);
        call.Arguments.End();
        return await mail.Objects.WriteAsync(
            call.AccountId,
            writer =>
            {
                var response = VacationStore.Read(writer.Sql, call.AccountId);
                var before = response.Version;
                State.Check(set.IfInState, before);
                // RFC 8621 §8.2: there is exactly one.
                foreach (var (creation, _) in set.Create) set.TryCreate(creation, () => throw One());
                foreach (var id in set.Destroy) set.TryDestroy(id, () => throw (id == Singleton ? One() : SetError.NotFound()));
                foreach (var (id, patch) in set.Update)
                {
                    try
                    {
                        if (id != Singleton) throw SetError.NotFound();
                        response = VacationStore.Write(writer.Sql, call.AccountId, Read(Patch.Apply(ToJson(response), patch), response));
                        set.Updated[id] = null;
                        mail.Objects.Changed(writer.Sql, call.AccountId);
                    }
                    catch (SetError error)
                    {
                        set.NotUpdated[id] = error;
                    }
                }
                return set.Answer(before, response.Version);
            },
            call.Cancellation).ConfigureAwait(false);
    }

    private static SetError One() => new("singleton", "There is one vacation response, which is changed and neither made nor destroyed");

    private static VacationResponse Read(JsonObject item, VacationResponse before)
    {
        foreach (var (name, value) in item)
        {
            if (!Known.Contains(name) || (name == "id" && !JsonNode.DeepEquals(value, Singleton))) throw SetError.InvalidProperties($"The property {name} cannot be set", name);
        }
        return before with
        {
            IsEnabled = item["isEnabled"] switch
            {
                null => false,
                JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
                _ => throw SetError.InvalidProperties("isEnabled is true or false", "isEnabled"),
            },
            FromDate = Date(item, "fromDate"),
            ToDate = Date(item, "toDate"),
            Subject = Text(item, "subject", 500),
            TextBody = Text(item, "textBody", MostText),
            HtmlBody = Text(item, "htmlBody", MostText),
        };
    }

    private static string? Text(JsonObject item, string name, int most) => item[name] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is var text && text.Length <= most => text,
        _ => throw SetError.InvalidProperties($"{name} is a string that is not too long", name),
    };

    private static DateTimeOffset? Date(JsonObject item, string name) => item[name] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().EndsWith('Z')
            && DateTimeOffset.TryParse(value.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) => date,
        _ => throw SetError.InvalidProperties($"{name} is a date in UTC, such as 2026-01-31T12:00:00Z", name),
    };

    private static JsonObject ToJson(VacationResponse response) => new()
    {
        ["id"] = Singleton,
        ["isEnabled"] = response.IsEnabled,
        ["fromDate"] = response.FromDate is { } from ? EmailProperties.Utc(from) : null,
        ["toDate"] = response.ToDate is { } to ? EmailProperties.Utc(to) : null,
        ["subject"] = response.Subject,
        ["textBody"] = response.TextBody,
        ["htmlBody"] = response.HtmlBody,
    };
}
