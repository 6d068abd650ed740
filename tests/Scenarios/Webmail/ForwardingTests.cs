using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Mail sent on at its owner's wish: only to who agreed, seen wherever it is on, told and written down, and ended where the account was stolen.</summary>
public sealed partial class ForwardingTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Clerk = "clerk@company.example";
    private const string Outside = "me@outside.example";
    private const string Quiet = "filter.greylist = false\ndns.resolvers = [\"127.0.0.1:9\"]\ndns.timeout = \"1s\"\n";

    [Fact]
    public async Task Mail_is_sent_on_only_after_the_other_side_agreed_and_is_told_everywhere()
    {
        await using var sink = new SmtpSink();
        await using var server = await InstalledServer.StartAsync($"{Quiet}queue.smarthost = \"127.0.0.1\"\nqueue.smarthost_port = {sink.Port}\nqueue.smarthost_tls = \"none\"", Clerk);
        await using var window = await browser.OpenAsync(server: server);
        var page = window.Page;
        await window.SignInAsync(Clerk);
        await page.GotoAsync(window.Web + "/settings/forwarding");
        await Expect(page.Locator("#forward-state")).ToContainTextAsync("is not sent on");
        await window.CheckAccessibilityAsync("forwarding, nothing yet");
        await ShootAsync(page, "forwarding-none");

        // By keyboard alone; the password is asked for again.
        await page.FocusAsync("#ask-address");
        await page.Keyboard.TypeAsync(Outside);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("not the password");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".notice.is-trouble")).ToBeVisibleAsync();
        Assert.Empty(sink.Mails);
        await page.FillAsync("#ask-password", server.Passwords[Clerk]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#forward-addresses")).ToContainTextAsync("waits for its code");
        var question = (await sink.WaitAsync(1))[0];
        Assert.Equal([Outside], question.Recipients);
        Assert.Equal("", question.ReversePath);
        var code = Code().Match(question.Content).Groups[1].Value;
        Assert.Contains("clerk@company.example on localhost.company.example asks", question.Content.Replace("=\r\n", "", StringComparison.Ordinal));

        // Nothing can be turned on before, whatever the page says.
        Assert.Equal(422, await PostAsync(page, $"{{ do: 'on', address: '{Outside}', keeps: true, password: '{server.Passwords[Clerk]}' }}"));
        Assert.Equal(422, await PostRulesAsync(page, Outside));
        Assert.Equal(403, await PostAsync(page, $"{{ do: 'on', address: '{Outside}', keeps: true, password: 'guess' }}"));

        // A wrong code is told, and the fifth ends it.
        for (var i = 0; i < 5; i++) Assert.Equal(422, await PostAsync(page, $"{{ do: 'confirm', address: '{Outside}', code: '{(code.StartsWith('0') ? "1" : "0")}0000000' }}"));
        Assert.Equal(422, await PostAsync(page, $"{{ do: 'confirm', address: '{Outside}', code: '{code}' }}"));
        await page.FillAsync("#ask-address", Outside);
        await page.FillAsync("#ask-password", server.Passwords[Clerk]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("A code is on its way");
        code = Code().Match((await sink.WaitAsync(2))[1].Content).Groups[1].Value;
        await page.GetByLabel("Code that was sent to " + Outside).FillAsync(code);
        await ShootAsync(page, "forwarding-code");
        await window.CheckAccessibilityAsync("forwarding, a code is waited for");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#forward-addresses")).ToContainTextAsync("confirmed");

        await page.FillAsync("#on-password", server.Passwords[Clerk]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#forward-state")).ToContainTextAsync($"Your mail is sent on to {Outside}. A copy stays here.");
        await window.CheckAccessibilityAsync("forwarding on");
        await ShootAsync(page, "forwarding-on");
        await DeliverAsync(server, "With a copy");
        var passed = (await sink.WaitAsync(3))[2];
        Assert.Equal([Outside], passed.Recipients);
        Assert.Contains("Subject: With a copy", passed.Content);
        // By a way back of ours (SRS), so that the next server finds the reverse-path good.
        Assert.Matches("^SRS0[=+-].*@company\\.example$", passed.ReversePath);

        await page.GetByLabel("keep nothing").CheckAsync();
        await page.FillAsync("#on-password", server.Passwords[Clerk]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#forward-state")).ToContainTextAsync("No copy stays here");
        await DeliverAsync(server, "Without a copy");
        await sink.WaitAsync(4);

        // The inbox says it, and has what was said by mail of every change.
        await page.GotoAsync(window.Web + "/mail/inbox");
        await Expect(page.Locator("#forwarded")).ToContainTextAsync(Outside);
        await Expect(window.Row("With a copy")).ToBeVisibleAsync();
        await Expect(window.Row("Your mail is sent on to")).ToBeVisibleAsync();
        await Expect(window.Row("Mail may be sent on to")).ToBeVisibleAsync();
        await Expect(page.Locator(".row", new() { HasText = "Without a copy" })).ToHaveCountAsync(0);
        await window.CheckAccessibilityAsync("an inbox that is sent on");
        await ShootAsync(page, "forwarding-inbox");
        using (var imap = await Mailbox.OpenAsync(server, Clerk))
        {
            await imap.Inbox!.OpenAsync(MailKit.FolderAccess.ReadOnly);
            Assert.Empty(await imap.Inbox.SearchAsync(MailKit.Search.SearchQuery.SubjectContains("Without a copy")));
        }

        await using var phone = await browser.OpenAsync(isPhone: true, isDark: true, server);
        await phone.SignInAsync(Clerk);
        await Expect(phone.Page.Locator("#forwarded")).ToBeVisibleAsync();
        await ShootAsync(phone.Page, "forwarding-inbox-phone");
        await phone.Page.Locator("#forwarded a").ClickAsync();
        await Expect(phone.Page.Locator("#forward-state")).ToContainTextAsync(Outside);
        await phone.CheckAccessibilityAsync("forwarding on a phone");
        await ShootAsync(phone.Page, "forwarding-on-phone");
        await phone.Page.Locator("#forward-off").PressAsync("Enter");
        await Expect(phone.Page.Locator("#forward-state")).ToContainTextAsync("is not sent on");
        Assert.All(phone.Troubles, trouble => Assert.Contains("SSL certificate", trouble));
        await DeliverAsync(server, "At home again");

        // A rule may send to the same address, and holds it; without consent to no other.
        Assert.Equal(200, await PostRulesAsync(page, Outside));
        Assert.Equal(422, await PostRulesAsync(page, "other@outside.example"));
        Assert.Equal(422, await PostAsync(page, $"{{ do: 'remove', address: '{Outside}' }}"));
        await DeliverAsync(server, "Ruled");
        Assert.Contains("Subject: Ruled", (await sink.WaitAsync(5))[4].Content);
        await page.GotoAsync(window.Web + "/settings/rules");
        await Expect(page.Locator("#rule-target-1")).ToHaveValueAsync(Outside);
        await window.CheckAccessibilityAsync("a rule that sends on");
        Assert.Equal(5, sink.Mails.Count);
        Assert.All(window.Troubles, trouble => Assert.Matches("4(03|22)|SSL certificate", trouble));

        await using var boss = await browser.OpenAsync(server: server);
        await boss.SignInAsync(InstalledServer.Administrator);
        await boss.Page.GotoAsync(boss.Web + "/admin/log");
        await Expect(boss.Page.Locator("body")).ToContainTextAsync("forwarding-on");
        await Expect(boss.Page.Locator("body")).ToContainTextAsync("forwarding-off");
    }

    [Fact]
    public async Task Containing_a_stolen_account_ends_what_the_thief_had_sent_on()
    {
        await using var sink = new SmtpSink();
        await using var server = await InstalledServer.StartAsync($"{Quiet}queue.smarthost = \"127.0.0.1\"\nqueue.smarthost_port = {sink.Port}\nqueue.smarthost_tls = \"none\"", Clerk);
        await using var window = await browser.OpenAsync(server: server);
        await window.SignInAsync(Clerk);
        var password = server.Passwords[Clerk];
        Assert.Equal(200, await PostAsync(window.Page, $"{{ do: 'ask', address: '{Outside}', password: '{password}' }}"));
        var code = Code().Match((await sink.WaitAsync(1))[0].Content).Groups[1].Value;
        Assert.Equal(200, await PostAsync(window.Page, $"{{ do: 'confirm', address: '{Outside}', code: '{code}' }}"));
        Assert.Equal(200, await PostAsync(window.Page, $"{{ do: 'on', address: '{Outside}', keeps: false, password: '{password}' }}"));
        await DeliverAsync(server, "Stolen");
        await sink.WaitAsync(2);

        var contained = await server.CommandAsync(null, "account", "contain", Clerk);
        Assert.True(contained.ExitCode == 0, contained.Output + contained.Errors);
        await HeardAsync(server, maySignIn: false);
        Assert.Contains($"no longer goes on to {Outside}", (await server.CommandAsync(null, "account", "containment", Clerk)).Output);
        await DeliverAsync(server, "Kept");
        // Put back: it was the owner after all.
        var released = await server.CommandAsync(null, "account", "release", Clerk);
        Assert.True(released.ExitCode == 0, released.Output + released.Errors);
        await HeardAsync(server, maySignIn: true);
        await DeliverAsync(server, "Sent on again");
        Assert.Contains("Subject: Sent on again", (await sink.WaitAsync(3))[2].Content);
        using var imap = await Mailbox.OpenAsync(server, Clerk);
        await imap.Inbox!.OpenAsync(MailKit.FolderAccess.ReadOnly);
        Assert.Single(await imap.Inbox.SearchAsync(MailKit.Search.SearchQuery.SubjectContains("Kept")));
        Assert.Empty(await imap.Inbox.SearchAsync(MailKit.Search.SearchQuery.SubjectContains("Stolen").Or(MailKit.Search.SearchQuery.SubjectContains("Sent on again"))));
    }

    // A command is a process of its own, of whose change the server hears within a second: what it says at a sign-in comes of what it knows.
    private static Task HeardAsync(InstalledServer server, bool maySignIn) => Wait.UntilAsync(async () => await Mailbox.SignsInAsync(server, Clerk) == maySignIn);

    private static Task<int> PostAsync(IPage page, string body) => page.EvaluateAsync<int>($"fetch('/account/forwarding', {{ method: 'POST', headers: {{ 'Content-Type': 'application/json' }}, body: JSON.stringify({body}) }}).then(a => a.status)");

    private static Task<int> PostRulesAsync(IPage page, string target) => page.EvaluateAsync<int>(
        $"fetch('/account/rules', {{ method: 'POST', headers: {{ 'Content-Type': 'application/json' }}, body: JSON.stringify({{ rules: [{{ field: 'subject', text: 'Ruled', action: 'forward', folder: '', stops: false, target: '{target}' }}], instead: true }}) }}).then(a => a.status)");

    private static async Task DeliverAsync(InstalledServer server, string subject)
    {
        await using var client = await RawSmtp.ConnectAsync(server.Ports["mx"]);
        Assert.StartsWith("250", await client.SendAsync("sender@elsewhere.example", Clerk, Encoding.ASCII.GetBytes(
            $"From: Sender <sender@elsewhere.example>\r\nTo: {Clerk}\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():n}@elsewhere.example>\r\nDate: {DateTimeOffset.UtcNow:r}\r\n\r\nHello, here is what we talked about.\r\n")));
    }

    // For the eyes of whoever changes a page.
    private static Task ShootAsync(IPage page, string name) => Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { Length: > 0 } folder
        ? page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") }) : Task.CompletedTask;

    [GeneratedRegex(@"^\s+(\d{4} \d{4})\r?$", RegexOptions.Multiline)]
    private static partial Regex Code();
}
