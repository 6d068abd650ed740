using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Mail;

/// <summary>A folder (RFC 8621 §2).</summary>
/// <param name="Depth">How many folders it is below.</param>
public sealed record Mailbox(string Id, string Name, string? ParentId, string? Role, int Total, int Unread, int Threads, int Depth)
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
    private static readonly string?[] Order = ["inbox", "drafts", "sent", "archive", "junk", "trash"];
    private Dictionary<string, Mailbox> byId = [];

    public IReadOnlyList<Mailbox> All { get; private set; } = [];

    public Mailbox? Find(string? id) => id is not null ? byId.GetValueOrDefault(id) : null;

    public Mailbox? OfRole(string role) => All.FirstOrDefault(mailbox => mailbox.Role == role);

    public Mailbox? OfKey(string key) => OfRole(key) ?? Find(key);

    public async Task LoadAsync(JmapConnection connection) =>
        Read(await connection.CallAsync("Mailbox/get", new JsonObject { ["properties"] = new JsonArray("name", "parentId", "role", "sortOrder", "totalEmails", "unreadEmails", "totalThreads") }));

    public void Read(JsonElement answer)
    {
        var found = answer.Items("list").Select(json => (Json: json, Sort: json.Number("sortOrder"), Parent: json.Text("parentId"))).ToList();
        var ordered = new List<Mailbox>(found.Count);
        Add(null, 0);
        All = ordered;
        byId = ordered.ToDictionary(mailbox => mailbox.Id);

        void Add(string? parent, int depth)
        {
            foreach (var (json, _, _) in found.Where(each => each.Parent == parent).OrderBy(each => Rank(each.Json.Text("role"))).ThenBy(each => each.Sort).ThenBy(each => each.Json.Text("name"), StringComparer.OrdinalIgnoreCase))
            {
                var mailbox = new Mailbox(json.Text("id")!, json.Text("name") ?? "", parent, json.Text("role"), (int)json.Number("totalEmails"), (int)json.Number("unreadEmails"), (int)json.Number("totalThreads"), depth);
                ordered.Add(mailbox);
                if (depth < 32) Add(mailbox.Id, depth + 1);
            }
        }
    }

    private static int Rank(string? role) => Array.IndexOf(Order, role) is >= 0 and var rank && role is not null ? rank : Order.Length;
}
