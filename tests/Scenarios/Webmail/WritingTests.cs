using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Writing and sending in a real browser.</summary>
public sealed class WritingTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_with_a_file_is_written_saved_sent_and_received(bool isPhone)
    {
        var subject = "Plans " + Guid.NewGuid().ToString("n")[..6];
        var file = Path.Combine(Path.GetTempPath(), "plan-" + subject[6..] + ".txt");
        await File.WriteAllTextAsync(file, "the plan");
        await using var window = await browser.OpenAsync(isPhone);
        var page = window.Page;
        await window.SignInAsync("bob@demo.test");
        await (isPhone ? page.Locator(".fab") : page.Locator(".compose")).ClickAsync();
        await page.FillAsync("#to", "Alice <alice@demo.test>");
        await page.FillAsync("#subject", subject);
        await page.Locator("#editor").ClickAsync();
        await page.Keyboard.TypeAsync("Here is the plan, ");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Bold" }).ClickAsync();
        await page.Keyboard.TypeAsync("in bold");
        var chooser = await window.ChooseFilesAsync(() => page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Attach files" }).ClickAsync());
        await chooser.SetFilesAsync(file);
        await Expect(page.Locator(".composer .file")).ToContainTextAsync("plan-");
        await Expect(page.Locator(".composer-state")).ToContainTextAsync("Saved");
        await window.CheckAccessibilityAsync("composer");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("Sent in 10 seconds");
        await Expect(page.Locator(".composer")).ToHaveCountAsync(0);
        window.CheckCalm();

        await using var other = await browser.OpenAsync();
        await other.SignInAsync("alice@demo.test");
        await Expect(other.Row(subject)).ToBeVisibleAsync();
        await other.OpenRowAsync(subject);
        await Expect(other.Page.FrameLocator("iframe.body").Locator("b")).ToContainTextAsync("in bold");
        await Expect(other.Page.Locator(".files")).ToContainTextAsync("plan-");
        await Expect(other.Page.Locator(".provenance")).ToContainTextAsync("who signed in to this server");
        File.Delete(file);
    }

    [Fact]
    public async Task Sending_is_undone_and_the_draft_is_there_again()
    {
        var subject = "Hasty " + Guid.NewGuid().ToString("n")[..6];
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await window.SignInAsync("bob@demo.test");
        await page.Keyboard.PressAsync("c");
        await page.FillAsync("#to", "alice@demo.test");
        await page.FillAsync("#subject", subject);
        await page.Locator("#editor").ClickAsync();
        await page.Keyboard.TypeAsync("Too fast");
        await page.Keyboard.PressAsync("Control+Enter");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Undo", Exact = true }).ClickAsync();
        await Expect(page.Locator("#editor")).ToContainTextAsync("Too fast");
        await Expect(page.Locator("#subject")).ToHaveValueAsync(subject);
        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { NameRegex = new("^Drafts") }).ClickAsync();
        await Expect(window.Row(subject)).ToBeVisibleAsync();
        window.CheckCalm();
    }

    [Fact]
    public async Task An_answer_quotes_and_what_is_missing_is_asked_for()
    {
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await window.SignInAsync("alice@demo.test");
        await window.OpenRowAsync("Minutes of Tuesday");
        await page.Keyboard.PressAsync("r");
        await Expect(page.Locator("#to")).ToHaveValueAsync("Clara Winter <clara@wanted.example>");
        await Expect(page.Locator("#subject")).ToHaveValueAsync("Re: Minutes of Tuesday's meeting");
        await Expect(page.Locator("#editor blockquote")).ToContainTextAsync("here are the minutes");
        await page.FillAsync("#to", "");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.Locator(".composer [role=alert]")).ToContainTextAsync("whom to send it to");
        await page.FillAsync("#to", "not an address");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.Locator(".composer [role=alert]")).ToContainTextAsync("no mail address");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
        await Expect(page.Locator(".composer")).ToHaveCountAsync(0);
        window.CheckCalm();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Settings_keep_a_signature_and_the_answer_while_away(bool isPhone)
    {
        await using var window = await browser.OpenAsync(isPhone);
        var page = window.Page;
        await window.SignInAsync("admin@demo.test");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
        await page.Locator("textarea[id^=signature]").FillAsync("Admin of demo.test");
        await page.Locator(".identity button").ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("Saved");
        await page.CheckAsync("#away");
        await page.FillAsync("#away-text", "I am away.");
        await page.Locator("form:has(#away) button").ClickAsync();
        await window.CheckAccessibilityAsync("settings");
        await page.ReloadAsync();
        await Expect(page.Locator("#away-text")).ToHaveValueAsync("I am away.");
        await Expect(page.Locator("textarea[id^=signature]")).ToHaveValueAsync("Admin of demo.test");
        window.CheckCalm();
    }
}
