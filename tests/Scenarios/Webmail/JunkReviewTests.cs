using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Junk looked through quickly, and told of by mail.</summary>
public sealed class JunkReviewTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    [Theory]
    [InlineData("bob@demo.test", false, false)]
    [InlineData("alice@demo.test", true, true)]
    public async Task Junk_is_reviewed_by_sender_and_subject_the_most_doubtful_first(string user, bool isPhone, bool isDark)
    {
        var tag = Guid.NewGuid().ToString("n")[..6];
        await PutAsync(user, $"Cheap pills {tag}", $"Pills <pills-{tag}@spam.example>", "junk, score 14.2 (STATISTICS 9.0, DNSBL_SENDER 4.0), reference x.1");
        await PutAsync(user, $"More pills {tag}", $"Pills <pills-{tag}@spam.example>", "junk, score 12.0 (STATISTICS 8.0,\r\n DNSBL_SENDER 4.0), reference x.2");
        await PutAsync(user, $"Parish letter {tag}", $"Parish <parish-{tag}@church.example>", "junk, score 5.3 (FIRST_CONTACT 3.1, STATISTICS 2.2), reference x.3");
        await PutAsync(user, $"Moved {tag}", $"Other <other-{tag}@moved.example>", null);
        await using var window = await browser.OpenAsync(isPhone, isDark);
        var page = window.Page;
        await window.SignInAsync(user);
        await page.GotoAsync(browser.Web + "/mail/junk");
        await page.Locator("#review").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        var groups = page.Locator(".review-group");
        await Expect(groups.First).ToContainTextAsync("Parish");
        await Expect(groups.First.Locator(".is-doubtful")).ToBeVisibleAsync();
        var pills = page.Locator(".review-group", new() { HasText = $"pills-{tag}@spam.example" });
        await Expect(pills.Locator("li")).ToHaveCountAsync(2);
        await Expect(pills.Locator("li").First).ToContainTextAsync("More pills");
        await Expect(pills.Locator("li").First).ToContainTextAsync("Its words and form are those of spam.");
        await Expect(page.Locator(".review-group", new() { HasText = $"other-{tag}" })).ToContainTextAsync("moved it to Junk");
        await window.CheckAccessibilityAsync("review of junk");
        await ShootAsync(page, $"junk-review-{Of(isPhone)}");
        Assert.True(await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth") <= 0);

        await page.GetByRole(AriaRole.Button, new() { Name = $"Not junk: Parish letter {tag}" }).PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("learned");
        await Expect(page.Locator(".review-group", new() { HasText = "Parish" })).ToHaveCountAsync(0);
        await window.Button("Undo").ClickAsync();
        await Expect(groups.First).ToContainTextAsync("Parish");

        await page.SelectOptionAsync("#group-by", "subject");
        await Expect(groups.First.Locator("h2")).ToContainTextAsync($"Parish letter {tag}");
        await page.GetByLabel($"Select: Parish letter {tag}").CheckAsync();
        await page.GetByLabel($"Select: Moved {tag}").CheckAsync();
        await Expect(page.Locator("#want-chosen")).ToHaveTextAsync("Not junk: 2");
        await window.CheckAccessibilityAsync("review of junk, by subject");
        await page.Locator("#want-chosen").PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("2 moved to the inbox");

        // A message is opened from here, and is where it lies.
        await page.GetByRole(AriaRole.Link, new() { Name = "Pills" }).Last.ClickAsync();
        await Expect(page.Locator("#reading-title")).ToContainTextAsync("pills");
        await page.GoBackAsync();

        // Mail is told of daily, or now; what the links lead to wants a sign-in.
        await page.SelectOptionAsync("#digest", "1");
        await Expect(page.Locator(".notice")).ToContainTextAsync("Saved");
        await page.Locator("#digest-now").PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("in your inbox");
        await page.ReloadAsync();
        await Expect(page.Locator("#digest")).ToHaveValueAsync("1");
        await page.GotoAsync(browser.Web + "/mail/inbox");
        await window.OpenRowAsync("in Junk");
        var letter = page.FrameLocator("iframe.body");
        await Expect(letter.Locator("body")).ToContainTextAsync($"Cheap pills {tag}");
        await Expect(letter.Locator("body")).ToContainTextAsync("Its words and form are those of spam.");
        await Expect(letter.Locator("body")).Not.ToContainTextAsync("Parish letter");
        var link = await letter.Locator("a[href*='/mail/junk/T']").Last.GetAttributeAsync("href");
        await ShootAsync(page, $"junk-digest-{Of(isPhone)}");
        await using (var stranger = await browser.OpenAsync(isPhone))
        {
            await stranger.Page.GotoAsync(browser.Web + new Uri(link!).AbsolutePath);
            await Expect(stranger.Page.Locator("#username")).ToBeVisibleAsync();
            await stranger.Page.FillAsync("#username", user);
            await stranger.Page.FillAsync("#password", browser.Server.Passwords[user]);
            await stranger.Page.Keyboard.PressAsync("Enter");
            await Expect(stranger.Page.Locator("#reading-title")).ToContainTextAsync("pills");
            await Expect(stranger.Button("Not junk")).ToBeVisibleAsync();
            stranger.CheckCalm();
        }

        await page.GotoAsync(browser.Web + "/mail/junk/review");
        await page.Locator("#delete-all").PressAsync("Enter");
        await Expect(page.Locator("dialog")).ToContainTextAsync("for good");
        await page.Locator("dialog").GetByRole(AriaRole.Button, new() { Name = "Delete for good" }).ClickAsync();
        await Expect(page.Locator("#no-junk")).ToBeVisibleAsync();
        await window.CheckAccessibilityAsync("no junk to review");
        await ShootAsync(page, $"junk-review-empty-{Of(isPhone)}");
        window.CheckCalm();
    }

    private static string Of(bool isPhone) => isPhone ? "phone-dark" : "desk";

    private Task PutAsync(string user, string subject, string from, string? verdict) => PutMail.AsIfDeliveredAsync(browser.Server, user,
        $"Return-Path: <x@spam.example>\r\n{(verdict is null ? "" : $"X-Sternpost-Verdict: {verdict}\r\n")}Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\nX-Sternpost-Verdict: accept, score -9.0, reference forged\r\nFrom: {from}\r\nTo: <{user}>\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():N}@spam.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nBuy now, while it lasts.\r\n", "junk");

    // For the eyes of whoever changes a page.
    private static Task ShootAsync(IPage page, string name) => Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { Length: > 0 } folder
        ? page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = true }) : Task.CompletedTask;
}
