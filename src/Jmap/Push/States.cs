using System.Text.Json.Nodes;
using Sternpost.Accounts.Contacts;
using Sternpost.Accounts.Vacations;
using Sternpost.Jmap.Stores;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;

namespace Sternpost.Jmap.Push;

/// <summary>The states of all types that push tells of (RFC 8620 §7.1), as they stand together in one snapshot.</summary>
internal sealed class States(MailStore mail)
{
    /// <summary>The types, in the order they are told.</summary>
    internal static readonly IReadOnlyList<string> Types = ["ContactCard", "Email", "EmailDelivery", "EmailSubmission", "Identity", "Label", "Mailbox", "Thread", "VacationResponse"];

    internal ValueTask<IReadOnlyDictionary<string, string>> ReadAsync(long accountId, CancellationToken cancellation) => mail.Objects.ReadAsync<IReadOnlyDictionary<string, string>>(
        accountId,
        reader => new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["ContactCard"] = Methods.State.Of(ContactCards.State(reader.Sql, accountId)),
            ["Email"] = Methods.State.Of(reader.State(ObjectKind.Email)),
            // RFC 8621 §1.5: changes only when mail arrives.
            ["EmailDelivery"] = Methods.State.Of(reader.State(ObjectKind.Delivery)),
            ["EmailSubmission"] = Methods.State.Of(ChangeCounter.State(reader.Sql, accountId, CountedKind.Submission)),
            ["Identity"] = Methods.State.Of(ChangeCounter.State(reader.Sql, accountId, CountedKind.Identity)),
            ["Label"] = Methods.State.Of(ChangeCounter.State(reader.Sql, accountId, CountedKind.Label)),
            ["Mailbox"] = Methods.State.Of(reader.State(ObjectKind.Mailbox)),
            ["Thread"] = Methods.State.Of(reader.State(ObjectKind.Thread)),
            ["VacationResponse"] = Methods.State.Of(VacationStore.Read(reader.Sql, accountId).Version),
        },
        cancellation);

    /// <summary>A StateChange object of those that differ and are wanted; null where none is.</summary>
    internal static JsonObject? Change(string accountId, IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now, IReadOnlyCollection<string>? types)
    {
        var changed = new JsonObject();
        foreach (var (type, state) in now)
        {
            if (types?.Contains(type) == false || before.GetValueOrDefault(type) == state) continue;
            changed[type] = state;
        }
        return changed.Count == 0 ? null : new JsonObject { ["@type"] = "StateChange", ["changed"] = new JsonObject { [accountId] = changed } };
    }

    /// <summary>States as one text, for clients to give back when they come again.</summary>
    internal static string Mark(IReadOnlyDictionary<string, string> states) => string.Join(',', states.Select(state => state.Key + "=" + state.Value));

    /// <summary>Reads <see cref="Mark"/>; what is anything else gives no states, so that all count as changed.</summary>
    internal static IReadOnlyDictionary<string, string> Read(string? mark)
    {
        var states = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in (mark is { Length: < 1000 } ? mark : "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (item.IndexOf('=', StringComparison.Ordinal) is > 0 and var at) states[item[..at]] = item[(at + 1)..];
        }
        return states;
    }
}
