using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>An address for one shop, from its making to its leak, in a real browser and over SMTP from other servers.</summary>
public sealed class MaskedAddressTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_address_is_given_to_a_shop_answered_from_leaked_and_switched_off(bool isPhone)
    {
        Peer.Need("swaks");
        await using var dns = new ScriptedDns().Txt("shop.example", "v=spf1 ip4:203.0.113.5 -all").Host("mail.shop.example", "203.0.113.5").Reverse("203.0.113.5", "mail.shop.example");
        await using var server = await InstalledServer.StartAsync($"dns.resolvers = [\"{dns.Address}\"]\n{Stranger.Settings}\nfilter.greylist = false\nfilter.junk_at = 15\nfilter.reject_at = 30");
        await using var window = await browser.OpenAsync(isPhone, isDark: isPhone, server: server);
        var page = window.Page;
        await window.SignInAsync(InstalledServer.Administrator);
        await page.GotoAsync(window.Web + "/settings/masked");
        await Expect(page.Locator("#nothing-masked")).ToBeVisibleAsync();
        await window.CheckAccessibilityAsync("no masked addresses");

        // By keyboard alone.
        await page.Locator("#masked-shop").FocusAsync();
        await page.Keyboard.TypeAsync("Book Shop");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("account 4711");
        await page.Keyboard.PressAsync("Enter");
        var address = await page.Locator("#masked-made").InnerTextAsync();
        Assert.Matches("^book-shop\\.[0-9a-z]{12}@company\\.example$", address);
        await window.CheckAccessibilityAsync("a masked address was made");
        await PictureAsync("made");

        Assert.Equal(0, (await Stranger.SendAsync(server, "203.0.113.5", "orders@shop.example", address, "Your order", "We packed it, and it leaves tomorrow morning.", "--h-To", "Undisclosed: ;")).ExitCode);
        await page.GotoAsync(window.Web);
        await window.OpenRowAsync("Your order");
        await Expect(page.Locator(".given")).ToContainTextAsync("To the address you gave to Book Shop.");
        await Expect(page.Locator(".given")).Not.ToContainTextAsync("elsewhere");
        await PictureAsync("from the shop");
        // The shop learns no other address.
        await page.Keyboard.PressAsync("r");
        await Expect(page.Locator("#identity")).ToHaveValueAsync(address);
        await window.CheckAccessibilityAsync("an answer from a masked address");
        await PictureAsync("answer");
        await page.Locator("#to").FillAsync(InstalledServer.Administrator);
        await page.Locator("#editor").FillAsync("Thank you, Thursday is good.");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.Locator(".composer")).ToHaveCountAsync(0);
        using (var reader = await Mailbox.OpenAsync(server, InstalledServer.Administrator))
        {
            var answer = "";
            while (answer.Length == 0) answer = (await Mailbox.ContentsAsync(reader.Inbox!)).Select(mail => System.Text.Encoding.UTF8.GetString(mail.Content)).FirstOrDefault(text => text.Contains("Subject: Re: Your order", StringComparison.Ordinal)) ?? "";
            Assert.Contains($"Return-Path: <{address}>", answer, StringComparison.OrdinalIgnoreCase);
            Assert.Matches($"(?m)^From: .*<?{address}>?", answer);
        }

        Assert.Equal(0, (await Stranger.SendAsync(server, "203.0.113.5", "orders@shop.example", address, "It has left", "Your parcel is on its way to you.")).ExitCode);
        Assert.Equal(0, (await Stranger.SendAsync(server, "198.51.100.7", "win@casino.example", address, "You are chosen", "Come and see our new rooms, the first evening is free for you.")).ExitCode);
        await page.GotoAsync(window.Web);
        await window.OpenRowAsync("It has left");
        await window.Button("Details").ClickAsync();
        await Expect(page.Locator(".findings")).ToContainTextAsync("MASKED_SHOP");
        await page.GotoAsync(window.Web);
        await window.OpenRowAsync("You are chosen");
        await Expect(page.Locator(".given")).ToContainTextAsync("You gave this address only to Book Shop; this came from elsewhere: Book Shop may have leaked or sold it.");
        await window.CheckAccessibilityAsync("a leak");
        await PictureAsync("leak");
        await window.Button("casino.example belongs to Book Shop").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".given")).Not.ToContainTextAsync("elsewhere");
        await window.Button("Undo").ClickAsync();
        await Expect(page.Locator(".given")).ToContainTextAsync("elsewhere");

        await page.GotoAsync(window.Web + "/settings/masked");
        await Expect(page.Locator("#masked")).ToContainTextAsync("but casino.example has it too");
        await Expect(page.Locator("#masked")).ToContainTextAsync("win@casino.example");
        await window.CheckAccessibilityAsync("a leaked address");
        await PictureAsync("list");
        await window.Button("Switch off " + address).ClickAsync();
        await Expect(page.Locator("#masked .tag").First).ToHaveTextAsync("switched off");
        await PictureAsync("off");
        var refused = await Stranger.SendAsync(server, "203.0.113.5", "orders@shop.example", address, "Again", "The next catalogue is here.");
        Assert.Contains("550 5.2.1", refused.Output, StringComparison.Ordinal);
        Assert.Contains("has switched it off", refused.Output, StringComparison.Ordinal);
        Assert.Contains("550 5.1.1", (await Stranger.SendAsync(server, "203.0.113.5", "orders@shop.example", "book-shop.aaaaaaaaaaaa@company.example", "Again", "The next catalogue.")).Output, StringComparison.Ordinal);
        // The worker that keeps the application offline wants a certificate that the browser trusts.
        Assert.All(window.Troubles, trouble => Assert.Contains("SSL certificate error", trouble, StringComparison.Ordinal));

        var listed = JsonNode.Parse((await server.CommandAsync(null, "account", "masked", "list", InstalledServer.Administrator, "--json")).Output)![0]!;
        Assert.Equal((address, false, "casino.example", "shop.example"), (listed["address"]!.GetValue<string>(), listed["enabled"]!.GetValue<bool>(), listed["strangers"]![0]!.GetValue<string>(), listed["shopSenders"]![0]!.GetValue<string>()));
        Assert.Equal(0, (await server.CommandAsync(null, "account", "masked", "enable", InstalledServer.Administrator, address)).ExitCode);
        await page.ReloadAsync();
        await Expect(window.Button("Switch off " + address)).ToBeVisibleAsync();

        async Task PictureAsync(string state)
        {
            if (Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"masked-{(isPhone ? "phone" : "desk")}-{state.Replace(' ', '-')}.png"), Animations = ScreenshotAnimations.Disabled });
        }
    }
}
