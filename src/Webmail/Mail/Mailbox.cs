using System.Text.Json;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Mail;

/// <summary>A folder (RFC 8621 §2).</summary>
/// <param name="SortOrder">Its place among those beside it.</param>
/// <param name="Depth">How many folders it is below.</param>
public sealed record Mailbox(string Id, string Name, string? ParentId, string? Role, long SortOrder, int Total, int Unread, int Threads, int Depth)
{
    /// <summary>What the user reads: roles in their language, other names as given.</summary>
    public string Title => Role switch
    {
        "inbox" => Words.Now.Inbox,
        "drafts" => Words.Now.Drafts,
        "sent" => Words.Now.Sent,
        "archive" => Words.Now.Archive,
        "junk" => Words.Now.Junk,
        "trash" => Words.Now.Trash,
        _ => IsSnoozed ? Words.Now.SnoozedFolder : Name,
    };

    /// <summary>Where the server keeps what was put aside; it has no role among those of RFC 8621.</summary>
    public bool IsSnoozed => Role is null && ParentId is null && Name == "Snoozed";

    public string Icon => IsSnoozed ? "clock" : Role switch { "inbox" => "inbox", "drafts" => "draft", "sent" => "sent", "archive" => "archive", "junk" => "junk", "trash" => "trash", _ => "folder" };

    /// <summary>What stands in the address: the role where there is one.</summary>
    public string Key => Role ?? Id;

    public bool CountsUnread => Role is not ("drafts" or "sent" or "trash");
}

/// <summary>All folders, in the order they are shown.</summary>
public sealed class Mailboxes
{
    /// <summary>What to ask for with Mailbox/get.</summary>
    public const string Asked = """{"properties":["name","parentId","role","sortOrder","totalEmails","unreadEmails","totalThreads"]}""";

    private static readonly string?[] Order = ["inbox", "drafts", "sent", "archive", "junk", "trash"];
    private Dictionary<string, Mailbox> byId = [];

    public IReadOnlyList<Mailbox> All { get; private set; } = [];

    public Mailbox? Find(string? id) => id is not null ? byId.GetValueOrDefault(id) : null;

    public Mailbox? OfRole(string role)
    {
        foreach (var mailbox in All)
            if (mailbox.Role == role) return mailbox;
        return null;
    }

    public Mailbox? OfKey(string key) => OfRole(key) ?? Find(key);

    public async Task LoadAsync(JmapConnection connection) => Read((await connection.AskAsync(("Mailbox/get", Asked)))[0]);

    public void Read(JsonElement answer)
    {
        var found = new List<Mailbox>();
        foreach (var json in answer.Items("list"))
            found.Add(new Mailbox(json.Text("id")!, json.Text("name") ?? "", json.Text("parentId"), json.Text("role"), json.Number("sortOrder"), (int)json.Number("totalEmails"), (int)json.Number("unreadEmails"), (int)json.Number("totalThreads"), 0));
        found.Sort(Compare);
        var ordered = new List<Mailbox>(found.Count);
        Add(null, 0);
        All = ordered;
        byId = [];
        foreach (var mailbox in ordered) byId[mailbox.Id] = mailbox;

        void Add(string? parent, int depth)
        {
            foreach (var mailbox in found)
            {
                if (mailbox.ParentId != parent) continue;
                ordered.Add(depth == 0 ? mailbox : mailbox with { Depth = depth });
                if (depth < 32) Add(mailbox.Id, depth + 1);
            }
        }
    }

    private static int Compare(Mailbox one, Mailbox other)
    {
        var order = Rank(one.Role) - Rank(other.Role);
        if (order == 0) order = one.SortOrder.CompareTo(other.SortOrder);
        return order == 0 ? string.Compare(one.Name, other.Name, StringComparison.OrdinalIgnoreCase) : order;
    }

    private static int Rank(string? role) => Array.IndexOf(Order, role) is >= 0 and var rank && role is not null ? rank : Order.Length;
}
