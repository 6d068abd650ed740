using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Mail that is written from right to left, within a page that is not, and in one that is.</summary>
public sealed class RightToLeftTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Bob = "bob@demo.test";
    private const string Subject = "שלום מהספרייה";

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Each_text_goes_in_its_own_direction_and_the_page_can_go_the_other_way(bool isPhone, bool isDark)
    {
        var tag = Guid.NewGuid().ToString("n")[..6];
        await PutMail.AsIfDeliveredAsync(browser.Server, Bob, Letter($"{Subject} {tag}", "הספרייה", "ברוכים הבאים לספרייה.\r\nThe meeting is on Tuesday at 10:30.\r\nנתראה!"));
        await PutMail.AsIfDeliveredAsync(browser.Server, Bob, Letter("Plain English " + tag, "Sam", "Nothing unusual."));
        await using var window = await browser.OpenAsync(isPhone, isDark);
        var page = window.Page;
        await window.SignInAsync(Bob);
        await Expect(window.Row(tag)).ToBeVisibleAsync();
        // In a list from left to right all begins at the left; the words within their own line are ordered by their own direction.
        Assert.Equal("rtl", await DirectionAsync(window.Row(Subject).Locator(".row-subject bdi").First));
        Assert.Equal("ltr", await DirectionAsync(window.Row("Plain English").Locator(".row-subject bdi").First));
        await window.OpenRowAsync($"{Subject} {tag}");
        Assert.Equal("rtl", await DirectionAsync(page.Locator("#reading-title bdi")));
        var frame = page.FrameLocator("iframe.body");
        Assert.Equal("rtl", await DirectionAsync(frame.Locator("body")));
        // A line of English in it is read from the left, and stands at the left.
        Assert.Equal("plaintext", await frame.Locator(".line").Nth(1).EvaluateAsync<string>("element => getComputedStyle(element).unicodeBidi"));
        Assert.True(await InkAsync(frame.Locator(".line").First) > await InkAsync(frame.Locator(".line").Nth(1)), "The Hebrew line does not stand at the right of the English one.");
        await ShootAsync(page, $"rtl-message-{Of(isPhone)}");

        // The whole page as in a language from right to left.
        await page.EvaluateAsync("() => { document.documentElement.dir = 'rtl'; document.documentElement.lang = 'he'; }");
        await Expect(page.Locator("#reading-title")).ToBeVisibleAsync();
        await LookAsync("reading");
        if (isPhone) await window.Button("Back").ClickAsync();
        await LookAsync("list");
        if (isPhone)
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).ClickAsync();
            await Expect(page.Locator("#folders")).ToBeVisibleAsync();
            await LookAsync("folders");
            await page.Locator(".veil").ClickAsync(new() { Position = new() { X = 20, Y = 400 } });
        }
        else
        {
            var (folders, list, reading) = (await BoxAsync("#folders"), await BoxAsync(".list-pane"), await BoxAsync(".reading"));
            Assert.True(folders.X > list.X && list.X > reading.X, "Folders, list and message do not stand from right to left.");
        }
        await page.Keyboard.PressAsync("c");
        await Expect(page.Locator("#editor")).ToBeVisibleAsync();
        await page.FillAsync("#subject", Subject);
        await LookAsync("writing");
        await window.Button("Discard").ClickAsync();
        foreach (var place in new[] { "", "/labels", "/rules", "/security" })
        {
            await page.EvaluateAsync($"() => {{ history.pushState(null, '', '/settings{place}'); dispatchEvent(new PopStateEvent('popstate')); }}");
            await Expect(page.Locator("main.settings h1")).ToBeVisibleAsync();
            await LookAsync("settings" + place.Replace('/', '-'));
        }
        window.CheckCalm();

        async Task LookAsync(string state)
        {
            await ShootAsync(page, $"rtl-page-{Of(isPhone)}-{state}");
            await window.CheckAccessibilityAsync("right to left: " + state);
            Assert.True(await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth") <= 0, state + " is wider than the window");
        }

        async Task<LocatorBoundingBoxResult> BoxAsync(string what) => await page.Locator(what).BoundingBoxAsync() ?? throw new InvalidOperationException(what);
    }

    private static string Of(bool isPhone) => isPhone ? "phone-dark" : "desk";

    private static Task<string> DirectionAsync(ILocator locator) => locator.EvaluateAsync<string>("element => getComputedStyle(element).direction");

    // Where the letters of a line begin, counted from the left.
    private static Task<double> InkAsync(ILocator locator) => locator.EvaluateAsync<double>("element => { const range = document.createRange(); range.selectNodeContents(element); return range.getBoundingClientRect().left; }");

    private static string Letter(string subject, string from, string body) =>
        $"Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: =?utf-8?b?{Encoded(from)}?= <sam@later.example>\r\nTo: <{Bob}>\r\nSubject: =?utf-8?b?{Encoded(subject)}?=\r\nMessage-ID: <{Guid.NewGuid():N}@later.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n";

    private static string Encoded(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    private static Task ShootAsync(IPage page, string name) => Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { Length: > 0 } folder
        ? page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") }) : Task.CompletedTask;
}
