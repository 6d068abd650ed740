using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using Sternpost.Scenarios.Jmap;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Mail that is put aside, in a real browser and over a crash of the server.</summary>
public sealed class SnoozeTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_conversation_is_put_aside_and_taken_back(bool isPhone)
    {
        var subject = "Later " + Guid.NewGuid().ToString("n")[..6];
        await PutMail.AsIfDeliveredAsync(browser.Server, "bob@demo.test", Letter(subject, "bob@demo.test"));
        await using var window = await browser.OpenAsync(isPhone);
        var page = window.Page;
        await window.SignInAsync("bob@demo.test");
        await window.OpenRowAsync(subject);
        await page.Keyboard.PressAsync("b");
        await Expect(page.Locator("dialog")).ToContainTextAsync("comes back unread");
        await window.CheckAccessibilityAsync("snooze");
        await page.Locator("dialog").GetByRole(AriaRole.Button, new() { NameRegex = new("^Tomorrow") }).ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("put aside until");
        await Expect(window.Row(subject)).Not.ToBeVisibleAsync();
        await window.Button("Undo").ClickAsync();
        await Expect(window.Row(subject)).ToBeVisibleAsync();
        window.CheckCalm();
    }

    [Fact]
    public async Task What_is_put_aside_comes_back_unread_even_where_the_server_died_meanwhile()
    {
        await using var server = await DemoServer.StartAsync();
        await PutMail.AsIfDeliveredAsync(server, "bob@demo.test", Letter("Survivor", "bob@demo.test"));
        var jmap = await JmapClient.OpenAsync(server, "bob@demo.test");
        var inbox = await jmap.MailboxAsync("inbox");
        var id = (await jmap.CallAsync("Email/query", "\"filter\": {\"subject\": \"Survivor\"}"))["ids"]![0]!.GetValue<string>();
        await jmap.CallAsync("Email/set", $"\"update\": {{\"{id}\": {{\"keywords/$seen\": true}}}}");
        var until = DateTime.UtcNow.AddSeconds(6);
        await jmap.CallAsync("Email/snooze", $"\"emailIds\": [\"{id}\"], \"until\": \"{until:yyyy-MM-ddTHH:mm:ssZ}\"");
        Assert.DoesNotContain(id, await InboxAsync());
        server.Kill();
        await server.LaunchAsync();
        jmap = await JmapClient.OpenAsync(server, "bob@demo.test");
        while (!(await InboxAsync()).Contains(id)) await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.True(DateTime.UtcNow >= until.AddSeconds(-1));
        Assert.Empty((await jmap.CallAsync("Email/get", $"\"ids\": [\"{id}\"], \"properties\": [\"keywords\"]"))["list"]![0]!["keywords"]!.AsObject());
        Assert.Empty((await jmap.CallAsync("Email/snoozed", ""))["list"]!.AsArray());

        async Task<List<string>> InboxAsync() => [.. (await jmap.CallAsync("Email/query", $"\"filter\": {{\"inMailbox\": \"{inbox}\"}}"))["ids"]!.AsArray().Select(each => each!.GetValue<string>())];
    }

    private static string Letter(string subject, string to) =>
        $"Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: Sam <sam@later.example>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():N}@later.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nNot now.\r\n";
}
