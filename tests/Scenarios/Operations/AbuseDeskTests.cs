using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Operations;

/// <summary>Somebody complains of what a user sent, and the administrator is told whose it was.</summary>
public sealed class AbuseDeskTests
{
    [Fact]
    public async Task A_complaint_without_names_is_matched_to_the_message_and_its_account()
    {
        await using var sink = new SmtpSink();
        await using var server = await InstalledServer.StartAsync($"queue.smarthost = \"127.0.0.1\"\nqueue.smarthost_port = {sink.Port}\nqueue.smarthost_tls = \"none\"", "clerk@company.example");
        await using (var smtp = await RawSmtp.SubmitAsync(server, "clerk@company.example"))
        {
            Assert.StartsWith("250", await smtp.SendAsync("clerk@company.example", "partner@elsewhere.example", "From: clerk@company.example\r\nTo: partner@elsewhere.example\r\nSubject: Buy now\r\nMessage-ID: <buy@company.example>\r\n\r\nHello.\r\n"u8.ToArray()));
        }
        var sent = Assert.Single(await sink.WaitAsync(1));
        // As a feedback loop returns it: without Message-ID and recipient.
        var header = string.Join("\r\n", sent.Content.Split("\r\n\r\n")[0].Split("\r\n").Where(line => !line.StartsWith("Message-ID", StringComparison.Ordinal) && !line.StartsWith("To:", StringComparison.Ordinal)));
        var report = $"From: loop@receiver.example\r\nTo: abuse@company.example\r\nSubject: complaint\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\nMessage-ID: <r1@receiver.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\r\n\r\n"
            + "--b\r\nContent-Type: text/plain\r\n\r\nThis is a report of abuse.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Loop/1\r\nVersion: 1\r\n\r\n"
            + $"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{header}\r\n\r\n--b--\r\n";
        await using (var smtp = await RawSmtp.ConnectAsync(server.Ports["mx"]))
        {
            Assert.StartsWith("250", await smtp.SendAsync("loop@receiver.example", "abuse@company.example", Encoding.Latin1.GetBytes(report)));
        }
        using var list = JsonDocument.Parse((await server.CommandAsync(null, "abuse", "list", "--json")).Output);
        var kept = Assert.Single(list.RootElement.EnumerateArray());
        Assert.Equal("clerk@company.example", kept.GetProperty("account").GetString());
        Assert.Equal("buy@company.example", kept.GetProperty("messageId").GetString());
        Assert.Equal("arf", kept.GetProperty("kind").GetString());
        var id = kept.GetProperty("id").GetString()!;
        var shown = await server.CommandAsync(null, "abuse", "show", id);
        Assert.Contains("Sent by clerk@company.example", shown.Output);
        Assert.Contains("sternpost account suspend clerk@company.example", shown.Output);
        Assert.Equal(0, (await server.CommandAsync(null, "abuse", "close", id, "--note", "spoken to")).ExitCode);
        Assert.Equal("[]", (await server.CommandAsync(null, "abuse", "list", "--json")).Output.Trim());
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task Doctor_finds_a_healthy_server_healthy_and_a_broken_one_broken()
    {
        await using var server = await InstalledServer.StartAsync();
        var healthy = await server.CommandAsync(null, "doctor", "--no-network", "--json");
        Assert.True(healthy.ExitCode == 0, healthy.Output);
        using (var json = JsonDocument.Parse(healthy.Output))
        {
            Assert.True(json.RootElement.GetProperty("healthy").GetBoolean());
            Assert.Contains(json.RootElement.GetProperty("checks").EnumerateArray(), check => check.GetProperty("check").GetString() == "Listeners" && check.GetProperty("level").GetString() == "ok");
        }
        File.SetUnixFileMode(server.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        var open = await server.CommandAsync(null, "doctor", "--no-network");
        Assert.Equal(1, open.ExitCode);
        Assert.Contains("chmod 700 " + server.Folder, open.Output);
        await server.TerminateAsync();
        var down = await server.CommandAsync(null, "doctor", "--no-network");
        Assert.Equal(1, down.ExitCode);
        Assert.Contains("does not run", down.Output);
        await File.AppendAllTextAsync(Path.Combine(server.Folder, "sternpost.toml"), "\n[nonsense]\nx = 1\n");
        Assert.Contains("nonsense", (await server.CommandAsync(null, "doctor", "--no-network")).Output);
    }
}
