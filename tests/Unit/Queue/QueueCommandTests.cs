using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Sternpost.Unit.Queue;

/// <summary>The verb queue, as an administrator calls it: the real program beside the folder's owner, exit codes, JSON.</summary>
public class QueueCommandTests
{
    [Fact]
    public async Task The_queue_is_listed_held_retried_released_and_dropped()
    {
        await using var sink = new MailSink { Answer = command => command.StartsWith("RCPT") ? "450 4.2.0 Greylisted" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("one.test");
        queue.Domain("two.test");
        var first = await queue.SubmitAsync("a@one.test", "b@one.test");
        var second = await queue.SubmitAsync("c@two.test");
        await queue.StartAsync();
        await TestQueue.UntilAsync(async () => (await queue.QueueAsync())[0].Recipients.All(recipient => recipient.Attempts == 1), "an attempt");
        await queue.StopAsync();

        var listed = await JsonAsync(queue, "list --domain one.test");
        Assert.Equal(first, Assert.Single(listed.EnumerateArray()).GetProperty("id").GetString());
        var recipient = listed[0].GetProperty("recipients")[0];
        Assert.Equal(("a@one.test", "one.test", 1, false), (
            recipient.GetProperty("address").GetString(), recipient.GetProperty("domain").GetString(), recipient.GetProperty("attempts").GetInt32(), recipient.GetProperty("held").GetBoolean()));
        Assert.Equal("the recipient's server asks servers it does not know to come back once (mx.one.test answered: 450 4.2.0 Greylisted)", recipient.GetProperty("lastInWords").GetString());

        Assert.Equal("any.greylist", recipient.GetProperty("lastCause").GetString());

        var cause = Assert.Single((await JsonAsync(queue, "causes")).EnumerateArray(), one => one.GetProperty("id").GetString() == "any.greylist");
        Assert.Equal(("greylisting", 3, 0), (cause.GetProperty("kind").GetString(), cause.GetProperty("waiting").GetInt32(), cause.GetProperty("failed").GetInt32()));
        Assert.Contains("What to do: Wait", (await RunAsync(queue, "causes")).Output);

        var table = await RunAsync(queue, "list");
        Assert.Contains(first, table.Output);
        Assert.Contains("alice@example.com", table.Output);
        Assert.Contains("Hello.", (await RunAsync(queue, $"show {first} --content")).Output);

        Assert.Equal(0, (await RunAsync(queue, $"hold {first} --domain one.test")).Exit);
        Assert.True((await JsonAsync(queue, $"show {first}")).GetProperty("recipients")[1].GetProperty("held").GetBoolean());
        Assert.Contains("2 recipients", (await RunAsync(queue, "release --sender alice@example.com")).Errors);
        Assert.Equal(0, (await RunAsync(queue, "retry --all")).Exit);
        var dropped = await RunAsync(queue, $"drop {first} {second}");
        Assert.True(dropped.Exit == 0, dropped.Errors);
        Assert.Equal(0, (await JsonAsync(queue, "list")).GetArrayLength());
        Assert.Empty(await queue.InboxAsync());
    }

    [Theory]
    [InlineData("show zzzz", 1)]
    [InlineData("drop zzzz", 1)]
    [InlineData("drop", 2)]
    [InlineData("hold ilou", 2)]
    [InlineData("show", 2)]
    public async Task What_cannot_be_done_says_so_by_its_exit_code(string line, int expected)
    {
        await using var queue = await TestQueue.OpenAsync(25);
        var (exit, output, errors) = await RunAsync(queue, line);
        Assert.Equal((expected, ""), (exit, output));
        Assert.NotEmpty(errors);
    }

    private static async Task<JsonElement> JsonAsync(TestQueue queue, string line)
    {
        var (exit, output, errors) = await RunAsync(queue, line + " --json");
        Assert.True(exit == 0, errors);
        return JsonDocument.Parse(output).RootElement;
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(TestQueue queue, string line)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "sternpost.dll"), "queue", .. line.Split(' '), "--data", queue.Folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.DoesNotContain("   at Sternpost", await errors);
        return (process.ExitCode, output, await errors);
    }
}
