using System.Text.Json;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Operations;

/// <summary>The administrator asks what became of a message, while the server runs.</summary>
public sealed class TraceTests
{
    [Fact]
    public async Task Trace_tells_of_what_was_delivered_and_of_what_was_refused()
    {
        await using var server = await InstalledServer.StartAsync("", "clerk@company.example");
        string refused;
        await using (var smtp = await RawSmtp.ConnectAsync(server.Ports["mx"]))
        {
            Assert.StartsWith("250", await smtp.SendAsync("partner@elsewhere.example", "clerk@company.example", System.Text.Encoding.ASCII.GetBytes("From: partner@elsewhere.example\r\nTo: clerk@company.example\r\nSubject: Order 4711\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\nMessage-ID: <order-1@elsewhere.example>\r\n\r\nHello clerk, here is the order we talked about.\r\n")));
            await smtp.CommandAsync("MAIL FROM:<partner@elsewhere.example>");
            refused = await smtp.CommandAsync("RCPT TO:<clark@company.example>");
            Assert.StartsWith("550 5.1.1", refused);
        }
        var order = Assert.Single(await TraceAsync(server, "4711"));
        Assert.Equal("<order-1@elsewhere.example>".Trim('<', '>'), order.GetProperty("messageId").GetString());
        Assert.Equal(["accepted", "filed"], order.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("kind").GetString()));

        // Written behind, so it may take a moment; the reference that the reply quoted finds it.
        var reference = refused[(refused.LastIndexOf('(') + 1)..].TrimEnd(')', '\r', '\n');
        await Wait.UntilAsync(async () => (await TraceAsync(server, "clark@company.example")).Count > 0);
        var text = await server.CommandAsync(null, "trace", reference, "clark@company.example");
        Assert.Equal(0, text.ExitCode);
        Assert.Contains("refused", text.Output);
        Assert.Contains("5.1.1", text.Output);
        Assert.Contains("sternpost account add", text.Output);

        var nothing = await server.CommandAsync(null, "trace", "never-seen@nowhere.example");
        Assert.Equal(0, nothing.ExitCode);
        Assert.Empty(nothing.Output);
        Assert.Contains("No message is known by", nothing.Errors);
    }

    private static async Task<List<JsonElement>> TraceAsync(InstalledServer server, params string[] query)
    {
        var outcome = await server.CommandAsync(null, ["trace", .. query, "--json"]);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        using var json = JsonDocument.Parse(outcome.Output);
        return [.. json.RootElement.EnumerateArray().Select(element => element.Clone())];
    }
}
