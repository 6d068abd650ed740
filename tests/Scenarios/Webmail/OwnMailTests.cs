using System.Text;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>What users see of their mail that is in no folder: what is held for them, and where it is that they sent.</summary>
public sealed class OwnMailTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Clerk = "clerk@company.example";
    private const string Other = "other@company.example";

    [Fact]
    public async Task What_is_held_is_seen_let_go_and_deleted_by_its_recipient_alone()
    {
        await using var server = await InstalledServer.StartAsync("attachments.programs = \"quarantine\"\nfilter.greylist = false\ndns.resolvers = [\"127.0.0.1:9\"]\ndns.timeout = \"1s\"", Clerk, Other);
        await using (var client = await RawSmtp.ConnectAsync(server.Ports["mx"]))
        {
            foreach (var subject in new[] { "The <b>programme</b>", "Not wanted" }) Assert.StartsWith("250", await client.SendAsync("sender@elsewhere.example", Clerk, Letter(subject)));
            Assert.StartsWith("250", await client.SendAsync("sender@elsewhere.example", Other, Letter("For the other")));
        }
        await using var window = await browser.OpenAsync(server: server);
        var page = window.Page;
        await window.SignInAsync(Clerk);
        await page.GotoAsync(window.Web + "/settings/held");
        await Expect(page.Locator("#held > li")).ToHaveCountAsync(2);
        await Expect(page.Locator("#held")).ToContainTextAsync("The <b>programme</b>");
        await page.Locator("summary").First.PressAsync("Enter");
        await window.CheckAccessibilityAsync("held");
        await ShootAsync(page, "held");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete: Not wanted" }).PressAsync("Enter");
        await Expect(page.Locator("#held > li")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Deliver: The <b>programme</b>" }).PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("It comes to your inbox");

        // The other's message is not this one's to do anything with.
        await using var second = await browser.OpenAsync(isPhone: true, isDark: true, server);
        await second.SignInAsync(Other);
        await second.Page.GotoAsync(window.Web + "/settings/held");
        await Expect(second.Page.Locator("#held > li")).ToHaveCountAsync(1);
        await second.CheckAccessibilityAsync("held on a phone");
        await ShootAsync(second.Page, "held-phone");
        var id = await second.Page.EvaluateAsync<string>("fetch('/account/held').then(a => a.json()).then(a => a.held[0].id)");
        Assert.Equal(404, await page.EvaluateAsync<int>($"fetch('/account/held', {{ method: 'POST', headers: {{ 'Content-Type': 'application/json' }}, body: JSON.stringify({{ do: 'delete', id: '{id}' }}) }}).then(a => a.status)"));
        Assert.Equal(400, await page.EvaluateAsync<int>($"fetch('/account/held', {{ method: 'POST', body: JSON.stringify({{ do: 'delete', id: '{id}' }}) }}).then(a => a.status)"));
        await second.Page.ReloadAsync();
        await Expect(second.Page.Locator("#held > li")).ToHaveCountAsync(1);

        await page.GotoAsync(window.Web + "/mail/inbox");
        await Expect(window.Row("The <b>programme</b>")).ToBeVisibleAsync();
        await page.GotoAsync(window.Web + "/settings/held");
        await Expect(page.Locator("#nothing-held")).ToBeVisibleAsync();
        Assert.All(window.Troubles, trouble => Assert.Matches("40[04]", trouble));
        second.CheckCalm();
    }

    [Fact]
    public async Task Where_sent_mail_is_is_told_to_its_sender_and_to_nobody_else()
    {
        await using var sink = new SmtpSink();
        await using var server = await InstalledServer.StartAsync($"queue.smarthost = \"127.0.0.1\"\nqueue.smarthost_port = {sink.Port}\nqueue.smarthost_tls = \"none\"", Clerk, Other);
        await using (var smtp = await RawSmtp.SubmitAsync(server, Clerk))
        {
            Assert.StartsWith("250", await smtp.SendAsync(Clerk, "friend@outside.example", Plain("To the outside", "friend@outside.example")));
            Assert.StartsWith("250", await smtp.SendAsync(Clerk, Other, Plain("To a colleague", Other)));
        }
        await using var window = await browser.OpenAsync(server: server);
        var page = window.Page;
        await window.SignInAsync(Clerk);
        await page.GotoAsync(window.Web + "/settings/sent");
        await Expect(page.Locator("#sent-log > li")).ToHaveCountAsync(2);
        var colleague = page.Locator("#sent-log > li", new() { HasText = "To a colleague" });
        await Expect(colleague.Locator(".tag")).ToHaveTextAsync("Delivered");
        await Expect(colleague).Not.ToContainTextAsync("inbox");
        await Wait.UntilAsync(async () =>
        {
            if (await page.Locator("#sent-log > li", new() { HasText = "To the outside" }).Locator(".tag").TextContentAsync() == "Delivered") return true;
            await page.ReloadAsync();
            await Expect(page.Locator("#sent-log > li")).ToHaveCountAsync(2);
            return false;
        });
        await page.Locator("summary").First.PressAsync("Enter");
        await window.CheckAccessibilityAsync("where sent mail is");
        await ShootAsync(page, "sent-log");
        window.CheckCalm();

        await using var other = await browser.OpenAsync(isPhone: true, server: server);
        await other.SignInAsync(Other);
        await other.Page.GotoAsync(window.Web + "/settings/sent");
        await Expect(other.Page.Locator("main [role=status]")).ToContainTextAsync("You have not sent anything yet");
        other.CheckCalm();
    }

    private static byte[] Plain(string subject, string to) => Encoding.ASCII.GetBytes(
        $"From: {Clerk}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():n}@company.example>\r\nDate: {DateTimeOffset.UtcNow:r}\r\n\r\nHello.\r\n");

    private static byte[] Letter(string subject) => Encoding.ASCII.GetBytes(
        $"From: Sender <sender@elsewhere.example>\r\nTo: {Clerk}\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():n}@elsewhere.example>\r\nDate: {DateTimeOffset.UtcNow:r}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nPlease open.\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=setup.exe\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String([.. "MZ"u8, .. new byte[60]])}\r\n--b--\r\n");

    // For the eyes of whoever changes a page.
    private static Task ShootAsync(IPage page, string name) => Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { Length: > 0 } folder
        ? page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") }) : Task.CompletedTask;
}
