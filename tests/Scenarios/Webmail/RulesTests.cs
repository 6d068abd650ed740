using System.Text;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Rules of sorting made in the form, and what they do to the next message.</summary>
public sealed class RulesTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Clerk = "clerk@company.example";

    [Fact]
    public async Task Rules_sort_the_next_message_and_come_back_as_they_were()
    {
        await using var server = await InstalledServer.StartAsync("filter.greylist = false\ndns.resolvers = [\"127.0.0.1:9\"]\ndns.timeout = \"1s\"", Clerk);
        using (var imap = await Mailbox.OpenAsync(server, Clerk)) await imap.GetFolder(imap.PersonalNamespaces[0]).CreateAsync("Shops", isMessageFolder: true);
        // A script that a mail program has put there is not replaced in silence.
        var sieve = Path.Combine(server.Folder, "mine.sieve");
        await File.WriteAllTextAsync(sieve, "keep;\r\n");
        Assert.Equal(0, (await server.CommandAsync(null, "sieve", "put", Clerk, "mine", sieve, "--activate")).ExitCode);

        await using var window = await browser.OpenAsync(server: server);
        var page = window.Page;
        await window.SignInAsync(Clerk);
        await page.GotoAsync(window.Web + "/settings/rules");
        await page.Locator("#add-rule").PressAsync("Enter");
        await Expect(page.Locator("#rule-field-1")).ToBeFocusedAsync();
        await page.SelectOptionAsync("#rule-field-1", "subject");
        await page.FillAsync("#rule-text-1", "order \"no. 5\"");
        await page.SelectOptionAsync("#rule-folder-1", "Shops");
        await page.Locator("#add-rule").PressAsync("Enter");
        await page.SelectOptionAsync("#rule-action-2", "star");
        await page.FillAsync("#rule-text-2", "sender@elsewhere.example");
        await window.CheckAccessibilityAsync("rules");
        await ShootAsync(page, "rules");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("Another script, “mine”, sorts your mail");
        await page.CheckAsync("#instead");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).PressAsync("Enter");
        await Expect(page.Locator("#instead")).ToHaveCountAsync(0);

        await using (var client = await RawSmtp.ConnectAsync(server.Ports["mx"]))
        {
            foreach (var subject in new[] { "Your ORDER \"no. 5\"", "Hello there" }) Assert.StartsWith("250", await client.SendAsync("sender@elsewhere.example", Clerk, Letter(subject)));
        }
        await page.ReloadAsync();
        await Expect(page.Locator("#rule-text-1")).ToHaveValueAsync("order \"no. 5\"");
        await Expect(page.Locator("#rule-action-2")).ToHaveValueAsync("star");
        using (var imap = await Mailbox.OpenAsync(server, Clerk))
        {
            var shops = await imap.GetFolderAsync("Shops");
            await shops.OpenAsync(MailKit.FolderAccess.ReadOnly);
            Assert.Equal(1, shops.Count);
            await imap.Inbox!.OpenAsync(MailKit.FolderAccess.ReadOnly);
            Assert.Single(await imap.Inbox.SearchAsync(MailKit.Search.SearchQuery.Flagged));
        }
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove rule 1" }).PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).PressAsync("Enter");
        await page.ReloadAsync();
        await Expect(page.Locator("#rules > li")).ToHaveCountAsync(1);
        Assert.All(window.Troubles, trouble => Assert.Contains("422", trouble));

        await using var phone = await browser.OpenAsync(isPhone: true, isDark: true, server);
        await phone.SignInAsync(Clerk);
        await phone.Page.GotoAsync(window.Web + "/settings/rules");
        await Expect(phone.Page.Locator("#rules > li")).ToHaveCountAsync(1);
        await phone.CheckAccessibilityAsync("rules on a phone");
        await ShootAsync(phone.Page, "rules-phone");
        phone.CheckCalm();
    }

    private static byte[] Letter(string subject) => Encoding.ASCII.GetBytes(
        $"From: Sender <sender@elsewhere.example>\r\nTo: {Clerk}\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():n}@elsewhere.example>\r\nDate: {DateTimeOffset.UtcNow:r}\r\n\r\nHello, here is what we talked about.\r\n");

    // For the eyes of whoever changes a page.
    private static Task ShootAsync(IPage page, string name) => Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { Length: > 0 } folder
        ? page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") }) : Task.CompletedTask;
}
