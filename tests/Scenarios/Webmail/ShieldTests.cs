using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>A mail bomb, and a code that is waited for, as their victim sees them in a real browser.</summary>
public sealed class ShieldTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Boss = InstalledServer.Administrator;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_attack_is_shown_with_what_it_may_bury_and_a_code_is_waited_for(bool isPhone)
    {
        Peer.Need("swaks");
        await using var dns = new ScriptedDns();
        // So strict that only what is expected, or known, comes to the inbox later on.
        await using var server = await InstalledServer.StartAsync($"dns.resolvers = [\"{dns.Address}\"]\n{Stranger.Settings}\nfilter.greylist = false\nfilter.mail_bomb = 6\nfilter.junk_at = 15\nfilter.reject_at = 30");
        await using var window = await browser.OpenAsync(isPhone, isDark: isPhone, server: server);
        var page = window.Page;
        await window.SignInAsync(Boss);
        await Expect(page.Locator(".shield")).ToHaveCountAsync(0);
        var sent = await Task.WhenAll(Enumerable.Range(1, 6).Select(i => SendAsync($"198.51.{i}.7", $"letters@site{i}.example", "Please confirm your subscription", $"You asked for the letter of site {i}. Follow the link to confirm.")));
        Assert.All(sent, outcome => Assert.True(outcome.ExitCode == 0, outcome.Output));
        Assert.Equal(0, (await SendAsync("198.51.80.7", "clerk@bank80.example", "Your payment of 900 euro", "The payment of 900 euro to Mister Smith was carried out this morning.")).ExitCode);
        Assert.Equal(0, (await SendAsync("198.51.99.7", "letters@site99.example", "Please confirm your subscription", "You asked for the letter of site 99. Follow the link to confirm.")).ExitCode);

        var attack = page.Locator(".shield.is-attack");
        await Expect(attack).ToContainTextAsync("You may be under a mail-bomb attack");
        await Expect(attack).ToContainTextAsync("6 messages within an hour, from 6 senders");
        if (isPhone)
        {
            await window.CheckAccessibilityAsync("an attack, folded");
            await PictureAsync("attack folded");
            await window.Button("What to do").FocusAsync();
            await page.Keyboard.PressAsync("Enter");
        }
        await page.ReloadAsync();
        if (isPhone) await window.Button("What to do").ClickAsync();
        await Expect(attack).ToContainTextAsync("1 message so far");
        await Expect(attack.Locator(".look-at a")).ToHaveTextAsync(["Your payment of 900 euro"]);
        await window.CheckAccessibilityAsync("an attack");
        await PictureAsync("attack");
        await attack.Locator(".look-at a").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#reading-title")).ToHaveTextAsync("Your payment of 900 euro");
        if (isPhone) await window.Button("Back").ClickAsync();

        // The administrator is told, too.
        Assert.Contains("\"mail-bomb\"", await page.EvaluateAsync<string>("async () => (await fetch('/admin/status.json')).text()"), StringComparison.Ordinal);

        // By keyboard alone: this is no attack; and taken back.
        await window.Button("This is no attack").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(attack).ToHaveCountAsync(0);
        await window.Button("Undo").ClickAsync();
        await Expect(attack).ToBeVisibleAsync();

        // While a code is waited for, even a confirmation from a stranger is the one that may matter.
        await window.Button("I am expecting a code").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#code-left")).ToHaveTextAsync("Ends by itself in 15 minutes");
        await window.CheckAccessibilityAsync("waiting for a code");
        await PictureAsync("waiting");
        Assert.Equal(0, (await SendAsync("198.51.70.7", "hello@shop70.example", "Confirm your email address", "Welcome to the shop. Follow the link to confirm that this is your address.")).ExitCode);
        await Expect(page.Locator("#code-came")).ToHaveTextAsync("Confirm your email address");
        await window.CheckAccessibilityAsync("a code came");
        await PictureAsync("came");
        await page.Locator("#code-came").ClickAsync();
        await Expect(page.Locator("#reading-title")).ToHaveTextAsync("Confirm your email address");
        await Expect(page.Locator(".provenance")).Not.ToContainTextAsync("Junk");
        if (isPhone) await window.Button("Back").ClickAsync();
        await window.Button("Stop waiting").ClickAsync();
        await Expect(page.Locator("#code-left")).ToHaveCountAsync(0);
        // From the command line as well, and it ends by itself.
        Assert.Equal(0, (await server.CommandAsync(null, "account", "expect-code", Boss, "--minutes", "1")).ExitCode);
        await page.ReloadAsync();
        await Expect(page.Locator("#code-left")).ToHaveTextAsync("Ends by itself within a minute");
        await Expect(page.Locator("#code-left")).ToHaveCountAsync(0, new() { Timeout = 90_000 });
        Assert.All(window.Troubles, trouble => Assert.Contains("SSL certificate error", trouble, StringComparison.Ordinal));

        Task<Peer.Outcome> SendAsync(string client, string sender, string subject, string body) => Stranger.SendAsync(server, client, sender, Boss, subject, body);

        async Task PictureAsync(string state)
        {
            if (Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"shield-{(isPhone ? "phone" : "desk")}-{state.Replace(' ', '-')}.png"), Animations = ScreenshotAnimations.Disabled });
        }
    }
}
