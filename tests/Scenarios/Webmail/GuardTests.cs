using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>A fault of the program in one part of the page is that part's alone.</summary>
public sealed class GuardTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_cannot_be_drawn_leaves_the_rest_of_the_page_and_begins_anew(bool isPhone)
    {
        var subject = "Guarded " + Guid.NewGuid().ToString("n")[..6];
        await PutMail.AsIfDeliveredAsync(browser.Server, "bob@demo.test", $"From: Far <far@away.example>\r\nTo: <bob@demo.test>\r\nSubject: {subject}\r\nMessage-ID: <{subject.Replace(' ', '-')}@away.example>\r\n\r\nText.\r\n");
        await using var window = await browser.OpenAsync(isPhone, isDark: isPhone);
        var page = window.Page;
        // A clock that fails: whoever shows a time cannot be drawn.
        await page.AddInitScriptAsync("const real = Date.prototype.getTimezoneOffset; Date.prototype.getTimezoneOffset = function () { if (window.isBroken) throw new Error('This clock is broken by a test.'); return real.call(this); };");
        await window.SignInAsync("bob@demo.test");
        await page.EvaluateAsync("() => { window.isBroken = true; }");
        await GoAsync("Settings");
        var failed = page.Locator(".page [role=alert]");
        await Expect(failed).ToContainTextAsync("Something in this part of the page went wrong.");
        await Expect(failed).ToContainTextAsync("Your mail is safe on the server");
        await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        await window.CheckAccessibilityAsync("a part that failed");
        await Expect(page.Locator("#search")).ToBeVisibleAsync();
        await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        if (Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"part-failed-{(isPhone ? "phone" : "desk")}.png") });

        // By the button, once it can be drawn.
        await page.EvaluateAsync("() => { window.isBroken = false; }");
        await failed.GetByRole(AriaRole.Button, new() { Name = "Try again" }).PressAsync("Enter");
        await Expect(page.Locator("main")).ToContainTextAsync("this browser");
        await Expect(failed).ToHaveCountAsync(0);

        // What lies over the page closes, with a word, and opens again once it can be drawn.
        await GoAsync("Mail");
        await window.Row(subject).Locator("input[type=checkbox]").CheckAsync();
        await page.EvaluateAsync("() => { window.isBroken = true; }");
        await page.Keyboard.PressAsync("b");
        await Expect(page.Locator(".notice")).ToContainTextAsync("went wrong");
        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
        await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        await page.EvaluateAsync("() => { window.isBroken = false; }");
        await page.Keyboard.PressAsync("b");
        await Expect(page.Locator("dialog")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
        await GoAsync("Settings");
        await Expect(page.Locator("main")).ToContainTextAsync("this browser");

        // And by going elsewhere.
        await GoAsync("Mail");
        await page.EvaluateAsync("() => { window.isBroken = true; }");
        await GoAsync("Settings");
        await Expect(failed).ToBeVisibleAsync();
        await page.EvaluateAsync("() => { window.isBroken = false; }");
        await GoAsync("Mail");
        await Expect(failed).ToHaveCountAsync(0);
        await GoAsync("Settings");
        await Expect(page.Locator("main")).ToContainTextAsync("this browser");
        await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();

        Task GoAsync(string name) => page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).First.PressAsync("Enter");
    }
}
