using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>The second step of signing in, passkeys and app passwords, in a real browser and with a mail program.</summary>
public sealed class SigningInTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task The_settings_of_signing_in_are_there_for_everybody(bool isPhone, bool isDark)
    {
        await using var window = await browser.OpenAsync(isPhone, isDark);
        var page = window.Page;
        await window.SignInAsync("alice@demo.test");
        await page.GotoAsync(browser.Web + "/settings/security");
        await Expect(page.Locator("#second-state")).ToContainTextAsync("The password alone signs in");
        await window.CheckAccessibilityAsync("signing in");
        await ShootAsync(page, "security" + (isPhone ? "-phone" : ""));
        await page.FillAsync("#codes-password", browser.Server.Passwords["alice@demo.test"]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".qr")).ToBeVisibleAsync();
        await window.CheckAccessibilityAsync("setting up codes");
        await ShootAsync(page, "security-codes" + (isPhone ? "-phone" : ""));
        window.CheckCalm();
    }

    [Fact]
    public async Task Codes_are_turned_on_asked_for_and_keep_mail_programs_out()
    {
        const string Bob = "bob@demo.test";
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await window.SignInAsync(Bob);
        await page.GotoAsync(browser.Web + "/settings/security");
        await page.FillAsync("#codes-password", "not the password");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("that is not your password");
        await page.FillAsync("#codes-password", browser.Server.Passwords[Bob]);
        await page.Keyboard.PressAsync("Enter");
        var secret = (await page.Locator(".card code.secret").TextContentAsync())!;
        await Expect(page.Locator("#new-code")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("12345");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("not the code of this moment");
        var used = Code(secret);
        await page.FillAsync("#new-code", used);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#shown-once")).ToBeFocusedAsync();
        var recovery = await page.Locator(".codes code").AllTextContentsAsync();
        Assert.Equal(10, recovery.Count);
        await window.CheckAccessibilityAsync("recovery codes");
        await page.GetByRole(AriaRole.Button, new() { Name = "I have kept them" }).PressAsync("Enter");
        await Expect(page.Locator("#second-state")).ToContainTextAsync("10 recovery codes are left");

        // A mail program with the password is told what to do; with an app password it goes on.
        var refused = await Assert.ThrowsAsync<MailKit.Security.AuthenticationException>(() => Mailbox.OpenAsync(browser.Server, Bob));
        Assert.Contains("app password", refused.Message);
        var swaks = await Peer.RunAsync("swaks", ["--server", "localhost", "--port", browser.Server.Ports["submissions"].ToString(), "--tlsc", "--auth", "PLAIN", "--auth-user", Bob, "--auth-password", browser.Server.Passwords[Bob], "--from", Bob, "--to", Bob]);
        Assert.Contains("534 5.7.9", swaks.Output + swaks.Errors);
        await page.FillAsync("#program-name", "Thunderbird");
        await page.FillAsync("#program-password", browser.Server.Passwords[Bob]);
        await page.Keyboard.PressAsync("Enter");
        var program = (await page.Locator("#app-secret code").TextContentAsync())!;
        using (var client = new MailKit.Net.Imap.ImapClient { CheckCertificateRevocation = false, ServerCertificateValidationCallback = (_, certificate, _, _) => certificate is System.Security.Cryptography.X509Certificates.X509Certificate2 leaf && browser.Server.Trusts(leaf) })
        {
            await client.ConnectAsync("localhost", browser.Server.Ports["imaps"], MailKit.Security.SecureSocketOptions.SslOnConnect);
            await client.AuthenticateAsync(Bob, program);
            await client.DisconnectAsync(true);
        }

        // The browser is asked; a code that was used and one that is wrong do not do; a recovery code does, once.
        await using var other = await browser.OpenAsync();
        await other.Page.GotoAsync(browser.Web);
        await other.Page.FillAsync("#username", Bob);
        await other.Page.FillAsync("#password", browser.Server.Passwords[Bob]);
        await other.Page.Keyboard.PressAsync("Enter");
        await Expect(other.Page.Locator("#code")).ToBeFocusedAsync();
        await other.CheckAccessibilityAsync("asked for a code");
        await ShootAsync(other.Page, "signin-code");
        await other.Page.Keyboard.TypeAsync(used);
        await other.Page.Keyboard.PressAsync("Enter");
        await Expect(other.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("used already");
        await other.Page.FillAsync("#code", recovery[0]);
        await other.Page.Keyboard.PressAsync("Enter");
        await other.Page.WaitForSelectorAsync("#list[aria-busy=false]");

        // Turned off with the password again; then the password alone does.
        await page.FillAsync("#codes-password", browser.Server.Passwords[Bob]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn codes off" }).PressAsync("Enter");
        await Expect(page.Locator("#second-state")).ToContainTextAsync("The password alone signs in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove Thunderbird" }).PressAsync("Enter");
        await Expect(page.Locator("#app-passwords li")).ToHaveCountAsync(0);
        using var again = await Mailbox.OpenAsync(browser.Server, Bob);
        await again.DisconnectAsync(true);
        Assert.All(window.Troubles.Concat(other.Troubles), trouble => Assert.Matches("40[13]|422", trouble));
    }

    [Fact]
    public async Task A_passkey_is_made_signs_in_alone_and_is_taken_back()
    {
        const string Admin = "admin@demo.test";
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        var cdp = await page.Context.NewCDPSessionAsync(page);
        await cdp.SendAsync("WebAuthn.enable");
        await cdp.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object> { ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true },
        });
        await window.SignInAsync(Admin);
        await page.GotoAsync(browser.Web + "/settings/security");
        await page.FillAsync("#passkey-name", "This computer");
        await page.FillAsync("#passkey-password", browser.Server.Passwords[Admin]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#shown-once")).ToBeVisibleAsync();
        var recovery = await page.Locator(".codes code").AllTextContentsAsync();
        await Expect(page.Locator("#passkeys li")).ToContainTextAsync("This computer");

        await page.GotoAsync(browser.Web + "/");
        await page.WaitForSelectorAsync("#list[aria-busy=false]");
        await window.Button("Sign out").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).PressAsync("Enter");
        await page.WaitForSelectorAsync("#list[aria-busy=false]");
        await Expect(page.Locator(".account")).ToHaveTextAsync(Admin);

        // The password alone does no more, on the administrator's page neither; there a recovery code helps.
        await using var other = await browser.OpenAsync();
        await other.Page.GotoAsync(browser.Web + "/admin");
        await other.Page.FillAsync("input[name=username]", Admin);
        await other.Page.FillAsync("input[name=password]", browser.Server.Passwords[Admin]);
        await other.Page.Keyboard.PressAsync("Enter");
        await Expect(other.Page.Locator("input[name=code]")).ToBeFocusedAsync();
        await other.CheckAccessibilityAsync("the administrator asked for a code");
        await other.Page.Keyboard.TypeAsync(recovery[0]);
        await other.Page.Keyboard.PressAsync("Enter");
        await other.Page.WaitForSelectorAsync("#signout");

        await page.GotoAsync(browser.Web + "/settings/security");
        await page.FillAsync("#passkey-password", browser.Server.Passwords[Admin]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove This computer" }).PressAsync("Enter");
        await Expect(page.Locator("#second-state")).ToContainTextAsync("The password alone signs in");
        await page.GotoAsync(browser.Web + "/");
        await page.WaitForSelectorAsync("#list[aria-busy=false]");
        await window.Button("Sign out").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("No account here knows this passkey");
        Assert.All(window.Troubles.Concat(other.Troubles), trouble => Assert.Contains("401", trouble));
    }

    private static string Code(string base32)
    {
        var bits = string.Concat(base32.TrimEnd('=').Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c), 2).PadLeft(5, '0')));
        byte[] secret = [.. Enumerable.Range(0, bits.Length / 8).Select(n => Convert.ToByte(bits.Substring(n * 8, 8), 2))];
        var step = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(step, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // What RFC 6238 has.
        var digest = HMACSHA1.HashData(secret, step);
#pragma warning restore CA5350
        return ((BinaryPrimitives.ReadInt32BigEndian(digest.AsSpan(digest[19] & 15)) & int.MaxValue) % 1_000_000).ToString("D6");
    }

    // For the eyes of whoever changes a page.
    private static Task ShootAsync(IPage page, string name) => Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { Length: > 0 } folder
        ? page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") }) : Task.CompletedTask;
}
