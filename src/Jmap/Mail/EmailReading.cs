using System.Text.Json.Nodes;
using Sternpost.Jmap.Blobs;
using Sternpost.Jmap.Content;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;

namespace Sternpost.Jmap.Mail;

/// <summary>Email/get, /changes and /parse (RFC 8621 §4.2, §4.3, §4.9).</summary>
internal sealed class EmailReading(MailStore mail, BlobReader blobs, JmapOptions options)
{
    // Of a large message whose body is not asked for, the beginning holds the header and the words of the preview.
    private const int Beginning = 256 * 1024;

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Mail, "Email/get", GetAsync);
        table.Add(Capability.Mail, "Email/changes", ChangesAsync);
        table.Add(Capability.Mail, "Email/parse", ParseAsync);
    }

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = GetMethod.Ids(call, options);
        var properties = EmailProperties.ForGet(call);
        call.Arguments.End();
        var (state, found) = await mail.Objects.ReadAsync(
            call.AccountId,
            reader =>
            {
                if (ids is null && reader.View.Count > options.MaxObjectsInGet) throw GetMethod.TooMany(options);
                var wanted = ids ?? [.. reader.View.Emails.Select(email => ObjectId.Of(ObjectId.Email, email.Id))];
                var found = new List<(string Id, EmailFacts? Facts, StoredEmail? Stored)>(wanted.Count);
                foreach (var text in wanted)
                {
                    var facts = ObjectId.TryRead(ObjectId.Email, text, out var id) ? reader.View.Find(id) : null;
                    found.Add((text, facts, facts is not null && properties.NeedStructure ? reader.Stored(id) : null));
                }
                return (reader.State(ObjectKind.Email), found);
            },
            call.Cancellation).ConfigureAwait(false);

        var (list, notFound) = (new JsonArray(), new JsonArray());
        foreach (var (text, facts, stored) in found)
        {
            if (facts is null || (properties.NeedStructure && stored is null))
            {
                notFound.Add(text);
                continue;
            }
            // The messages are read one by one, after the snapshot: they never change, and one that has gone meanwhile is not found.
            EmailDocument? document = null;
            if (stored is not null)
            {
                if (await ContentAsync(properties, stored, call.Cancellation).ConfigureAwait(false) is not { } content)
                {
                    notFound.Add(text);
                    continue;
                }
                document = new EmailDocument(content, stored.Structure, stored.PrefixLength);
            }
            list.Add(properties.Render(facts, document, BlobId.OfEmail(facts.Id)));
        }
        var answer = call.Answer();
        answer["state"] = State.Of(state);
        answer["list"] = list;
        answer["notFound"] = notFound;
        return answer;
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ContentAsync(EmailProperties properties, StoredEmail stored, CancellationToken cancellation)
    {
        if (!properties.NeedContent) return ReadOnlyMemory<byte>.Empty;
        if (properties.NeedBody || stored.Size <= Beginning) return await mail.ContentAsync(stored.Id, cancellation).ConfigureAwait(false);
        var most = (int)Math.Min(stored.Size, Math.Max(Beginning, stored.Structure.Root.BodyOffset + stored.PrefixLength + (Beginning / 2)));
        return await mail.ContentAsync(stored.Id, 0, most, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<JsonObject> ChangesAsync(MethodCall call)
    {
        var (text, since, most) = ChangesMethod.Read(call);
        var changes = await mail.Objects.ReadAsync(call.AccountId, reader => reader.Changes(ObjectKind.Email, since, most), call.Cancellation).ConfigureAwait(false) ?? throw ChangesMethod.CannotCalculate();
        return ChangesMethod.Answer(call, text, changes.NewState, changes.HasMore, Texts(changes.Created), Texts(changes.Updated), Texts(changes.Destroyed));

        static IEnumerable<string> Texts(IEnumerable<long> ids) => ids.Select(id => ObjectId.Of(ObjectId.Email, id));
    }

    private async ValueTask<JsonObject> ParseAsync(MethodCall call)
    {
        call.CheckAccount();
        var ids = call.Arguments.Texts("blobIds") ?? throw MethodError.InvalidArguments("The argument blobIds is missing");
        if (ids.Count > options.MaxObjectsInGet) throw GetMethod.TooMany(options);
        var properties = EmailProperties.ForParse(call);
        call.Arguments.End();
        var (parsed, notParsable, notFound) = (new JsonObject(), new JsonArray(), new JsonArray());
        foreach (var text in ids.Distinct(StringComparer.Ordinal))
        {
            var id = call.Resolve(text) ?? text;
            if (await blobs.ReadAsync(call.AccountId, id, call.Cancellation).ConfigureAwait(false) is not { } blob) notFound.Add(text);
            else if (!ImportedMessage.LooksLikeOne(blob.Content.Span)) notParsable.Add(text);
            else parsed[text] = properties.Render(null, EmailDocument.Parse(blob.Content), id);
        }
        var answer = call.Answer();
        answer["parsed"] = parsed.Count == 0 ? null : parsed;
        answer["notParsable"] = notParsable.Count == 0 ? null : notParsable;
        answer["notFound"] = notFound.Count == 0 ? null : notFound;
        return answer;
    }
}
