using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Blobs;
using Sternpost.Jmap.Content;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;

namespace Sternpost.Jmap.Mail;

/// <summary>Email/set (RFC 8621 §4.6).</summary>
internal sealed class EmailSetMethod(MailStore mail, BlobReader blobs, JmapOptions options, TimeProvider time)
{
    private static readonly HashSet<string> Fixed = new(StringComparer.Ordinal)
    {
        "id", "blobId", "threadId", "size", "receivedAt", "headers", "bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments", "hasAttachment", "preview",
    };

    internal void AddTo(MethodTable table) => table.Add(Capability.Mail, "Email/set", SetAsync);

    internal async ValueTask<JsonObject> SetAsync(MethodCall call)
    {
        var set = SetMethod.Read(call, options);
        call.Arguments.End();
        var first = await mail.Objects.ReadAsync(call.AccountId, reader => reader.State(ObjectKind.Email), call.Cancellation).ConfigureAwait(false);
        State.Check(set.IfInState, first);
        var made = await ComposeAsync(call, set).ConfigureAwait(false);
        var committed = false;
        try
        {
            var answer = await mail.Objects.WriteAsync(
                call.AccountId,
                writer =>
                {
                    var before = writer.State(ObjectKind.Email);
                    State.Check(set.IfInState, before);
                    foreach (var (creation, draft) in made) set.TryCreate(creation, () => EmailAdding.Add(writer, draft));
                    foreach (var (text, patch) in set.Update) set.TryUpdate(text, () => Update(call, writer, text, patch));
                    foreach (var text in set.Destroy) set.TryDestroy(text, () => Destroy(call, writer, text));
                    return set.Answer(before, writer.State(ObjectKind.Email));
                },
                call.Cancellation).ConfigureAwait(false);
            committed = true;
            return answer;
        }
        finally
        {
            EmailAdding.Discard(mail, made.Values, all: !committed);
        }
    }

    // Messages are made before the transaction, which then does only SQL.
    private async ValueTask<Dictionary<string, EmailToAdd>> ComposeAsync(MethodCall call, SetMethod set)
    {
        var made = new Dictionary<string, EmailToAdd>(StringComparer.Ordinal);
        foreach (var (creation, item) in set.Create)
        {
            try
            {
                foreach (var (name, _) in item)
                {
                    if (name is "id" or "blobId" or "threadId" or "size" or "hasAttachment" or "preview") throw SetError.InvalidProperties($"The server sets {name}", name);
                    if (name is not ("mailboxIds" or "keywords" or "receivedAt") && !Fixed.Contains(name) && HeaderProperty.Parse(name) is null) throw SetError.InvalidProperties($"There is no property {name}", name);
                }
                var mailboxes = EmailAdding.MailboxIds(call, item["mailboxIds"]);
                var (flags, keywords) = Keywords.Read(item["keywords"]);
                var received = EmailAdding.ReceivedAt(item["receivedAt"], time.GetUtcNow());
                var composer = new EmailComposer(options.HostName, time, async id => call.Resolve(id) is { } known && await blobs.ReadAsync(call.AccountId, known, call.Cancellation).ConfigureAwait(false) is { } blob ? (ReadOnlyMemory<byte>?)blob.Content : null);
                var content = await composer.ComposeAsync(item).ConfigureAwait(false);
                if (content.Length > options.MaxSizeUpload) throw new SetError("tooLarge", $"A message has at most {options.MaxSizeUpload} octets");
                var email = new NewEmail(ReadOnlyMemory<byte>.Empty, content, flags, keywords, received);
                made[creation] = new EmailToAdd(mailboxes, email, mail.Prepare(content));
            }
            catch (SetError error)
            {
                set.NotCreated[creation] = error;
            }
        }
        return made;
    }

    private static JsonObject? Update(MethodCall call, ObjectWriter writer, string text, JsonObject patch)
    {
        if (!call.TryResolve(ObjectId.Email, text, out var id)) throw SetError.NotFound();
        var (outcome, _, after) = writer.UpdateEmail(Read(call, id, text, patch));
        return outcome == EmailOutcome.Ok && after is not null ? null : throw EmailAdding.Error(outcome);
    }

    private static void Destroy(MethodCall call, ObjectWriter writer, string text)
    {
        if (!call.TryResolve(ObjectId.Email, text, out var id) || !writer.DestroyEmail(id)) throw SetError.NotFound();
    }

