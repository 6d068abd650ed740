using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>How the webmail begins: what makes it soon is there, and goes on being there with another Blazor.</summary>
public sealed class StartTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Alice = "alice@demo.test";

    [Fact]
    public async Task The_list_is_asked_for_before_the_program_runs_and_with_two_requests()
    {
        await using var window = await browser.OpenAsync();
        await window.SignInAsync(Alice);
        var page = window.Page;
        await page.GotoAsync(window.Web + "/mail/inbox");
        await Expect(page.Locator("#list[aria-busy=false]")).ToBeVisibleAsync();
        // What this start asked is what the next begins with.
        await page.ReloadAsync();
        await Expect(page.Locator("#list[aria-busy=false]")).ToBeVisibleAsync();
        var facts = await page.EvaluateAsync<double[]>(
            """
            () => {
              const at = name => performance.getEntriesByName(name)[0]?.startTime ?? -1;
              const shown = at('list shown');
              const asked = performance.getEntriesByType('resource').filter(entry => entry.name.endsWith('/jmap/api') && entry.startTime < shown).map(entry => entry.startTime);
              return [at('attached'), shown, asked.length, Math.max(...asked)];
            }
            """);
        var (attached, shown, requests, last) = (facts[0], facts[1], facts[2], facts[3]);
        Assert.True(attached > 0, "The page was told how to call the program by Blazor's own way, which takes longer: see StartRuntime.");
        Assert.True(attached < shown);
        Assert.Equal(2, requests);
        Assert.True(last < attached, "What the first list needs was asked for only by the program.");
        Assert.Empty(window.Troubles);
    }
}
