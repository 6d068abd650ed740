using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Content;
using Sternpost.Jmap.Mail;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;
using Sternpost.Smtp.Policy.Submission;

namespace Sternpost.Jmap.Submission;

/// <summary>The recipients of a queued message that it still waits for; null where the queue no longer has it.</summary>
public delegate ValueTask<IReadOnlySet<string>?> WaitingRecipients(string queueId, CancellationToken cancellation);

/// <summary>EmailSubmission/get, /changes and /set (RFC 8621 §7).</summary>
internal sealed class SubmissionMethods(MailStore mail, SubmissionStore store, IdentityStore identities, Handover handover, EmailSetMethod emailSet, WaitingRecipients waiting, JmapOptions options, TimeProvider time)
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "id", "identityId", "emailId", "threadId", "envelope", "sendAt", "undoStatus", "deliveryStatus", "dsnBlobIds", "mdnBlobIds" };

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Submission, "EmailSubmission/get", GetAsync);
        table.Add(Capability.Submission, "EmailSubmission/changes", ChangesAsync);
        table.Add(Capability.Submission, "EmailSubmission/set", SetAsync);
    }

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = GetMethod.Ids(call, options);
        var properties = GetMethod.Properties(call, Known);
        call.Arguments.End();
        var (state, items) = await mail.Objects.ReadAsync(
            call.AccountId,
            reader => (ChangeCounter.State(reader.Sql, call.AccountId, CountedKind.Submission), SubmissionStore.Of(reader.Sql, call.AccountId)),
            call.Cancellation).ConfigureAwait(false);
        var wanted = ids is null ? items : items.Where(item => ids.Contains(ObjectId.Of(ObjectId.Submission, item.Id))).ToList();
        var objects = new List<JsonObject>(wanted.Count);
        foreach (var item in wanted) objects.Add(await ToJsonAsync(item, call.Cancellation).ConfigureAwait(false));
        return GetMethod.Answer(call, State.Of(state), ids, objects, properties, options);
    }

    private async ValueTask<JsonObject> ChangesAsync(MethodCall call)
    {
        var (text, since, most) = ChangesMethod.Read(call);
        var changes = await mail.Objects.ReadAsync(call.AccountId, reader => ChangeCounter.Since(reader.Sql, call.AccountId, CountedKind.Submission, since, most), call.Cancellation).ConfigureAwait(false) ?? throw ChangesMethod.CannotCalculate();
        return ChangesMethod.Answer(call, text, changes.NewState, changes.HasMore, Texts(changes.Created), Texts(changes.Updated), Texts(changes.Destroyed));

        static IEnumerable<string> Texts(List<long> ids) => ids.Select(id => ObjectId.Of(ObjectId.Submission, id));
    }

    private async ValueTask<JsonObject> SetAsync(MethodCall call)
    {
        var set = SetMethod.Read(call, options);
        var onUpdate = call.Arguments.Object("onSuccessUpdateEmail");
        var onDestroy = call.Arguments.Texts("onSuccessDestroyEmail");
        call.Arguments.End();
        var before = await StateAsync(call).ConfigureAwait(false);
        State.Check(set.IfInState, before);
        // The email behind each submission that was made or changed, for what is to follow.
        var emails = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (creation, item) in set.Create)
        {
            try
            {
                var (made, emailId) = await CreateAsync(call, item).ConfigureAwait(false);
                set.Made(creation, made);
                emails["#" + creation] = emails[made["id"]!.GetValue<string>()] = emailId;
            }
            catch (SetError error)
            {
                set.NotCreated[creation] = error;
            }
        }
        if (set.Update.Count + set.Destroy.Count > 0)
        {
            await mail.Objects.WriteAsync(
                call.AccountId,
                writer =>
                {
                    foreach (var (text, patch) in set.Update) set.TryUpdate(text, () => Update(call, writer.Sql, text, patch, emails));
                    foreach (var text in set.Destroy)
                    {
                        set.TryDestroy(text, () =>
                        {
                            var item = Find(call, writer.Sql, text);
                            emails[text] = item.EmailId;
                            store.Delete(writer.Sql, call.AccountId, item);
                        });
                    }
                    mail.Objects.Changed(writer.Sql, call.AccountId);
                    return 0;
                },
                call.Cancellation).ConfigureAwait(false);
            handover.Changed();
        }
        Follow(call, emails, onUpdate, onDestroy);
        return set.Answer(before, await StateAsync(call).ConfigureAwait(false));
    }

    private ValueTask<long> StateAsync(MethodCall call) =>
        mail.Objects.ReadAsync(call.AccountId, reader => ChangeCounter.State(reader.Sql, call.AccountId, CountedKind.Submission), call.Cancellation);

    // RFC 8621 §7.5: one Email/set for the emails of all submissions that succeeded.
    private void Follow(MethodCall call, Dictionary<string, long> emails, JsonObject? onUpdate, IReadOnlyList<string>? onDestroy)
    {
        var (update, destroy) = (new JsonObject(), new JsonArray());
        foreach (var (key, patch) in onUpdate ?? [])
        {
            if (emails.TryGetValue(key, out var id) && patch is JsonObject changes) update[ObjectId.Of(ObjectId.Email, id)] = changes.DeepClone();
        }
        foreach (var key in onDestroy ?? [])
        {
            if (emails.TryGetValue(key, out var id)) destroy.Add(ObjectId.Of(ObjectId.Email, id));
        }
        if (update.Count == 0 && destroy.Count == 0) return;
        var arguments = new JsonObject { ["accountId"] = call.Scope.AccountId, ["update"] = update, ["destroy"] = destroy };
        call.Then(async () => ("Email/set", await emailSet.SetAsync(new MethodCall(call.Scope, arguments, call.Cancellation)).ConfigureAwait(false)));
    }

    private async ValueTask<(JsonObject Made, long EmailId)> CreateAsync(MethodCall call, JsonObject item)
    {
        foreach (var (name, value) in item)
        {
            if (name is not ("identityId" or "emailId" or "envelope") && !(name is "undoStatus" or "sendAt" && value is null)) throw SetError.InvalidProperties($"The property {name} cannot be set", name);
        }
        var (_, known) = await identities.OfAsync(call.Account, call.Cancellation).ConfigureAwait(false);
        var identity = call.TryResolve(ObjectId.Identity, Text(item, "identityId"), out var identityId) ? known.Find(one => one.Id == identityId) : null;
        if (identity is null) throw SetError.InvalidProperties("There is no such identity", "identityId");
        if (!call.TryResolve(ObjectId.Email, Text(item, "emailId"), out var emailId)) throw NoEmail();
        var (stored, threadId) = await mail.Objects.ReadAsync(call.AccountId, reader => (reader.Stored(emailId), reader.View.Find(emailId)?.ThreadId), call.Cancellation).ConfigureAwait(false);
        if (stored is null || threadId is null || await mail.ContentAsync(emailId, call.Cancellation).ConfigureAwait(false) is not { } whole) throw NoEmail();
        // What this server put before the message when it came is no part of what is sent.
        var original = whole[stored.PrefixLength..];
        if (original.Length > options.MaxSizeUpload) throw new SetError("tooLarge", "The message is too large to be sent") { Details = new JsonObject { ["maxSize"] = options.MaxSizeUpload } };
        if (item["envelope"] is { } given && given is not JsonObject) throw SetError.InvalidProperties("envelope is an object", "envelope");
        var now = time.GetUtcNow();
        var envelope = SubmissionEnvelope.Read(item["envelope"] as JsonObject, EmailDocument.Parse(original), now, options, handover.Door.MostRecipients);
        var content = SubmissionEnvelope.WithoutBcc(original);
        var submission = new StoredSubmission(store.NewId(), identity.Id, emailId, threadId.Value, envelope.Json.ToJsonString(), envelope.HoldUntil ?? now, SubmissionStage.Final, null, null, null);
        Storage.PreparedBlob? held = null;
        if (envelope.HoldUntil > now)
        {
            // What could not be sent now is not kept for later.
            Check(await handover.Door.CheckAsync(call.Account, call.Scope.AppPassword, call.Scope.Client, envelope.Smtp, content, call.Cancellation).ConfigureAwait(false));
            held = store.Prepare(content);
            submission = submission with { Stage = SubmissionStage.Pending };
        }
        else
        {
            var (outcome, status) = await handover.SendAsync(call.Account, call.Scope.AppPassword, call.Scope.Client, envelope.Smtp, content, call.Cancellation).ConfigureAwait(false);
            Check(outcome);
            submission = submission with { DeliveryStatus = status.ToJsonString(), QueueId = outcome.QueueId };
        }
        // From here on the message is on its way: what is left must be written down, whether or not anybody still waits.
        await mail.Objects.WriteAsync(
            call.AccountId,
            writer =>
            {
                store.Add(writer.Sql, call.AccountId, submission, held);
                mail.Objects.Changed(writer.Sql, call.AccountId);
                return 0;
            },
            CancellationToken.None).ConfigureAwait(false);
        if (held is not null) handover.Changed();
        var made = await ToJsonAsync(submission, call.Cancellation).ConfigureAwait(false);
        made.Remove("identityId");
        made.Remove("emailId");
        if (item["envelope"] is not null) made.Remove("envelope");
        return (made, emailId);
    }

    private JsonObject? Update(MethodCall call, Storage.Sql sql, string text, JsonObject patch, Dictionary<string, long> emails)
    {
        var item = Find(call, sql, text);
        foreach (var (name, value) in patch)
        {
            // RFC 8621 §7: nothing else changes, and only while it waits.
            if (name != "undoStatus" || value?.GetValueKind() != JsonValueKind.String || value.GetValue<string>() is not ("canceled" or "pending" or "final")) throw SetError.InvalidProperties($"The property {name} cannot be set so", name);
            if (value.GetValue<string>() == Word(item.Stage)) continue;
            if (item.Stage != SubmissionStage.Pending || value.GetValue<string>() != "canceled") throw new SetError("cannotUnsend", "The message has left already");
            store.Settle(sql, call.AccountId, item, SubmissionStage.Canceled, null, null);
            emails[text] = item.EmailId;
        }
        return null;
    }

    private static StoredSubmission Find(MethodCall call, Storage.Sql sql, string text) =>
        call.TryResolve(ObjectId.Submission, text, out var id) && SubmissionStore.Find(sql, call.AccountId, id) is { } item ? item : throw SetError.NotFound();

    private static void Check(SubmissionOutcome outcome)
    {
        switch (outcome.Fault)
        {
            case SubmissionFault.None:
                return;
            case SubmissionFault.MailFrom:
                throw new SetError("forbiddenMailFrom", outcome.Reply);
            case SubmissionFault.From:
                throw new SetError("forbiddenFrom", outcome.Reply);
            case SubmissionFault.Message:
                throw new SetError("invalidEmail", outcome.Reply) { Properties = ["from"] };
            case SubmissionFault.Recipients:
                throw new SetError("invalidRecipients", outcome.Reply) { Details = new JsonObject { ["invalidRecipients"] = ChangesMethod.Texts(outcome.Recipients.Select(recipient => recipient.ToString())) } };
            default:
                throw new SetError("forbiddenToSend", outcome.Reply);
        }
    }

    internal async ValueTask<JsonObject> ToJsonAsync(StoredSubmission item, CancellationToken cancellation)
    {
        var status = item.DeliveryStatus is null ? null : JsonNode.Parse(item.DeliveryStatus) as JsonObject;
        // What has left the queue has reached the next server, which says no more (RFC 8621 §7: unknown).
        if (status is not null && item.QueueId is not null && status.Any(recipient => recipient.Value?["delivered"]?.GetValue<string>() == "queued"))
        {
            var still = await waiting(item.QueueId, cancellation).ConfigureAwait(false);
            foreach (var (recipient, one) in status)
            {
                if (one is JsonObject known && known["delivered"]?.GetValue<string>() == "queued" && still?.Contains(recipient) != true) known["delivered"] = "unknown";
            }
        }
        return new JsonObject
        {
            ["id"] = ObjectId.Of(ObjectId.Submission, item.Id),
            ["identityId"] = ObjectId.Of(ObjectId.Identity, item.IdentityId),
            ["emailId"] = ObjectId.Of(ObjectId.Email, item.EmailId),
            ["threadId"] = ObjectId.Of(ObjectId.Thread, item.ThreadId),
            ["envelope"] = JsonNode.Parse(item.Envelope),
            ["sendAt"] = EmailProperties.Utc(item.SendAt),
            ["undoStatus"] = Word(item.Stage),
            ["deliveryStatus"] = status,
            ["dsnBlobIds"] = new JsonArray(),
            ["mdnBlobIds"] = new JsonArray(),
        };
    }

    internal static string Word(SubmissionStage stage) => stage switch
    {
        SubmissionStage.Pending => "pending",
        SubmissionStage.Canceled => "canceled",
        _ => "final",
    };

    private static string Text(JsonObject item, string name) => item[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";

    private static SetError NoEmail() => SetError.InvalidProperties("There is no such email", "emailId");
}
