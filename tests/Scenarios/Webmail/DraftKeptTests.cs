using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>What was written is never lost: not by a session that ends, a line that breaks, or a fault of the window it is written in.</summary>
public sealed class DraftKeptTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Bob = "bob@demo.test";

    [Fact]
    public async Task What_was_being_written_when_the_session_ended_is_there_after_signing_in_again()
    {
        var subject = "Ended " + Guid.NewGuid().ToString("n")[..6];
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await window.SignInAsync(Bob);
        await WriteAsync(page, subject, "Begun before. ");
        await Expect(page.Locator(".composer-state")).ToContainTextAsync("Saved");
        await page.Context.ClearCookiesAsync();
        await page.Locator("#editor").ClickAsync();
        await page.Keyboard.PressAsync("Control+End");
        await page.Keyboard.TypeAsync("And after.");
        // The next saving is refused, and with it the page is at its beginning.
        await page.FillAsync("#username", Bob);
        Assert.DoesNotContain("Begun before.", await page.ContentAsync());
        await page.FillAsync("#password", browser.Server.Passwords[Bob]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#editor")).ToContainTextAsync("Begun before. And after.");
        await Expect(page.Locator("#subject")).ToHaveValueAsync(subject);
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".composer")).ToHaveCountAsync(0);
        await InDraftsAsync(window, subject, "Begun before. And after.");
    }

    [Fact]
    public async Task What_was_to_be_sent_when_the_session_ended_is_there_after_signing_in_again_and_is_sent_then()
    {
        var subject = "Sent late " + Guid.NewGuid().ToString("n")[..6];
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await window.SignInAsync(Bob);
        await WriteAsync(page, subject, "Written overnight.");
        await page.Context.ClearCookiesAsync();
        await page.Keyboard.TypeAsync(" The last line.");
        await page.Keyboard.PressAsync("Control+Enter");
        await page.FillAsync("#username", Bob);
        await page.FillAsync("#password", browser.Server.Passwords[Bob]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#editor")).ToContainTextAsync("Written overnight. The last line.");
        await page.Locator("#editor").ClickAsync();
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("Sent in 10 seconds");
        await Expect(page.Locator(".composer")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task What_another_signs_in_to_is_not_shown_what_one_was_writing()
    {
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await window.SignInAsync(Bob);
        await WriteAsync(page, "Of Bob alone", "For nobody else.");
        await page.Context.ClearCookiesAsync();
        await page.Keyboard.TypeAsync(" Not saved.");
        await page.FillAsync("#username", "alice@demo.test");
        await page.FillAsync("#password", browser.Server.Passwords["alice@demo.test"]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#list[aria-busy=false]")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("c");
        await Expect(page.Locator("#subject")).ToHaveValueAsync("");
        Assert.DoesNotContain("For nobody else.", await page.ContentAsync());
    }

    [Fact]
    public async Task What_cannot_be_saved_stays_open_and_says_so()
    {
        var subject = "Kept open " + Guid.NewGuid().ToString("n")[..6];
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await window.SignInAsync(Bob);
        await WriteAsync(page, subject, "On the way.");
        await page.Context.SetOfflineAsync(true);
        await page.Locator("#editor").ClickAsync();
        await page.Keyboard.PressAsync("Control+End");
        await page.Keyboard.TypeAsync(" In a tunnel.");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".notice")).ToContainTextAsync("could not be saved, so it stays open");
        await Expect(page.Locator("#editor")).ToContainTextAsync("In a tunnel.");
        await page.Context.SetOfflineAsync(false);
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".composer")).ToHaveCountAsync(0);
        await InDraftsAsync(window, subject, "On the way. In a tunnel.");
    }

    [Fact]
    public async Task A_fault_of_the_window_leaves_the_page_and_the_draft()
    {
        var subject = "Broken " + Guid.NewGuid().ToString("n")[..6];
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        // A clock that fails: when the draft was saved cannot be shown.
        await page.AddInitScriptAsync("const real = Date.prototype.getTimezoneOffset; Date.prototype.getTimezoneOffset = function () { if (window.isBroken) throw new Error('This clock is broken by a test.'); return real.call(this); };");
        await window.SignInAsync(Bob);
        await WriteAsync(page, subject, "Half of it.");
        await Expect(page.Locator(".composer-state")).ToContainTextAsync("Saved");
        await page.Locator("#editor").ClickAsync();
        await page.Keyboard.PressAsync("Control+End");
        await page.Keyboard.TypeAsync(" And the rest.");
        await page.EvaluateAsync("() => { window.isBroken = true; }");
        await Expect(page.Locator(".composer")).ToHaveCountAsync(0);
        await Expect(page.Locator(".notice")).ToContainTextAsync("What you wrote is in Drafts.");
        await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        await page.EvaluateAsync("() => { window.isBroken = false; }");
        await InDraftsAsync(window, subject, "Half of it. And the rest.");
    }

    private static async Task WriteAsync(IPage page, string subject, string text)
    {
        await page.Keyboard.PressAsync("c");
        await page.FillAsync("#to", "alice@demo.test");
        await page.FillAsync("#subject", subject);
        await page.Locator("#editor").ClickAsync();
        await page.Keyboard.TypeAsync(text);
    }

    private static async Task InDraftsAsync(WebmailWindow window, string subject, string text)
    {
        await window.Page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Drafts") }).ClickAsync();
        await window.Row(subject).Locator(".row-link").ClickAsync();
        await Expect(window.Page.Locator("#editor")).ToContainTextAsync(text);
    }
}
