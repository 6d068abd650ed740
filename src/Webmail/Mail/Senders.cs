using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;

namespace Sternpost.Webmail.Mail;

/// <summary>What the reader has said about a sender: show the pictures, block, or a list that was left.</summary>
public sealed record SenderRule(string Id, string Kind, string Subject, string Name, DateTimeOffset Created)
{
    /// <summary>Kinds, as the server calls them.</summary>
    public const string Pictures = "pictures", Blocked = "blocked", ListLeft = "listLeft";

    public static SenderRule Read(JsonElement json) => new(json.Text("id")!, json.Text("kind") ?? "", json.Text("subject") ?? "", json.Text("name") ?? "", json.Time("created"));
}

/// <summary>The rules about senders, which the server keeps and delivers by.</summary>
public sealed class Senders(JmapConnection connection)
{
    private readonly List<SenderRule> rules = [];

    public IReadOnlyList<SenderRule> Rules => rules;

    public IEnumerable<SenderRule> Of(string kind) => rules.Where(rule => rule.Kind == kind).OrderBy(rule => rule.Subject, StringComparer.Ordinal);

    public async Task LoadAsync()
    {
        var answer = await connection.CallAsync("SenderRule/get", new JsonObject { ["ids"] = null });
        rules.Clear();
        rules.AddRange(answer.Items("list").Select(SenderRule.Read));
    }

    public bool ShowsPicturesOf(Address address) => Has(SenderRule.Pictures, address.Email);

    public bool Has(string kind, string subject) => rules.Exists(rule => rule.Kind == kind && string.Equals(rule.Subject, subject, StringComparison.OrdinalIgnoreCase));

    public async Task<SenderRule> AddAsync(string kind, string subject, string name)
    {
        var answer = await connection.SetAsync("SenderRule/set", new JsonObject { ["create"] = new JsonObject { ["r"] = new JsonObject { ["kind"] = kind, ["subject"] = subject, ["name"] = name } } });
        var rule = SenderRule.Read(answer.GetProperty("created").GetProperty("r"));
        Keep(rule);
        return rule;
    }

    /// <summary>A rule that the server made by itself.</summary>
    public void Keep(SenderRule rule)
    {
        rules.RemoveAll(known => known.Id == rule.Id);
        rules.Add(rule);
    }

    public async Task RemoveAsync(SenderRule rule)
    {
        await connection.SetAsync("SenderRule/set", new JsonObject { ["destroy"] = new JsonArray(rule.Id) });
        rules.RemoveAll(known => known.Id == rule.Id);
    }
}
