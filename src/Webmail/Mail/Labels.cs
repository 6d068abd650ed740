using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;
using Sternpost.Webmail.Text;

namespace Sternpost.Webmail.Mail;

/// <summary>A label: what a keyword of the mail is called, and its colour.</summary>
public sealed record Label(string Id, string Keyword, string Name, string Color)
{
    /// <summary>The colours, as the server calls them.</summary>
    public static readonly IReadOnlyList<string> Colors = ["red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown", "grey"];

    /// <summary>The class by which the style sheet draws it.</summary>
    public string Css => "hue-" + Color;

    /// <summary>Its place in the address.</summary>
    public string Path => new Place("label", Keyword, "", null).Path;

    public static Label Read(JsonElement json) => new(json.Text("id")!, json.Text("keyword") ?? "", json.Text("name") ?? "", json.Text("color") ?? "grey");
}

/// <summary>The account's labels, which the server keeps; messages have them as keywords.</summary>
public sealed class Labels(JmapConnection connection)
{
    /// <summary>What to ask for with Label/get.</summary>
    public const string Asked = """{"ids":null}""";

    private Dictionary<string, Label> byKeyword = [];

    /// <summary>By name.</summary>
    public IReadOnlyList<Label> All { get; private set; } = [];

    public Label? Find(string keyword) => byKeyword.GetValueOrDefault(keyword);

    /// <summary>The one that somebody means who types this: its name, or its keyword; words may be joined.</summary>
    public Label? OfName(string text) => All.FirstOrDefault(label => Same(label.Name, text)) ?? Find(text.ToLowerInvariant()) ?? All.FirstOrDefault(label => Same(label.Name.Replace(' ', '-'), text) || Same(label.Name.Replace(' ', '_'), text));

    /// <summary>Those that any of some emails has.</summary>
    public IEnumerable<Label> Of(IReadOnlyList<Email> emails)
    {
        if (byKeyword.Count == 0) yield break;
        foreach (var label in All)
        {
            foreach (var email in emails)
            {
                if (!email.Keywords.Contains(label.Keyword)) continue;
                yield return label;
                break;
            }
        }
    }

    public async Task LoadAsync() => Read((await connection.AskAsync(("Label/get", Asked)))[0]);

    public void Read(JsonElement answer)
    {
        var labels = new List<Label>();
        foreach (var json in answer.Items("list")) labels.Add(Label.Read(json));
        Read(labels);
    }

    public async Task<Label> AddAsync(string name, string? color, string? keyword = null)
    {
        var wanted = new JsonObject { ["name"] = name };
        if (color is not null) wanted["color"] = color;
        if (!string.IsNullOrWhiteSpace(keyword)) wanted["keyword"] = keyword.Trim();
        var answer = await connection.SetAsync("Label/set", new JsonObject { ["create"] = new JsonObject { ["l"] = wanted } });
        var label = Label.Read(answer.GetProperty("created").GetProperty("l"));
        // The server may have told of it before it answered.
        Read([.. All.Where(known => known.Id != label.Id), label]);
        return label;
    }

    public async Task ChangeAsync(Label label, string name, string color)
    {
        await connection.SetAsync("Label/set", new JsonObject { ["update"] = new JsonObject { [label.Id] = new JsonObject { ["name"] = name, ["color"] = color } } });
        Read([.. All.Select(known => known.Id == label.Id ? known with { Name = name, Color = color } : known)]);
    }

    /// <summary>Takes the label off everything, and then away. What breaks off is gone on with when it is asked for again.</summary>
    public async Task RemoveAsync(Label label)
    {
        while (true)
        {
            var found = (await connection.CallAsync("Email/query", new JsonObject { ["filter"] = new JsonObject { ["hasKeyword"] = label.Keyword }, ["limit"] = Actions.MostInSet })).Texts("ids");
            if (found.Count == 0) break;
            var update = new JsonObject();
            foreach (var id in found) update[id] = new JsonObject { [Actions.KeywordPath(label.Keyword)] = null };
            await connection.SetAsync("Email/set", new JsonObject { ["update"] = update });
        }
        await connection.SetAsync("Label/set", new JsonObject { ["destroy"] = new JsonArray(label.Id) });
        Read([.. All.Where(known => known.Id != label.Id)]);
    }

    private void Read(List<Label> labels)
    {
        labels.Sort((one, other) => string.Compare(one.Name, other.Name, StringComparison.OrdinalIgnoreCase));
        All = labels;
        byKeyword = [];
        foreach (var label in labels) byKeyword[label.Keyword] = label;
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
