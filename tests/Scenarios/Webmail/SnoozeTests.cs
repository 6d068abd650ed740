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

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task What_is_put_aside_says_when_it_comes_back_and_can_be_told_otherwise(bool isPhone, bool isDark)
    {
        var subject = "Aside " + Guid.NewGuid().ToString("n")[..6];
        await PutMail.AsIfDeliveredAsync(browser.Server, "alice@demo.test", Letter(subject, "alice@demo.test"));
        await using var window = await browser.OpenAsync(isPhone, isDark);
        var page = window.Page;
        await window.SignInAsync("alice@demo.test");
        await window.Row(subject).Locator("input[type=checkbox]").CheckAsync();
        await page.Keyboard.PressAsync("b");
        await page.Locator("dialog").GetByRole(AriaRole.Button, new() { NameRegex = new("^Tomorrow") }).ClickAsync();
        await Expect(window.Row(subject)).Not.ToBeVisibleAsync();

        if (isPhone) await page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).ClickAsync();
        await page.Locator("#folders a", new() { HasText = "Snoozed" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(window.Row(subject).Locator(".is-back")).ToContainTextAsync("08:00");
        await window.CheckAccessibilityAsync("what is put aside");
        await ShootAsync(page, $"snoozed-list-{(isPhone ? "phone-dark" : "desk")}");
        await window.OpenRowAsync(subject);
        await Expect(page.Locator("#put-aside")).ToContainTextAsync("comes back to the inbox on");
        await Expect(page.Locator("#put-aside")).ToContainTextAsync("08:00");
        await window.CheckAccessibilityAsync("a message that is put aside");
        await ShootAsync(page, $"snoozed-message-{(isPhone ? "phone-dark" : "desk")}");

        // Another time, by keyboard alone.
        await window.Button("Another time").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.FillAsync("#when", DateTime.UtcNow.Date.AddDays(40).AddHours(15).AddMinutes(30).ToString("yyyy-MM-ddTHH:mm"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#put-aside")).ToContainTextAsync("15:30");
        await window.Button("Undo").ClickAsync();
        await Expect(page.Locator("#put-aside")).ToContainTextAsync("08:00");

        await window.Button("Back to the inbox now").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("back in the inbox");
        await Expect(window.Row(subject)).Not.ToBeVisibleAsync();
        await page.GotoAsync(browser.Web + "/mail/inbox");
        await Expect(window.Row(subject)).ToBeVisibleAsync();
        await window.OpenRowAsync(subject);
        await Expect(page.Locator("#put-aside")).ToHaveCountAsync(0);
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
        await Wait.UntilAsync(async () => (await InboxAsync()).Contains(id));
        Assert.True(DateTime.UtcNow >= until.AddSeconds(-1));
        Assert.Empty((await jmap.CallAsync("Email/get", $"\"ids\": [\"{id}\"], \"properties\": [\"keywords\"]"))["list"]![0]!["keywords"]!.AsObject());
        Assert.Empty((await jmap.CallAsync("Email/snoozed", ""))["list"]!.AsArray());

        async Task<List<string>> InboxAsync() => [.. (await jmap.CallAsync("Email/query", $"\"filter\": {{\"inMailbox\": \"{inbox}\"}}"))["ids"]!.AsArray().Select(each => each!.GetValue<string>())];
    }

    private static string Letter(string subject, string to) =>
        $"Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: Sam <sam@later.example>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():N}@later.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nNot now.\r\n";

    // For the eyes of whoever changes a page.
    private static Task ShootAsync(IPage page, string name) => Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { Length: > 0 } folder
        ? page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") }) : Task.CompletedTask;
}
