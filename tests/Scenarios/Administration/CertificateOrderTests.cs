using Microsoft.Playwright;
using Sternpost.Scenarios.Certificates;
using Sternpost.Scenarios.Harness;
using Sternpost.Scenarios.Webmail;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Administration;

/// <summary>A certificate is ordered from the administrator's page, of a real certificate authority.</summary>
public sealed class CertificateOrderTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    [Fact]
    public async Task It_is_ordered_by_a_button_and_what_came_of_it_is_said()
    {
        await using var lab = await PebbleLab.StartAsync("", "acme.challenges = [\"http-01\"]");
        await using var window = await browser.OpenAsync(server: lab.Server);
        var page = window.Page;
        await page.GotoAsync(window.Web + "/admin/certificates");
        await page.FillAsync("input[name=username]", InstalledServer.Administrator);
        await page.FillAsync("input[name=password]", lab.Server.Passwords[InstalledServer.Administrator]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("main .rows")).ToBeVisibleAsync();
        await Expect(page.Locator("main")).ToContainTextAsync("The server's own name");

        // Nobody is at the authority's address yet: it is said, and why.
        await OrderAsync();
        await UntilAsync("cannot be asked");
        await window.CheckAccessibilityAsync("a certificate that could not be had");

        await lab.StartAuthorityAsync();
        await OrderAsync();
        await UntilAsync("From CN=Pebble");
        await Expect(page.Locator("main")).Not.ToContainTextAsync("cannot be asked");
        Assert.NotEqual("", await lab.SeenAsync("imaps"));
        await page.GotoAsync(window.Web + "/admin/log");
        await Expect(page.Locator("main")).ToContainTextAsync("Order a certificate anew");

        async Task OrderAsync()
        {
            await page.GetByRole(AriaRole.Link, new() { Name = "Order it now…" }).PressAsync("Enter");
            await page.GetByRole(AriaRole.Button, new() { Name = "Order it now" }).PressAsync("Enter");
            await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("It is being ordered");
        }

        // As the page says: look at it again in a while.
        async Task UntilAsync(string text)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            while (true)
            {
                await page.GotoAsync(window.Web + "/admin/certificates");
                var said = await page.Locator("main").TextContentAsync() ?? "";
                if (said.Contains(text, StringComparison.Ordinal) && !said.Contains("being ordered", StringComparison.Ordinal)) return;
                if (deadline.IsCancellationRequested) Assert.Fail(await page.Locator("main").InnerHTMLAsync() + lab.AuthoritySaid);
                await Task.Delay(500);
            }
        }
    }
}
