using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;

namespace Sternpost.Jmap.Mail;

/// <summary>Mailbox/query and /queryChanges (RFC 8621 §2.3, §2.4).</summary>
internal sealed class MailboxQueries(MailStore mail)
{
    internal void AddTo(MethodTable table)
    {
        table.Add(Capability.Mail, "Mailbox/query", QueryAsync);
        table.Add(Capability.Mail, "Mailbox/queryChanges", QueryChangesAsync);
    }

    private sealed record Question(FilterTree<JsonObject>? Filter, List<Comparator> Sort, bool AsTree, bool FilterAsTree);

    private static Question Read(MethodCall call) => new(
        FilterTree<JsonObject>.Read(call.Arguments.Object("filter"), Condition),
        QueryMethod.Sort(call, property => property is "sortOrder" or "name"),
        call.Arguments.Flag("sortAsTree"),
        call.Arguments.Flag("filterAsTree"));

    private async ValueTask<JsonObject> QueryAsync(MethodCall call)
    {
        call.CheckAccount();
        var (question, window) = (Read(call), QueryMethod.ReadWindow(call));
        call.Arguments.End();
        return await mail.Objects.ReadAsync(
            call.AccountId,
            reader => QueryMethod.Answer(call, window, State.Of(reader.State(ObjectKind.Mailbox)), true, ObjectId.Mailbox, Results(call, question, new MailboxList(reader))),
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
                var changes = reader.Changes(ObjectKind.Mailbox, since, int.MaxValue) ?? throw ChangesMethod.CannotCalculate();
                // A name or an order that changed may move others in a tree with it.
                var all = new MailboxList(reader);
                HashSet<long> touched = changes.Updated.Count > 0 && !changes.OnlyCounts && (question.AsTree || question.FilterAsTree)
                    ? [.. all.All.Select(mailbox => mailbox.Id).Except(changes.Created), .. changes.Destroyed]
                    : changes.OnlyCounts ? [.. changes.Destroyed] : [.. changes.Updated, .. changes.Destroyed];
                return QueryMethod.Changes(call, ObjectId.Mailbox, text, State.Of(changes.NewState), touched, changes.Created.ToHashSet(), Results(call, question, all), most, upToId, total);
            },
            call.Cancellation).ConfigureAwait(false);
    }

    private static List<long> Results(MethodCall call, Question question, MailboxList mailboxes)
    {
        var found = mailboxes.All.Where(mailbox => question.Filter is null || question.Filter.Matches(condition => Matches(call, mailboxes, condition, mailbox))).ToList();
        if (question.FilterAsTree)
        {
            // RFC 8621 §2.3: only what can be reached from the top through what matches.
            var ids = found.Select(mailbox => mailbox.Id).ToHashSet();
            found.RemoveAll(mailbox => Ancestors(mailboxes, mailbox).Any(ancestor => !ids.Contains(ancestor.Id)));
        }
        found.Sort((one, other) => question.AsTree ? CompareAsTree(mailboxes, question.Sort, one, other) : Compare(question.Sort, one, other));
        return found.ConvertAll(mailbox => mailbox.Id);
    }

    private static List<Mailbox> Ancestors(MailboxList mailboxes, Mailbox mailbox)
    {
        var ancestors = new List<Mailbox>();
        for (var parent = mailboxes.Find(mailboxes.ParentOf(mailbox)); parent is not null; parent = mailboxes.Find(mailboxes.ParentOf(parent))) ancestors.Add(parent);
        return ancestors;
    }

    // An ancestor comes before what lies below it; of different branches, the nodes where they part are compared.
    private static int CompareAsTree(MailboxList mailboxes, List<Comparator> sort, Mailbox one, Mailbox other)
    {
        List<Mailbox> left = [.. Enumerable.Reverse(Ancestors(mailboxes, one)), one];
        List<Mailbox> right = [.. Enumerable.Reverse(Ancestors(mailboxes, other)), other];
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (left[i].Id != right[i].Id) return Compare(sort, left[i], right[i]);
        }
        return left.Count.CompareTo(right.Count);
    }

    private static int Compare(List<Comparator> sort, Mailbox one, Mailbox other)
    {
        foreach (var comparator in sort)
        {
            var result = comparator.Property == "sortOrder" ? one.SortOrder.CompareTo(other.SortOrder) : QueryMethod.Compare(MailboxList.NameOf(one), MailboxList.NameOf(other), comparator.Collation);
            if (result != 0) return comparator.IsAscending ? result : -result;
        }
        return one.Id.CompareTo(other.Id);
    }

    private static JsonObject Condition(JsonObject json)
    {
        foreach (var (name, value) in json)
        {
            var kind = value?.GetValueKind() ?? JsonValueKind.Null;
            var isRight = name switch
            {
                "parentId" or "role" => kind is JsonValueKind.Null or JsonValueKind.String,
                "name" => kind == JsonValueKind.String,
                "hasAnyRole" or "isSubscribed" => kind is JsonValueKind.True or JsonValueKind.False,
                _ => throw new MethodError("unsupportedFilter", $"There is no condition {name}"),
            };
            if (!isRight) throw MethodError.InvalidArguments($"The condition {name} has a value of the wrong type");
        }
        return json;
    }

    private static bool Matches(MethodCall call, MailboxList mailboxes, JsonObject condition, Mailbox mailbox)
    {
        foreach (var (name, value) in condition)
        {
            var matches = name switch
            {
                "parentId" when value is null => mailboxes.ParentOf(mailbox) == 0,
                "parentId" => call.TryResolve(ObjectId.Mailbox, value.GetValue<string>(), out var parent) && mailboxes.ParentOf(mailbox) == parent,
                "name" => MailboxList.NameOf(mailbox).Contains(value!.GetValue<string>(), StringComparison.OrdinalIgnoreCase),
                "role" => MailboxList.RoleOf(mailbox) == value?.GetValue<string>(),
                "hasAnyRole" => (mailbox.Use != SpecialUse.None) == value!.GetValue<bool>(),
                _ => mailbox.Subscribed == value!.GetValue<bool>(),
            };
            if (!matches) return false;
        }
        return true;
    }
}
