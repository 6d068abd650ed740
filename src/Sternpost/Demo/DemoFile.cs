using System.Text.Json;
using System.Text.Json.Serialization;
using Sternpost.Commands;
using Sternpost.Composition;

namespace Sternpost.Demo;

/// <summary>An account of the demo with its password.</summary>
internal sealed record DemoAccount(string Address, string Password);

/// <summary>The ports that listen.</summary>
internal sealed record DemoPortsFact(int Mx, int Submission, int Submissions, int Imap, int Imaps, int Pop3s, [property: JsonPropertyName("managesieve")] int ManageSieve, int Https)
{
    public static DemoPortsFact Of(DemoPorts ports) =>
        new(ports.Mx, ports.Submission, ports.Submissions, ports.Imap, ports.Imaps, ports.Pop3s, ports.ManageSieve, ports.Https);
}

/// <summary>DIR/demo.json: what scripts need to talk to the demo. Holds passwords, so it is for its owner alone.</summary>
internal sealed record DemoFile(string Domain, IReadOnlyList<DemoAccount> Accounts, DemoPortsFact Ports, string Ca, string Web)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static string PathIn(string folder) => Path.Combine(folder, "demo.json");

    /// <summary>The passwords of an earlier start, or none.</summary>
    public static IReadOnlyDictionary<string, string> EarlierPasswords(string folder)
    {
        if (!File.Exists(PathIn(folder))) return new Dictionary<string, string>();
        var earlier = JsonSerializer.Deserialize<DemoFile>(File.ReadAllText(PathIn(folder)), Options);
        return earlier?.Accounts.ToDictionary(account => account.Address, account => account.Password) ?? [];
    }

    /// <summary>Writes the file whole, by renaming, so that who waits for it never reads half of it.</summary>
    public void Write(string folder) => PrivateFile.Write(PathIn(folder), Facts.Json(this) + "\n");
}
