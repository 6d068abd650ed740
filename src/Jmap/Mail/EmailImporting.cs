using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Blobs;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;
using Sternpost.Wire;

namespace Sternpost.Jmap.Mail;

/// <summary>Email/import and /copy (RFC 8621 §4.8, §4.7).</summary>
internal sealed class EmailImporting(MailStore mail, BlobReader blobs, JmapOptions options, TimeProvider time)
{
    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Mail, "Email/import", ImportAsync);
        table.Add(Capability.Mail, "Email/copy", CopyAsync);
    }

    private async ValueTask<JsonObject> ImportAsync(MethodCall call)
    {
        call.CheckAccount();
        var ifInState = call.Arguments.Text("ifInState");
        var emails = call.Arguments.Object("emails") ?? throw MethodError.InvalidArguments("The argument emails is missing");
        call.Arguments.End();
        if (emails.Count > options.MaxObjectsInSet) throw new MethodError("requestTooLarge", $"At most {options.MaxObjectsInSet} emails are imported at once");
        var first = await mail.Objects.ReadAsync(call.AccountId, reader => reader.State(ObjectKind.Email), call.Cancellation).ConfigureAwait(false);
        State.Check(ifInState, first);
        var (ready, failed) = (new Dictionary<string, EmailToAdd>(StringComparer.Ordinal), new Dictionary<string, SetError>(StringComparer.Ordinal));
        foreach (var (creation, node) in emails)
        {
            try
            {
                ready[creation] = await PrepareAsync(call, node as JsonObject ?? throw MethodError.InvalidArguments("The argument emails must map ids to objects")).ConfigureAwait(false);
            }
            catch (SetError error)
            {
                failed[creation] = error;
            }
        }
        var committed = false;
        try
        {
            var answer = await mail.Objects.WriteAsync(
                call.AccountId,
                writer =>
                {
                    var before = writer.State(ObjectKind.Email);
                    State.Check(ifInState, before);
                    var created = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
                    foreach (var (creation, item) in ready)
                    {
                        try
                        {
                            created[creation] = EmailAdding.Add(writer, item);
                            call.Scope.CreatedIds[creation] = created[creation]["id"]!.GetValue<string>();
                        }
                        catch (SetError error)
                        {
                            failed[creation] = error;
                        }
                    }
                    var answer = call.Answer();
                    answer["oldState"] = State.Of(before);
                    answer["newState"] = State.Of(writer.State(ObjectKind.Email));
                    answer["created"] = SetMethod.Map(created, item => item);
                    answer["notCreated"] = SetMethod.Map(failed, error => error.ToJson());
                    return answer;
                },
                call.Cancellation).ConfigureAwait(false);
            committed = true;
            return answer;
        }
        finally
        {
            EmailAdding.Discard(mail, ready.Values, all: !committed);
        }
    }

    private async ValueTask<EmailToAdd> PrepareAsync(MethodCall call, JsonObject item)
    {
        foreach (var (name, _) in item)
        {
            if (name is not ("blobId" or "mailboxIds" or "keywords" or "receivedAt")) throw SetError.InvalidProperties($"There is no property {name}", name);
        }
        var mailboxes = EmailAdding.MailboxIds(call, item["mailboxIds"]);
        var (flags, keywords) = Keywords.Read(item["keywords"]);
        var blobId = item["blobId"] is JsonValue text && text.GetValueKind() == JsonValueKind.String ? call.Resolve(text.GetValue<string>()) : null;
        if (blobId is null || await blobs.ReadAsync(call.AccountId, blobId, call.Cancellation).ConfigureAwait(false) is not { } blob) throw SetError.InvalidProperties("There is no such blob", "blobId");
        if (!ImportedMessage.LooksLikeOne(blob.Content.Span)) throw new SetError("invalidEmail", "The blob is no message as RFC 5322 has it");
        // The store keeps lines as the wire has them.
        var content = CrlfText.Of(blob.Content);
        // RFC 8621 §4.8: by default when its last Received says.
        var received = EmailAdding.ReceivedAt(item["receivedAt"], LastReceived(content) ?? time.GetUtcNow());
        return new EmailToAdd(mailboxes, new NewEmail(ReadOnlyMemory<byte>.Empty, content, flags, keywords, received), mail.Prepare(content));
    }

    private static DateTimeOffset? LastReceived(ReadOnlyMemory<byte> content)
    {
        var header = content.Span.IndexOf("\r\n\r\n"u8) is >= 0 and var end ? content.Span[..(end + 2)] : content.Span;
        var received = Content.HeaderLines.Read(header).Find(line => line.Name.Equals("Received", StringComparison.OrdinalIgnoreCase))?.Unfolded;
        return received?.LastIndexOf(';') is >= 0 and var at && MimeKit.Utils.DateUtils.TryParse(received[(at + 1)..].Trim(), out var date) ? date : null;
    }

    // RFC 8621 §4.7 and RFC 8620 §5.4: from another account; a user of this server has one.
    private static ValueTask<JsonObject> CopyAsync(MethodCall call)
    {
        var from = call.Arguments.RequiredText("fromAccountId");
        call.CheckAccount();
        if (from == call.Scope.AccountId) throw MethodError.InvalidArguments("fromAccountId and accountId must be different accounts");
        throw new MethodError("fromAccountNotFound", "There is no such account, or you may not see it");
    }
}
