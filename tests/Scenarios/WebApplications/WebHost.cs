using System.Text.Json;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.WebApplications;

/// <summary>A server and web sites on one computer: folders with scripts, run by the real PHP, whose mail() goes through <c>sternpost sendmail</c>.</summary>
internal sealed class WebHost : IAsyncDisposable
{
    private readonly string place = Path.Combine(Path.GetTempPath(), "sternpost-web-" + Guid.NewGuid().ToString("n")[..12]);
    private readonly Dictionary<string, string> environment = [];

    private WebHost()
    {
        Directory.CreateDirectory(place);
        Configure("sendmail.conf", $"socket = {Socket}\nspool = {Spool}\n");
    }

    public InstalledServer Server { get; private set; } = null!;

    public SmtpSink Sink { get; } = new();

    public string Socket => Path.Combine(place, "sendmail.sock");

    public string Spool => Path.Combine(place, "spool");

    public string Shop => Folder("shop");

    public string Blog => Folder("blog");

    public static async Task<WebHost> StartAsync()
    {
        var host = new WebHost();
        var settings = $"sites.socket = \"{host.Socket}\"\nsites.spool = \"{host.Spool}\"\nqueue.smarthost = \"127.0.0.1\"\nqueue.smarthost_port = {host.Sink.Port}\nqueue.smarthost_tls = \"none\"";
        host.Server = await InstalledServer.StartAsync(settings, "clerk@company.example");
        return host;
    }

    /// <summary>Runs a verb that must succeed.</summary>
    public async Task<string> DoAsync(params string[] arguments)
    {
        var outcome = await Server.CommandAsync(null, arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        return outcome.Output;
    }

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(place, name)).FullName;

    /// <summary>Makes another configuration the one that programs use.</summary>
    public void Configure(string name, string text)
    {
        var path = Path.Combine(place, name);
        File.WriteAllText(path, text);
        environment["STERNPOST_SENDMAIL_CONF"] = path;
    }

    /// <summary>Runs a script with php-cli; answers what it printed.</summary>
    public async Task<string> PhpAsync(string folder, string script, string code)
    {
        var path = Path.Combine(folder, script);
        await File.WriteAllTextAsync(path, "<?php\n" + code + "\n");
        var outcome = await Peer.RunAsync("php", ["-d", $"sendmail_path=dotnet {ServerProcess.Program} sendmail -t -i", script], null, folder, environment);
        return outcome.Output.Trim() + (outcome.Errors.Length > 0 ? "\n" + outcome.Errors : "");
    }

    /// <summary>Runs sendmail itself.</summary>
    public Task<Peer.Outcome> SendmailAsync(string input, params string[] arguments) =>
        Peer.RunAsync("dotnet", [ServerProcess.Program, "sendmail", .. arguments], input, place, environment);

    /// <summary>Another program, with the same surroundings.</summary>
    public Task<Peer.Outcome> RunAsync(string program, params string[] arguments) => Peer.RunAsync(program, arguments, null, place, environment);

    /// <summary>All that trace says of a word; waits until it says something.</summary>
    public async Task<string> TraceAsync(string word, string until)
    {
        var output = "";
        await Wait.UntilAsync(async () => (output = await DoAsync("trace", word)).Contains(until, StringComparison.Ordinal));
        return output;
    }

    public async Task<JsonElement> SiteAsync(string address)
    {
        using var json = JsonDocument.Parse(await DoAsync("site", "show", address, "--json"));
        return json.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Sink.DisposeAsync();
        Directory.Delete(place, recursive: true);
    }
}
