using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Webmail.Jmap;

namespace Sternpost.Webmail.Mail;

/// <summary>Who has written to a masked address: the shop, somebody the reader accepted, or a stranger.</summary>
public sealed record MaskedSender(string Name, string Kind)
{
    public bool IsStranger => Kind == "stranger";

    /// <summary>Whether a message's author is this sender: of its domain, or at exactly its address.</summary>
    public bool Is(string author)
    {
        var domain = author[(author.LastIndexOf('@') + 1)..];
        return string.Equals(Name, author, StringComparison.OrdinalIgnoreCase) || string.Equals(Name, domain, StringComparison.OrdinalIgnoreCase) || domain.EndsWith("." + Name, StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>An address that the reader gave to one shop alone.</summary>
public sealed record MaskedAddress(string Id, string Email, string Shop, string Note, bool IsEnabled, DateTimeOffset Created, int Messages, string LastSender, DateTimeOffset LastAt, IReadOnlyList<MaskedSender> Senders)
{
    public IEnumerable<MaskedSender> Strangers => Senders.Where(sender => sender.IsStranger);

    public static MaskedAddress Read(JsonElement json) => new(
        json.Text("id")!, json.Text("email") ?? "", json.Text("shop") ?? "", json.Text("note") ?? "", json.Flag("isEnabled"), json.Time("created"), (int)json.Number("messages"), json.Text("lastSender") ?? "", json.Time("lastAt"),
        json.Member("senders", out var senders) ? [.. senders.EnumerateObject().Select(sender => new MaskedSender(sender.Name, sender.Value.Text("kind") ?? ""))] : []);
}

/// <summary>The masked addresses, which the server keeps and delivers by.</summary>
public sealed class MaskedAddresses(JmapConnection connection)
{
    public IReadOnlyList<MaskedAddress> All { get; private set; } = [];

    public bool IsLoaded { get; private set; }

    public MaskedAddress? Find(string? email) => email is null ? null : All.FirstOrDefault(masked => string.Equals(masked.Email, email, StringComparison.OrdinalIgnoreCase));

    public async Task LoadAsync()
    {
        var answer = await connection.CallAsync("MaskedAddress/get", new JsonObject { ["ids"] = null });
        All = [.. answer.Items("list").Select(MaskedAddress.Read)];
        IsLoaded = true;
    }

    public async Task<MaskedAddress> AddAsync(string shop, string note)
    {
        var answer = await connection.SetAsync("MaskedAddress/set", new JsonObject { ["create"] = new JsonObject { ["m"] = new JsonObject { ["shop"] = shop, ["note"] = note } } });
        var made = MaskedAddress.Read(answer.GetProperty("created").GetProperty("m"));
        All = [made, .. All.Where(known => known.Id != made.Id)];
        return made;
    }

    public Task SwitchAsync(MaskedAddress masked, bool enabled) => ChangeAsync(masked, new JsonObject { ["isEnabled"] = enabled });

    /// <summary>Says that a sender belongs to the shop after all, or that he does not.</summary>
    public Task SetSenderAsync(MaskedAddress masked, string sender, bool belongs) =>
        ChangeAsync(masked, new JsonObject { ["senders/" + sender.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)] = new JsonObject { ["kind"] = belongs ? "accepted" : "stranger" } });

    public async Task RemoveAsync(MaskedAddress masked)
    {
        await connection.SetAsync("MaskedAddress/set", new JsonObject { ["destroy"] = new JsonArray(masked.Id) });
        All = [.. All.Where(known => known.Id != masked.Id)];
    }

    private async Task ChangeAsync(MaskedAddress masked, JsonObject patch)
    {
        await connection.SetAsync("MaskedAddress/set", new JsonObject { ["update"] = new JsonObject { [masked.Id] = patch } });
        await LoadAsync();
    }
}
