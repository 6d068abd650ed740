using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;
using Sternpost.Mailboxes.Searching;

namespace Sternpost.Jmap.Mail;

/// <summary>Email/query and /queryChanges (RFC 8621 §4.4, §4.5).</summary>
internal sealed class EmailQueries(MailStore mail, MailSearch search)
{
    private const int MostKept = 8;

    // The last results of an account, so that paging through a large one sorts it once. Valid for the log's number they were made at.
    private readonly ConditionalWeakTable<AccountView, List<(string Key, long Seq, IReadOnlyList<long> Ids)>> kept = [];

    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Mail, "Email/query", QueryAsync);
        table.Add(Capability.Mail, "Email/queryChanges", QueryChangesAsync);
    }

    private sealed record Question(EmailFilter Filter, List<Comparator> Sort, bool CollapseThreads, string Key)
    {
        internal Dictionary<string, IReadOnlySet<long>> Bodies { get; set; } = [];
    }

    private static Question Read(MethodCall call)
    {
        var collapse = call.Arguments.Flag("collapseThreads");
        return new Question(EmailFilter.Read(call), EmailSorting.Read(call), collapse, $"{call.Arguments.Json["filter"]?.ToJsonString()} {call.Arguments.Json["sort"]?.ToJsonString()} {collapse}");
    }

    private async ValueTask<JsonObject> QueryAsync(MethodCall call)
    {
        call.CheckAccount();
        var (question, window) = (Read(call), QueryMethod.ReadWindow(call));
        call.Arguments.End();
        await SearchAsync(call, question).ConfigureAwait(false);
        return await mail.Objects.ReadAsync(
            call.AccountId,
            reader =>
            {
                var answer = QueryMethod.Answer(call, window, State.Of(reader.State(ObjectKind.Email)), true, ObjectId.Email, Results(reader, question));
                answer["collapseThreads"] = question.CollapseThreads;
                return answer;
            },
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
        await SearchAsync(call, question).ConfigureAwait(false);
        return await mail.Objects.ReadAsync(
            call.AccountId,
            reader =>
            {
                var changes = reader.Changes(ObjectKind.Email, since, int.MaxValue) ?? throw ChangesMethod.CannotCalculate();
                var touched = changes.Updated.Concat(changes.Destroyed).ToHashSet();
                var fresh = changes.Created.ToHashSet();
                // Where threads count, a change of one email may take another out of the results or bring it in.
                if (question.CollapseThreads || question.Filter.LooksAtThreads)
                {
                    var threads = changes.Created.Concat(changes.Updated).Select(id => reader.View.Find(id)?.ThreadId ?? 0).ToHashSet();
                    if (reader.Changes(ObjectKind.Thread, since, int.MaxValue) is { } changed) threads.UnionWith(changed.Updated);
                    foreach (var email in threads.SelectMany(reader.View.Thread))
                    {
                        if (!fresh.Contains(email.Id)) touched.Add(email.Id);
                    }
                }
                var answer = QueryMethod.Changes(call, ObjectId.Email, text, State.Of(changes.NewState), touched, fresh, Results(reader, question), most, upToId, total);
                answer["collapseThreads"] = question.CollapseThreads;
                return answer;
            },
            call.Cancellation).ConfigureAwait(false);
    }

    private async ValueTask SearchAsync(MethodCall call, Question question)
    {
        var bodies = new Dictionary<string, IReadOnlySet<long>>(StringComparer.Ordinal);
        foreach (var term in question.Filter.BodyTerms) bodies[term] = await search.FindAsync(call.AccountId, term, call.Cancellation).ConfigureAwait(false);
        question.Bodies = bodies;
    }

    private IReadOnlyList<long> Results(ObjectReader reader, Question question)
    {
        var results = kept.GetOrCreateValue(reader.View);
        results.RemoveAll(result => result.Seq != reader.View.Seq);
        if (results.Find(result => result.Key == question.Key) is { Ids: { } known }) return known;
        var found = new List<EmailFacts>();
        foreach (var email in reader.View.Emails)
        {
            if (question.Filter.Matches(reader, email, question.Bodies)) found.Add(email);
        }
        EmailSorting.Sort(reader, found, question.Sort);
        if (question.CollapseThreads)
        {
            // RFC 8621 §4.4.3: of each thread the first that the sort brings.
            var threads = new HashSet<long>(found.Count);
            found.RemoveAll(email => !threads.Add(email.ThreadId));
        }
        var ids = found.ConvertAll(email => email.Id);
        // What the body's index knows may grow without the log moving.
        if (question.Bodies.Count > 0) return ids;
        if (results.Count == MostKept) results.RemoveAt(0);
        results.Add((question.Key, reader.View.Seq, ids));
        return ids;
    }
}