    private static EmailUpdate Read(MethodCall call, long id, string text, JsonObject patch)
    {
        var keywords = new List<(FlagOperation, MessageFlags, ImmutableArray<string>)>();
        HashSet<long>? all = null;
        var (into, outOf) = (new HashSet<long>(), new HashSet<long>());
        foreach (var (key, value) in patch)
        {
            var path = key.StartsWith('/') ? key[1..] : key;
            if (path == "keywords")
            {
                var (flags, names) = Keywords.Read(value);
                keywords.Insert(0, (FlagOperation.Replace, flags, names));
            }
            else if (path == "mailboxIds") all = EmailAdding.MailboxIds(call, value);
            else if (path.StartsWith("keywords/", StringComparison.Ordinal))
            {
                if (patch.ContainsKey("keywords")) throw new SetError("invalidPatch", "keywords is patched both whole and in part");
                var (flag, name) = Keywords.One(Unescape(path["keywords/".Length..]));
                keywords.Add((IsSet(value, path) ? FlagOperation.Add : FlagOperation.Remove, flag, name is null ? [] : [name]));
            }
            else if (path.StartsWith("mailboxIds/", StringComparison.Ordinal))
            {
                if (patch.ContainsKey("mailboxIds")) throw new SetError("invalidPatch", "mailboxIds is patched both whole and in part");
                if (!call.TryResolve(ObjectId.Mailbox, Unescape(path["mailboxIds/".Length..]), out var mailbox))
                {
                    // To take an email out of a mailbox that there is not needs nothing.
                    if (!IsSet(value, path)) continue;
                    throw SetError.InvalidProperties("There is no such mailbox", "mailboxIds");
                }
                (IsSet(value, path) ? into : outOf).Add(mailbox);
            }
            else if (path != "id" || value?.GetValueKind() != JsonValueKind.String || value.GetValue<string>() != text) throw SetError.InvalidProperties($"The property {path} of an email cannot be changed", path);
        }
        return new EmailUpdate(id) { Keywords = keywords, Mailboxes = all, Into = into, OutOf = outOf };
    }

    private static bool IsSet(JsonNode? value, string path) => value switch
    {
        null => false,
        JsonValue truth when truth.GetValueKind() == JsonValueKind.True => true,
        _ => throw SetError.InvalidProperties("The value is true, or null to take away", path.Split('/')[0]),
    };

    private static string Unescape(string step) => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}

/// <summary>A message ready to be added.</summary>
internal sealed record EmailToAdd(HashSet<long> MailboxIds, NewEmail Email, PreparedEmail Prepared)
{
    internal bool IsAdded { get; set; }
}

/// <summary>What adding an email shares, however it came to be.</summary>
internal static class EmailAdding
{
    internal static JsonObject Add(ObjectWriter writer, EmailToAdd item)
    {
        var (outcome, made) = writer.AddEmail(item.MailboxIds, item.Email, item.Prepared);
        if (made is null) throw Error(outcome);
        item.IsAdded = true;
        return new JsonObject
        {
            ["id"] = ObjectId.Of(ObjectId.Email, made.Id),
            ["blobId"] = BlobId.OfEmail(made.Id),
            ["threadId"] = ObjectId.Of(ObjectId.Thread, made.ThreadId),
            ["size"] = made.Size,
        };
    }

    /// <summary>Lets go of what was not stored.</summary>
    internal static void Discard(MailStore mail, IEnumerable<EmailToAdd> items, bool all)
    {
        foreach (var item in items)
        {
            if (all || !item.IsAdded) mail.Discard(item.Prepared);
        }
    }

    internal static SetError Error(EmailOutcome outcome) => outcome switch
    {
        EmailOutcome.NotFound => SetError.NotFound(),
        EmailOutcome.OverQuota => new SetError("overQuota", "The account's quota is used up"),
        EmailOutcome.TooManyKeywords => new SetError("tooManyKeywords", "An email has at most 64 keywords"),
        _ => SetError.InvalidProperties("An email is in at least one mailbox, and all of them must be there", "mailboxIds"),
    };

    internal static HashSet<long> MailboxIds(MethodCall call, JsonNode? node)
    {
        if (node is not JsonObject { Count: > 0 } map) throw Error(EmailOutcome.BadMailboxes);
        var ids = new HashSet<long>();
        foreach (var (text, value) in map)
        {
            if (value?.GetValueKind() != JsonValueKind.True || !call.TryResolve(ObjectId.Mailbox, text, out var id)) throw Error(EmailOutcome.BadMailboxes);
            ids.Add(id);
        }
        return ids;
    }

    internal static DateTimeOffset ReceivedAt(JsonNode? node, DateTimeOffset otherwise)
    {
        if (node is null) return otherwise;
        if (node.GetValueKind() == JsonValueKind.String && node.GetValue<string>() is { } text && text.EndsWith('Z')
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
        throw SetError.InvalidProperties("receivedAt is a date in UTC, such as 2026-01-31T12:00:00Z", "receivedAt");
    }
}
