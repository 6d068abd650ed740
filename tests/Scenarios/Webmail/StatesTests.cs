using MailKit;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>
/// Every page and state of the webmail, at a desk and on a phone, in light and dark: axe-core finds nothing, nothing overflows the page, and where
/// STERNPOST_SCREENSHOTS names a folder a picture of each is put there to be looked at.
/// </summary>
public sealed class StatesTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Alice = "alice@demo.test";
    private static readonly SemaphoreSlim Filling = new(1);
    private static bool isFilled;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Every_state_is_accessible_and_fits(bool isPhone, bool isDark)
    {
        await using var window = await browser.OpenAsync(isPhone, isDark);
        await FillAsync();
        var (page, found) = (window.Page, new List<string>());
        var pictures = Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS");
        var number = 0;

        async Task LookAsync(string state)
        {
            var name = $"{(isPhone ? "phone" : "desk")}-{(isDark ? "dark" : "light")}-{++number:00}-{state.Replace(' ', '-')}";
            if (pictures is not null) await page.ScreenshotAsync(new() { Path = Path.Combine(pictures, name + ".png"), Animations = ScreenshotAnimations.Disabled });
            if (await window.ViolationsAsync() is { Length: > 0 } violations) found.Add(name + ":\n" + violations);
            if (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth") is > 0 and var over) found.Add($"{name}: {over} pixels wider than the window");
        }

        Task MenuAsync() => isPhone ? page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).ClickAsync() : Task.CompletedTask;
        async Task FolderAsync(string name)
        {
            await MenuAsync();
            await page.Locator("#folders .folder", new() { HasText = name }).First.ClickAsync();
            await page.WaitForSelectorAsync("#list[aria-busy=false]");
        }

        await page.GotoAsync(browser.Web);
        await page.WaitForSelectorAsync("#username");
        await LookAsync("sign in");
        await page.FillAsync("#username", Alice);
        await page.FillAsync("#password", "wrong");
        await window.Button("Sign in").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await LookAsync("sign in refused");
        await window.SignInAsync(Alice);
        await Expect(window.Row("Bills")).ToBeVisibleAsync();
        await LookAsync("inbox");
        await window.Row("Bills").Locator("input[type=checkbox]").CheckAsync();
        await LookAsync("selected");
        await window.Button("Move to…").ClickAsync();
        await Expect(page.Locator("dialog[open]")).ToBeVisibleAsync();
        await LookAsync("move");
        await page.Keyboard.PressAsync("Escape");
        await window.Button("Label").ClickAsync();
        await Expect(page.Locator("#find-label")).ToBeFocusedAsync();
        await LookAsync("label");
        await page.Keyboard.PressAsync("Escape");
        await window.Row("Bills").Locator("input[type=checkbox]").UncheckAsync();
        if (isPhone)
        {
            await MenuAsync();
            await Expect(page.Locator("#folders")).ToBeVisibleAsync();
            await LookAsync("drawer");
            await page.Locator(".veil").ClickAsync(new() { Position = new() { X = 370, Y = 400 } });
        }

        await window.OpenRowAsync("Bills");
        await LookAsync("thread");
        if (isPhone) await window.Button("Back").ClickAsync();
        await window.OpenRowAsync("Your account");
        await LookAsync("message with warnings");
        await page.FrameLocator("iframe.body").Locator(".sternpost-stopped").First.ClickAsync();
        await Expect(page.Locator("dialog[open]")).ToBeVisibleAsync();
        await LookAsync("stopped link");
        await page.Keyboard.PressAsync("Escape");
        await window.Button("Details").ClickAsync();
        await LookAsync("details");
        await window.Button("View source").ClickAsync();
        await Expect(page.Locator(".source")).ToBeVisibleAsync();
        await LookAsync("source");
        await page.Keyboard.PressAsync("Escape");
        if (isPhone) await window.Button("Back").ClickAsync();
        await window.OpenRowAsync("A very long subject");
        await LookAsync("long subject");
        if (isPhone) await window.Button("Back").ClickAsync();
        await window.OpenRowAsync("مرحبا");
        await LookAsync("right to left");
        await window.Button("Reply").ClickAsync();
        await Expect(page.Locator("#editor")).ToBeVisibleAsync();
        await LookAsync("answer");
        await page.FillAsync("#to", "nobody at all");
        await window.Button("Send").ClickAsync();
        await Expect(page.Locator(".composer [role=alert]")).ToBeVisibleAsync();
        await LookAsync("answer refused");
        await window.Button("Send later").ClickAsync();
        await Expect(page.Locator("dialog[open]")).ToBeVisibleAsync();
        await LookAsync("send later");
        await page.Keyboard.PressAsync("Escape");
        await window.Button("Discard").ClickAsync();
        await Expect(page.Locator(".composer")).ToHaveCountAsync(0);
        if (isPhone) await window.Button("Back").ClickAsync();

        await FolderAsync("Empty place");
        await Expect(page.Locator(".empty-title").First).ToBeVisibleAsync();
        await LookAsync("empty folder");
        await FolderAsync("Junk");
        await LookAsync("junk");
        await page.Locator("#review").ClickAsync();
        await Expect(page.Locator(".review-group").First).ToBeVisibleAsync();
        await LookAsync("junk review");
        await FolderAsync("Important");
        await LookAsync("empty label");
        await FolderAsync("Inbox");
        await page.FillAsync("#search", "minutes");
        await Expect(page.Locator("mark").First).ToBeVisibleAsync();
        await LookAsync("search");
        await page.FillAsync("#search", "zzzzqqqq");
        await Expect(page.GetByText("Nothing found")).ToBeVisibleAsync();
        await LookAsync("nothing found");
        await page.Context.SetOfflineAsync(true);
        await page.FillAsync("#search", "zzzzqqqqx");
        await Expect(page.Locator(".offline")).ToBeVisibleAsync();
        await LookAsync("offline");
        await page.Context.SetOfflineAsync(false);
        await Expect(page.Locator(".offline")).ToHaveCountAsync(0);
        await page.FillAsync("#search", "");
        if (!isPhone)
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Keys" }).Or(page.GetByRole(AriaRole.Button, new() { NameRegex = new("[Kk]ey") })).First.ClickAsync();
            await Expect(page.Locator("dialog[open]")).ToBeVisibleAsync();
            await LookAsync("keys");
            await page.Keyboard.PressAsync("Escape");
        }
        await page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).First.ClickAsync();
        await Expect(page.Locator("main.settings h1")).ToBeVisibleAsync();
        await Expect(page.Locator(".identity").First).ToBeVisibleAsync();
        await LookAsync("settings");
        foreach (var tab in await page.Locator("main.settings [role=tab], .settings-nav a").AllAsync())
        {
            await tab.ClickAsync();
            await LookAsync("settings " + (await tab.TextContentAsync() ?? "").Trim().ToLowerInvariant());
        }
        await page.GotoAsync(browser.Web + "/help");
        await LookAsync("help");
        Assert.True(found.Count == 0, string.Join("\n\n", found));
    }

    private async Task FillAsync()
    {
        await Filling.WaitAsync();
        try
        {
            if (isFilled) return;
            isFilled = true;
            using var imap = await Mailbox.OpenAsync(browser.Server, Alice);
            await imap.GetFolder(imap.PersonalNamespaces[0]).CreateAsync("Empty place", true);
            await imap.Inbox!.OpenAsync(FolderAccess.ReadWrite);
            await PutAsync(imap.Inbox, "Clara Winter <clara@wanted.example>", "Bills of the harbour", "Here are the bills.\r\n\r\nClara", "bills-1", null);
            await PutAsync(imap.Inbox, "Bob Demo <bob@demo.test>", "Re: Bills of the harbour", "Thank you. I shall pay them on Friday, and the others next week.\r\n\r\n> Here are the bills.\r\n>\r\n> Clara", "bills-2", "bills-1");
            await PutAsync(imap.Inbox, "Clara Winter <clara@wanted.example>", "Re: Bills of the harbour", "Friday is good.", "bills-3", "bills-2");
            await PutAsync(imap.Inbox, "\"Your Bank\" <service@bank-of-somewhere.example>", "Your account will be closed today", "<p>Dear customer,</p><p>sign in at <a href=\"https://bank.attacker.example/login\">https://www.bank-of-somewhere.example/login</a> within 24 hours.</p><p><img src=\"https://tracker.example/open.gif\" width=\"200\" height=\"80\"><img src=\"https://tracker.example/b.gif\" width=\"120\" height=\"80\"></p>", "bank", null, "text/html");
            await PutAsync(imap.Inbox, "A Sender Whose Name Is Far Longer Than Any Column Of Any List Has Room For <somebody.with.a.long.address@a-very-long-domain-name-indeed.example>", "A very long subject that goes on and on, about nothing in particular, so that it is seen whether lists and titles stay in their places when somebody writes like this, with-one-word-that-has-no-place-to-break-anywhere-at-all-in-it", "Short.", "long", null);
            await PutAsync(imap.Inbox, "=?utf-8?b?2YbZiNixINin2YTYr9mK2YY=?= <nur@wanted.example>", "=?utf-8?b?2YXYsdit2KjYpyDYqNmD2YU=?=", "مرحبا بكم في المكتبة.\r\n\r\nالاجتماع يوم الثلاثاء في الساعة 10:30.", "rtl", null);
            await imap.DisconnectAsync(true);
        }
        finally
        {
            Filling.Release();
        }
    }

    private static async Task PutAsync(IMailFolder folder, string from, string subject, string body, string id, string? answers, string type = "text/plain") => await folder.AppendAsync(new AppendRequest(
        MimeKit.MimeMessage.Load(new MemoryStream(System.Text.Encoding.UTF8.GetBytes($"From: {from}\r\nTo: Alice <{Alice}>\r\nSubject: {subject}\r\nDate: {DateTimeOffset.UtcNow:r}\r\nMessage-ID: <{id}@states.example>\r\n{(answers is null ? "" : $"In-Reply-To: <{answers}@states.example>\r\nReferences: <{answers}@states.example>\r\n")}MIME-Version: 1.0\r\nContent-Type: {type}; charset=utf-8\r\n\r\n{body}\r\n"))), MessageFlags.None, DateTimeOffset.UtcNow));
}
