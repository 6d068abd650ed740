using System.Text.Json.Nodes;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;

namespace Sternpost.Jmap.Mail;

/// <summary>The mailboxes of an account as JMAP shows them (RFC 8621 §2): a tree by ids, where IMAP has names with slashes.</summary>
internal sealed class MailboxList
{
    private const char Separator = '/';

    private static readonly (SpecialUse Use, string Role)[] Roles =
    [
        (SpecialUse.Inbox, "inbox"), (SpecialUse.Drafts, "drafts"), (SpecialUse.Sent, "sent"), (SpecialUse.Junk, "junk"), (SpecialUse.Trash, "trash"), (SpecialUse.Archive, "archive"),
    ];

    private readonly Dictionary<string, long> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Mailbox> byId = [];
    private readonly IReadOnlyDictionary<long, MailboxCounts> counts;

    internal MailboxList(ObjectReader reader)
    {
        All = reader.Mailboxes();
        foreach (var mailbox in All)
        {
            byName[mailbox.Name] = mailbox.Id;
            byId[mailbox.Id] = mailbox;
        }
        counts = reader.View.Counts(All.FirstOrDefault(mailbox => mailbox.Use == SpecialUse.Trash)?.Id ?? 0);
    }

    internal IReadOnlyList<Mailbox> All { get; }

    internal Mailbox? Find(long id) => byId.GetValueOrDefault(id);

    internal long ParentOf(Mailbox mailbox) => mailbox.Name.LastIndexOf(Separator) is > 0 and var at ? byName.GetValueOrDefault(mailbox.Name[..at]) : 0;

    internal static string NameOf(Mailbox mailbox) => mailbox.Use == SpecialUse.Inbox ? "Inbox" : mailbox.Name[(mailbox.Name.LastIndexOf(Separator) + 1)..];

    internal static string? RoleOf(Mailbox mailbox) => Array.Find(Roles, role => role.Use == mailbox.Use).Role;

    /// <summary>The use that a role is; null for one that this server does not give.</summary>
    internal static SpecialUse? Use(string? role) => Array.Find(Roles, known => known.Role == role) is { Role: not null } found ? found.Use : null;

    internal JsonObject ToJson(Mailbox mailbox)
    {
        var count = counts.GetValueOrDefault(mailbox.Id);
        return new JsonObject
        {
            ["id"] = ObjectId.Of(ObjectId.Mailbox, mailbox.Id),
            ["name"] = NameOf(mailbox),
            ["parentId"] = ParentOf(mailbox) is > 0 and var parent ? ObjectId.Of(ObjectId.Mailbox, parent) : null,
            ["role"] = RoleOf(mailbox),
            ["sortOrder"] = mailbox.SortOrder,
            ["totalEmails"] = count.Emails,
            ["unreadEmails"] = count.Unread,
            ["totalThreads"] = count.Threads,
            ["unreadThreads"] = count.UnreadThreads,
            ["myRights"] = Rights(mailbox.Use),
            ["isSubscribed"] = mailbox.Subscribed,
        };
    }

    /// <summary>One's own mailboxes allow everything but to take the inbox away from its place, or what has a use from the account.</summary>
    internal static JsonObject Rights(SpecialUse use)
    {
        var rights = new JsonObject();
        foreach (var right in (string[])["mayReadItems", "mayAddItems", "mayRemoveItems", "maySetSeen", "maySetKeywords", "mayCreateChild", "maySubmit"]) rights[right] = true;
        rights["mayRename"] = use != SpecialUse.Inbox;
        rights["mayDelete"] = use == SpecialUse.None;
        return rights;
    }
}
