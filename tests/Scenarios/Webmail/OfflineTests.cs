using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Without a connection: the application starts, what was read can be read, and nothing of it stays once one has signed out.</summary>
public sealed class OfflineTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    [Fact]
    public async Task What_was_read_is_read_again_without_a_connection_until_one_signs_out()
    {
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await window.SignInAsync("alice@demo.test");
        // The worker comes once the list is shown; the page begun after that is its.
        await page.EvaluateAsync("async () => { await navigator.serviceWorker.ready; }");
        await page.ReloadAsync();
        await window.OpenRowAsync("Minutes of Tuesday");
        await Expect(page.FrameLocator("iframe.body").Locator("body")).ToContainTextAsync("minutes you asked for");
        // What is kept is written behind the answer.
        await page.EvaluateAsync("async () => { for (let i = 0; i < 600; i++) { const all = (await (await caches.open('mail')).keys()).map(request => new URL(request.url).pathname); if (all.some(path => path.startsWith('/jmap/view/')) && all.filter(path => path.startsWith('/kept/')).length >= 4) return; await new Promise(done => setTimeout(done, 50)); } throw new Error('Nothing was kept.'); }");

        var files = new List<bool>();
        page.Response += (_, response) => { if (response.Url.Contains("/_framework/", StringComparison.Ordinal)) files.Add(response.FromServiceWorker); };
        await page.Context.SetOfflineAsync(true);
        await page.ReloadAsync();
        await Expect(page.Locator("#reading-title")).ToContainTextAsync("Minutes of Tuesday");
        await Expect(page.FrameLocator("iframe.body").Locator("body")).ToContainTextAsync("minutes you asked for");
        await Expect(page.Locator(".offline")).ToBeVisibleAsync();
        await Expect(window.Row("The Garden Letter")).ToBeVisibleAsync();
        Assert.NotEmpty(files);
        Assert.All(files, Assert.True);
        await window.CheckAccessibilityAsync("offline");

        await page.Context.SetOfflineAsync(false);
        await Expect(page.Locator(".offline")).ToHaveCountAsync(0);
        await window.Button("Sign out").ClickAsync();
        await Expect(page.Locator("#username")).ToBeVisibleAsync();
        Assert.False(await page.EvaluateAsync<bool>("async () => { for (let i = 0; i < 200 && await caches.has('mail'); i++) await new Promise(done => setTimeout(done, 25)); return caches.has('mail'); }"), "Mail stayed after signing out.");
        Assert.Null(await page.EvaluateAsync<string?>("() => localStorage.getItem('early')"));
        await page.Context.SetOfflineAsync(true);
        await page.ReloadAsync();
        await Expect(page.Locator(".row")).ToHaveCountAsync(0);
        await Expect(page.GetByText("cannot be reached")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task It_can_be_installed()
    {
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await page.GotoAsync(browser.Web);
        // The browser's own word on it.
        var devtools = await page.Context.NewCDPSessionAsync(page);
        var manifest = await devtools.SendAsync("Page.getAppManifest") ?? throw new InvalidOperationException("There is no manifest.");
        Assert.Empty(manifest.GetProperty("errors").EnumerateArray());
        var errors = await devtools.SendAsync("Page.getInstallabilityErrors") ?? throw new InvalidOperationException("The browser does not say.");
        // A context of a test is one that keeps nothing, in which nothing is installed: the one thing it may complain of.
        Assert.All(errors.GetProperty("installabilityErrors").EnumerateArray(), error => Assert.Equal("in-incognito", error.GetProperty("errorId").GetString()));
    }
}
