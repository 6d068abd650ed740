using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Everything by keyboard alone: no mouse is used, and the focus is always somewhere, where it can be seen.</summary>
public sealed class KeyboardTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Alice = "alice@demo.test";
    private const string Bob = "bob@demo.test";

    // Something that can be seen has the focus, and shows it: by an outline, or, where one writes, by the caret.
    private const string FocusIsSeen = """
        () => {
          const at = document.activeElement;
          if (!at || at === document.body) return false;
          if (!at.checkVisibility({ visibilityProperty: true }) || at.closest('[inert]')) return false;
          const style = getComputedStyle(at);
          return at.matches('input, textarea, [contenteditable=true], iframe') || (at.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1);
        }
        """;

    [Fact]
    public async Task A_day_of_mail_without_a_mouse()
    {
        var mark = Guid.NewGuid().ToString("n")[..6];
        await using (var smtp = await RawSmtp.SubmitAsync(browser.Server, Bob))
        {
            foreach (var name in (string[])["First", "Second", "Third", "Fourth", "Fifth"])
                Assert.StartsWith("250", await smtp.SendAsync(Bob, Alice, System.Text.Encoding.UTF8.GetBytes($"From: <{Bob}>\r\nTo: <{Alice}>\r\nSubject: {name} {mark}\r\nMessage-ID: <{name}-{mark}@demo.test>\r\n\r\nGood morning from {name}\r\n")));
        }
        await using var window = await browser.OpenAsync();
        var (page, keys) = (window.Page, window.Page.Keyboard);

        // Signing in: the first field has the focus.
        await page.GotoAsync(browser.Web);
        await Expect(page.Locator("#username")).ToBeFocusedAsync();
        await keys.TypeAsync(Alice);
        await keys.PressAsync("Tab");
        await Expect(page.Locator("#password")).ToBeFocusedAsync();
        await keys.TypeAsync(browser.Server.Passwords[Alice]);
        await keys.PressAsync("Enter");
        await Expect(window.Row("Fifth " + mark)).ToBeVisibleAsync();
        await FocusAsync(page, "signed in");

        // In the list.
        await ToRowAsync(window, "Fifth " + mark);
        await keys.PressAsync("j");
        await Expect(page.Locator(".row.is-cursor")).ToContainTextAsync("Fourth " + mark);
        await Expect(page.Locator(".row.is-cursor .row-link")).ToBeFocusedAsync();
        await keys.PressAsync("ArrowUp");
        await Expect(page.Locator(".row.is-cursor .row-link")).ToBeFocusedAsync();
        await keys.PressAsync("x");
        await Expect(page.Locator(".bar-title").First).ToContainTextAsync("1 selected");
        await keys.PressAsync("x");
        await keys.PressAsync("s");
        await Expect(page.Locator(".row.is-cursor .row-star")).ToHaveAttributeAsync("aria-pressed", "true");
        await keys.PressAsync("s");

        // Opened, with the focus on its subject; older and newer; the details by Tab.
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#reading-title")).ToContainTextAsync("Fifth " + mark);
        await Expect(page.Locator("#reading-title")).ToBeFocusedAsync();
        await keys.PressAsync("j");
        await Expect(page.Locator("#reading-title")).ToContainTextAsync("Fourth " + mark);
        await Expect(page.Locator("#reading-title")).ToBeFocusedAsync();
        await TabToAsync(page, "Details");
        await keys.PressAsync("Enter");
        await Expect(page.Locator(".details")).ToBeVisibleAsync();
        await TabToAsync(page, "View source");
        await keys.PressAsync("Enter");
        await Expect(page.Locator(".source")).ToContainTextAsync("Good morning from Fourth");
        await TrapAsync(page);
        await keys.PressAsync("Escape");
        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "View source" })).ToBeFocusedAsync();

        // An answer, and back.
        await keys.PressAsync("r");
        await Expect(page.Locator("#editor")).ToBeFocusedAsync();
        await keys.TypeAsync("Good evening");
        await keys.PressAsync("Control+Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("Sent in");
        await FocusAsync(page, "sent");
        await keys.PressAsync("u");
        await Expect(page.Locator(".row.is-cursor .row-link")).ToBeFocusedAsync();

        // A new message, with a file; taken back; sent.
        var file = Path.Combine(Path.GetTempPath(), $"keys-{mark}.txt");
        await File.WriteAllTextAsync(file, "by keyboard");
        await keys.PressAsync("c");
        await Expect(page.Locator("#to")).ToBeFocusedAsync();
        await keys.TypeAsync(Bob);
        await TabToAsync(page, "subject");
        await keys.TypeAsync("By keyboard " + mark);
        await keys.PressAsync("Tab");
        await Expect(page.Locator("#editor")).ToBeFocusedAsync();
        await keys.TypeAsync("No mouse");
        await TabToAsync(page, "Attach files");
        var chooser = await window.ChooseFilesAsync(() => keys.PressAsync("Enter"));
        await chooser.SetFilesAsync(file);
        await Expect(page.Locator(".composer .file")).ToContainTextAsync("keys-");
        await Expect(page.Locator(".composer .file progress")).ToHaveCountAsync(0);
        await FocusAsync(page, "attached");
        await keys.PressAsync("Control+Enter");
        await Expect(page.Locator(".composer")).ToHaveCountAsync(0);
        await FocusAsync(page, "sent with a file");
        await keys.PressAsync("z");
        await Expect(page.Locator("#editor")).ToContainTextAsync("No mouse");
        await FocusAsync(page, "taken back");
        await keys.PressAsync("Escape");
        await Expect(page.Locator(".composer")).ToHaveCountAsync(0);
        await FocusAsync(page, "closed");
        File.Delete(file);

        // Sorting: each takes the row away, and the next has the focus.
        await ToRowAsync(window, "Fifth " + mark);
        await keys.PressAsync("!");
        await Expect(page.Locator(".notice")).ToContainTextAsync("has learned");
        await Expect(window.Row("Fifth " + mark)).ToHaveCountAsync(0);
        await FocusAsync(page, "junk");
        await keys.PressAsync("z");
        await Expect(window.Row("Fifth " + mark)).ToBeVisibleAsync();
        await ToRowAsync(window, "Third " + mark);
        await keys.PressAsync("e");
        await Expect(page.Locator(".notice")).ToContainTextAsync("archived");
        await FocusAsync(page, "archived");
        await ToRowAsync(window, "Second " + mark);
        await keys.PressAsync("#");
        await Expect(page.Locator(".notice")).ToContainTextAsync("Trash");
        await FocusAsync(page, "deleted");
        await ToRowAsync(window, "First " + mark);
        await keys.PressAsync("v");
        await Expect(page.Locator("#find-folder")).ToBeFocusedAsync();
        await TrapAsync(page);
        await page.Locator("#find-folder").FocusAsync();
        await keys.TypeAsync("Junk");
        await keys.PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("moved to Junk");
        await FocusAsync(page, "moved");

        // To another folder, and not junk.
        await TabToAsync(page, new Regex("^Junk"));
        await keys.PressAsync("Enter");
        await Expect(window.Row("First " + mark)).ToBeVisibleAsync();
        await ToRowAsync(window, "First " + mark);
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#reading-title")).ToBeFocusedAsync();
        await keys.PressAsync("!");
        await Expect(page.Locator(".notice")).ToContainTextAsync("is wanted");
        await FocusAsync(page, "not junk");
        await keys.PressAsync("g");
        await keys.PressAsync("i");
        await Expect(window.Row("First " + mark)).ToBeVisibleAsync();

        // Searching.
        await keys.PressAsync("/");
        await Expect(page.Locator("#search")).ToBeFocusedAsync();
        await keys.TypeAsync("subject:Fourth");
        await Expect(page.Locator(".bar-title").First).ToContainTextAsync("Search results");
        await Expect(window.Row("Fourth " + mark)).ToBeVisibleAsync();
        await keys.PressAsync("Escape");
        await Expect(page.Locator(".row.is-cursor .row-link")).ToBeFocusedAsync();

        // The keys, in a dialog that keeps the focus and gives it back.
        await keys.PressAsync("?");
        await Expect(page.Locator("dialog .keys")).ToBeVisibleAsync();
        await TrapAsync(page);
        await keys.PressAsync("Escape");
        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
        await Expect(page.Locator(".row.is-cursor .row-link")).ToBeFocusedAsync();

        // Settings, and out.
        await TabToAsync(page, "Settings", back: true);
        await keys.PressAsync("Enter");
        await Expect(page.Locator("main.settings h1")).ToBeVisibleAsync();
        await FocusAsync(page, "settings");
        await TabToAsync(page, "Sign out", back: true);
        await keys.PressAsync("Enter");
        await Expect(page.Locator("#username")).ToBeFocusedAsync();
        window.CheckCalm();
    }

    private static async Task FocusAsync(IPage page, string after)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            if (await page.EvaluateAsync<bool>(FocusIsSeen)) return;
            await page.EvaluateAsync("() => new Promise(done => setTimeout(done, 50))");
        }
        Assert.Fail($"Nothing has the focus visibly after: {after}. " + await page.EvaluateAsync<string>("() => document.activeElement?.outerHTML.slice(0, 300)"));
    }

    // With the keys of the list.
    private static async Task ToRowAsync(WebmailWindow window, string subject)
    {
        for (var steps = 0; steps < 60; steps++)
        {
            if (await window.Page.Locator(".row.is-cursor:has(.row-link:focus)", new() { HasText = subject }).CountAsync() > 0) return;
            // Up to the top first, then down through all. The key is answered before the next frame.
            await window.Page.Keyboard.PressAsync(steps < 12 ? "k" : "j");
            await window.Page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        }
        Assert.Fail(subject + " was not reached by keys.");
    }

    private static Task TabToAsync(IPage page, string name, bool back = false) => TabToAsync(page, new Regex("^" + Regex.Escape(name)), back);

    // Name: the label, the text, or the id of what has the focus.
    private static async Task TabToAsync(IPage page, Regex name, bool back = false)
    {
        for (var steps = 0; steps < 120; steps++)
        {
            var names = await page.EvaluateAsync<string[]>("() => { const at = document.activeElement; return at ? [at.getAttribute('aria-label') ?? '', at.textContent.trim().slice(0, 60), at.id] : []; }");
            if (names.Any(name.IsMatch)) return;
            await page.Keyboard.PressAsync(back ? "Shift+Tab" : "Tab");
        }
        Assert.Fail($"{name} is not reached with Tab.");
    }

    private static async Task TrapAsync(IPage page)
    {
        for (var steps = 0; steps < 20; steps++)
        {
            await page.Keyboard.PressAsync(steps < 10 ? "Tab" : "Shift+Tab");
            // The page itself has it for a moment where a browser with a window would go round by its own buttons.
            Assert.True(await page.EvaluateAsync<bool>("() => document.activeElement === document.body || document.activeElement.closest('dialog') !== null"), "The focus left the dialog.");
        }
    }
}
