using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Reading, sorting and searching in a real browser, at a desk and on a phone.</summary>
public sealed class ReadingTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Alice = "alice@demo.test";
    private const string Bob = "bob@demo.test";
    private static readonly System.Text.RegularExpressions.Regex UnreadCount = new("^[12]$");

    [Fact]
    public async Task A_wrong_password_is_told_and_a_right_one_opens_the_inbox()
    {
        await using var window = await browser.OpenAsync();
        await window.Page.GotoAsync(browser.Web);
        await window.Page.FillAsync("#username", Alice);
        await window.Page.FillAsync("#password", "wrong");
        await window.CheckAccessibilityAsync("sign-in");
        await window.Button("Sign in").ClickAsync();
        await Expect(window.Page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToContainTextAsync("wrong");
        await window.SignInAsync(Alice);
        await Expect(window.Row("Minutes of Tuesday")).ToBeVisibleAsync();
        // Two, or one where another test of this class has read the newsletter before.
        await Expect(window.Page.Locator(".folder.is-here .count")).ToHaveTextAsync(UnreadCount);
        await window.CheckAccessibilityAsync("inbox");
        await window.Button("Sign out").ClickAsync();
        await Expect(window.Page.Locator("#username")).ToBeVisibleAsync();
        await Expect(window.Page.Locator(".row")).ToHaveCountAsync(0);
        window.CheckCalm();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_message_is_read_and_says_who_sent_it_and_why_it_is_here(bool isPhone, bool isDark)
    {
        await using var window = await browser.OpenAsync(isPhone, isDark);
        await window.SignInAsync(Alice);
        await window.OpenRowAsync("The Garden Letter");
        await Expect(window.Page.Locator(".provenance")).ToContainTextAsync("newsletter.example has signed it");
        await Expect(window.Page.Locator(".provenance")).ToContainTextAsync("It is here because");
        await Expect(window.Page.FrameLocator("iframe.body").Locator("h1")).ToContainTextAsync("The Garden Letter");
        await window.Button("Details").ClickAsync();
        await Expect(window.Page.Locator(".details")).ToContainTextAsync("STATISTICS");
        await window.CheckAccessibilityAsync("message");
        await window.Button("View source").ClickAsync();
        await Expect(window.Page.Locator(".source")).ToContainTextAsync("DKIM-Signature");
        await window.CheckAccessibilityAsync("source");
        await window.Page.Keyboard.PressAsync("Escape");
        await Expect(window.Page.Locator("dialog")).ToHaveCountAsync(0);
        window.CheckCalm();
    }

    [Fact]
    public async Task Junk_and_not_junk_move_and_teach_and_can_be_undone()
    {
        await using var window = await browser.OpenAsync();
        await using (var smtp = await RawSmtp.SubmitAsync(browser.Server, Bob)) await SendAsync(smtp, Bob, Bob, "Fortune " + Guid.NewGuid().ToString("n")[..6]);
        await window.SignInAsync(Bob);
        await window.OpenRowAsync("Fortune");
        await window.Button("Junk").ClickAsync();
        await Expect(window.Page.Locator(".notice")).ToContainTextAsync("has learned that mail like this");
        await Expect(window.Row("Fortune")).Not.ToBeVisibleAsync();
        await window.Button("Undo").ClickAsync();
        await Expect(window.Row("Fortune")).ToBeVisibleAsync();
        await window.Row("Fortune").Locator("input[type=checkbox]").CheckAsync();
        await window.Page.Keyboard.PressAsync("!");
        await Expect(window.Row("Fortune")).Not.ToBeVisibleAsync();
        await window.Page.Keyboard.PressAsync("g");
        await window.Page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { NameRegex = new("^Junk") }).ClickAsync();
        await window.OpenRowAsync("Fortune");
        await Expect(window.Page.Locator(".provenance")).ToContainTextAsync("moved to Junk since");
        await window.Button("Not junk").ClickAsync();
        await Expect(window.Page.Locator(".notice")).ToContainTextAsync("is wanted");
        window.CheckCalm();
    }

    [Fact]
    public async Task New_mail_appears_by_itself()
    {
        await using var window = await browser.OpenAsync(isPhone: true);
        await window.SignInAsync(Bob);
        var subject = "Pushed " + Guid.NewGuid().ToString("n")[..6];
        await using (var smtp = await RawSmtp.SubmitAsync(browser.Server, Alice)) await SendAsync(smtp, Alice, Bob, subject);
        await Expect(window.Row(subject)).ToBeVisibleAsync();
        await window.OpenRowAsync(subject);
        await window.Button("Back").ClickAsync();
        await Expect(window.Row(subject)).ToBeVisibleAsync();
        await Expect(window.Row(subject)).Not.ToHaveClassAsync(new System.Text.RegularExpressions.Regex("is-unread"));
        window.CheckCalm();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Mail_after_mail_appears_while_others_are_read(bool isHtml)
    {
        await using var window = await browser.OpenAsync();
        await window.SignInAsync(Bob);
        await using var smtp = await RawSmtp.SubmitAsync(browser.Server, Alice);
        for (var number = 1; number <= 5; number++)
        {
            var subject = $"Letter {number} of {Guid.NewGuid().ToString("n")[..6]}";
            await SendAsync(smtp, Alice, Bob, subject, isHtml ? "text/html; charset=utf-8" : "text/plain; charset=utf-8", isHtml ? $"<p>Good morning {number}</p><img src=x onerror=alert({number})>" : $"Good morning {number}");
            await Expect(window.Row(subject)).ToBeVisibleAsync();
            await window.OpenRowAsync(subject);
            await Expect(window.Page.FrameLocator("iframe.body").Locator("body")).ToContainTextAsync($"Good morning {number}");
        }
        window.CheckCalm();
    }

    private static async Task SendAsync(RawSmtp smtp, string from, string to, string subject, string type = "text/plain; charset=utf-8", string body = "Good morning") =>
        Assert.StartsWith("250", await smtp.SendAsync(from, to, System.Text.Encoding.UTF8.GetBytes($"From: <{from}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():N}@demo.test>\r\nMIME-Version: 1.0\r\nContent-Type: {type}\r\n\r\n{body}\r\n")));
}
