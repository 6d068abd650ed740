using System.Text.Json;
using Sternpost.Commands;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Operations;

/// <summary>An administrator backs a running server up, loses it, and has it again.</summary>
public sealed class BackupTests
{
    [Fact]
    public async Task A_server_comes_back_from_a_backup_made_while_it_ran()
    {
        Peer.Need("sha256sum");
        // Nobody listens there, so that a message stays in the queue.
        await using var server = await InstalledServer.StartAsync("queue.smarthost = \"127.0.0.1\"\nqueue.smarthost_port = 9\nqueue.smarthost_tls = \"none\"", "clerk@company.example");
        await SendAsync(server, "clerk@company.example", "Small", "Hello.");
        await SendAsync(server, "clerk@company.example", "Large", string.Concat(Enumerable.Repeat("A line of a large message.\r\n", 10_000)));
        await SendAsync(server, "partner@elsewhere.example", "Waits", "Hello.");
        Assert.Equal(0, (await server.CommandAsync("keep;\r\n", "sieve", "put", "clerk@company.example", "rules", "-", "--activate")).ExitCode);
        var before = await ContentsAsync(server);
        Assert.Equal(2, before.Count);

        var target = server.Folder + "-backup";
        var made = await JsonAsync(server, "backup", target);
        Assert.Equal(JsonKeys.ByVerb["backup"].Select(key => key.Key).Order(), Keys(made));
        Assert.Equal(JsonKeys.ByVerb["verify"].Select(key => key.Key).Order(), Keys((await JsonAsync(server, "verify"))[0]));
        Assert.Equal("ok", (await JsonAsync(server, "verify", "--backup", target))[0].GetProperty("level").GetString());
        // The list is one that others can check.
        var sums = await Peer.RunAsync("bash", ["-c", $"cd {target} && sha256sum --check --quiet files.sha256"]);
        Assert.True(sums.ExitCode == 0, sums.Output + sums.Errors);

        Assert.Contains("is not empty", (await server.CommandAsync(null, "restore", target)).Errors);
        Assert.Equal(0, await server.TerminateAsync());
        Directory.Move(server.Folder, server.Folder + "-lost");
        var restored = await JsonAsync(server, "restore", target);
        Assert.Equal(JsonKeys.ByVerb["restore"].Select(key => key.Key).Order(), Keys(restored));
        Assert.Equal(1, restored.GetProperty("held").GetInt32());
        await server.LaunchAsync();
        Assert.Equal(before.Select(message => message.Content), (await ContentsAsync(server)).Select(message => message.Content));
        Assert.All((await JsonAsync(server, "verify")).EnumerateArray(), check => Assert.Equal("ok", check.GetProperty("level").GetString()));
        Assert.Equal("keep;\r\n", (await server.CommandAsync(null, "sieve", "show", "clerk@company.example")).Output);
        Assert.True((await JsonAsync(server, "queue", "list"))[0].GetProperty("recipients")[0].GetProperty("held").GetBoolean());
        await SendAsync(server, "clerk@company.example", "After", "Hello.");
        Assert.True((await ContentsAsync(server))[^1].Uid > before[^1].Uid + 1000);
        Directory.Delete(server.Folder + "-lost", recursive: true);
        Directory.Delete(target, recursive: true);
    }

    private static async Task SendAsync(InstalledServer server, string to, string subject, string text)
    {
        await using var smtp = await RawSmtp.SubmitAsync(server, "clerk@company.example");
        Assert.StartsWith("250", await smtp.SendAsync("clerk@company.example", to, System.Text.Encoding.ASCII.GetBytes($"From: clerk@company.example\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@company.example>\r\n\r\n{text}\r\n")));
    }

    private static async Task<List<(uint Uid, byte[] Content)>> ContentsAsync(InstalledServer server)
    {
        using var client = await Mailbox.OpenAsync(server, "clerk@company.example");
        return await Mailbox.ContentsAsync(client.Inbox!);
    }

    private static async Task<JsonElement> JsonAsync(InstalledServer server, params string[] arguments)
    {
        var outcome = await server.CommandAsync(null, [.. arguments, "--json"]);
        Assert.True(outcome.ExitCode == 0, outcome.Errors + outcome.Output);
        using var json = JsonDocument.Parse(outcome.Output);
        return json.RootElement.Clone();
    }

    private static IEnumerable<string> Keys(JsonElement fact) => fact.EnumerateObject().Select(property => property.Name).Order();
}
