using System.Text.Json.Nodes;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;

namespace Sternpost.Jmap.Mail;

/// <summary>Thread/get and /changes (RFC 8621 §3).</summary>
internal sealed class ThreadMethods(MailStore mail, JmapOptions options)
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "id", "emailIds" };

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Mail, "Thread/get", GetAsync);
        table.Add(Capability.Mail, "Thread/changes", ChangesAsync);
    }

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = GetMethod.Ids(call, options);
        var properties = GetMethod.Properties(call, Known);
        call.Arguments.End();
        return await mail.Objects.ReadAsync(
            call.AccountId,
            reader =>
            {
                var wanted = ids?.Select(text => ObjectId.TryRead(ObjectId.Thread, text, out var id) ? id : 0) ?? reader.View.Emails.Select(email => email.ThreadId).Distinct().Take(options.MaxObjectsInGet + 1);
                return GetMethod.Answer(call, State.Of(reader.State(ObjectKind.Thread)), ids, wanted.Where(id => reader.View.Thread(id).Count > 0).Select(id => ToJson(reader.View, id)), properties, options);
            },
            call.Cancellation).ConfigureAwait(false);
    }

    private async ValueTask<JsonObject> ChangesAsync(MethodCall call)
    {
        var (text, since, most) = ChangesMethod.Read(call);
        var changes = await mail.Objects.ReadAsync(call.AccountId, reader => reader.Changes(ObjectKind.Thread, since, most), call.Cancellation).ConfigureAwait(false) ?? throw ChangesMethod.CannotCalculate();
        return ChangesMethod.Answer(call, text, changes.NewState, changes.HasMore, Texts(changes.Created), Texts(changes.Updated), Texts(changes.Destroyed));

        static IEnumerable<string> Texts(IEnumerable<long> ids) => ids.Select(id => ObjectId.Of(ObjectId.Thread, id));
    }

    private static JsonObject ToJson(AccountView view, long id) => new()
    {
        ["id"] = ObjectId.Of(ObjectId.Thread, id),
        ["emailIds"] = ChangesMethod.Texts(view.Thread(id).Select(email => ObjectId.Of(ObjectId.Email, email.Id))),
    };
}
