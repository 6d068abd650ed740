using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;
using Sternpost.Messages.Content;

namespace Sternpost.Jmap.Submission;

/// <summary>EmailSubmission/query and /queryChanges (RFC 8621 §7.3, §7.4).</summary>
internal sealed class SubmissionQueries(MailStore mail)
{
    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Submission, "EmailSubmission/query", QueryAsync);
        table.Add(Capability.Submission, "EmailSubmission/queryChanges", QueryChangesAsync);
    }

    private sealed record Question(FilterTree<JsonObject>? Filter, List<Comparator> Sort);

    private static Question Read(MethodCall call) => new(
        FilterTree<JsonObject>.Read(call.Arguments.Object("filter"), Condition), QueryMethod.Sort(call, property => property is "emailId" or "threadId" or "sentAt" or "sendAt"));

    private async ValueTask<JsonObject> QueryAsync(MethodCall call)
    {
        call.CheckAccount();
        var (question, window) = (Read(call), QueryMethod.ReadWindow(call));
        call.Arguments.End();
        return await mail.Objects.ReadAsync(
            call.AccountId,
            reader => QueryMethod.Answer(call, window, State.Of(ChangeCounter.State(reader.Sql, call.AccountId, CountedKind.Submission)), true, ObjectId.Submission, Results(call, question, reader)),
            call.Cancellation).ConfigureAwait(false);
    }

    private async ValueTask<JsonObject> QueryChangesAsync(MethodCall call)
    {
        call.CheckAccount();
        var question = Read(call);
        var text = call.Arguments.RequiredText("sinceQueryState");
        var (most, upToId, total) = (call.Arguments.Count("maxChanges"), call.Arguments.Text("upToId"), call.Arguments.Flag("calculateTotal"));
        call.Arguments.End();
        var since = State.Read(text) ?? throw ChangesMethod.CannotCalculate();
        return await mail.Objects.ReadAsync(
            call.AccountId,
            reader =>
            {
                var changes = ChangeCounter.Since(reader.Sql, call.AccountId, CountedKind.Submission, since, int.MaxValue) ?? throw ChangesMethod.CannotCalculate();
                return QueryMethod.Changes(
                    call, ObjectId.Submission, text, State.Of(changes.NewState), changes.Updated.Concat(changes.Destroyed).ToHashSet(), changes.Created.ToHashSet(), Results(call, question, reader), most, upToId, total);
            },
            call.Cancellation).ConfigureAwait(false);
    }

    private static List<long> Results(MethodCall call, Question question, ObjectReader reader)
    {
        var found = SubmissionStore.Of(reader.Sql, call.AccountId).Where(item => question.Filter is null || question.Filter.Matches(condition => Matches(call, condition, item))).ToList();
        var sent = question.Sort.Exists(comparator => comparator.Property == "sentAt")
            ? found.ToDictionary(item => item.Id, item => reader.Stored(item.EmailId) is { } email && SentDates.Of(email.Structure.Envelope) is { } date ? date : item.SendAt)
            : [];
        found.Sort((one, other) =>
        {
            foreach (var comparator in question.Sort)
            {
                var result = comparator.Property switch
                {
                    "emailId" => one.EmailId.CompareTo(other.EmailId),
                    "threadId" => one.ThreadId.CompareTo(other.ThreadId),
                    "sendAt" => one.SendAt.CompareTo(other.SendAt),
                    _ => sent[one.Id].CompareTo(sent[other.Id]),
                };
                if (result != 0) return comparator.IsAscending ? result : -result;
            }
            return one.Id.CompareTo(other.Id);
        });
        return found.ConvertAll(item => item.Id);
    }

    private static JsonObject Condition(JsonObject json)
    {
        foreach (var (name, value) in json)
        {
            var isRight = name switch
            {
                "identityIds" or "emailIds" or "threadIds" => value is JsonArray ids && ids.All(id => id?.GetValueKind() == JsonValueKind.String),
                "undoStatus" => value?.GetValueKind() == JsonValueKind.String,
                "before" or "after" => value?.GetValueKind() == JsonValueKind.String && DateTimeOffset.TryParse(value.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
                _ => throw new MethodError("unsupportedFilter", $"There is no condition {name}"),
            };
            if (!isRight) throw MethodError.InvalidArguments($"The condition {name} has a value of the wrong type");
        }
        return json;
    }

    private static bool Matches(MethodCall call, JsonObject condition, StoredSubmission item)
    {
        foreach (var (name, value) in condition)
        {
            var matches = name switch
            {
                "identityIds" => Among(ObjectId.Identity, item.IdentityId),
                "emailIds" => Among(ObjectId.Email, item.EmailId),
                "threadIds" => Among(ObjectId.Thread, item.ThreadId),
                "undoStatus" => SubmissionMethods.Word(item.Stage) == value!.GetValue<string>(),
                "before" => item.SendAt < Time(value!),
                _ => item.SendAt >= Time(value!),
            };
            if (!matches) return false;

            bool Among(char kind, long id) => value!.AsArray().Any(text => call.TryResolve(kind, text!.GetValue<string>(), out var one) && one == id);
        }
        return true;
    }

    private static DateTimeOffset Time(JsonNode value) => DateTimeOffset.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
