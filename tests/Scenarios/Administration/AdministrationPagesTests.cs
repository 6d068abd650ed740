using System.Net.Http.Json;
using Microsoft.Playwright;
using Sternpost.Scenarios.Webmail;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Administration;

/// <summary>The administrator's pages in a real browser: by the keyboard, on a phone, and with nothing for axe-core to find.</summary>
public sealed class AdministrationPagesTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Boss = "admin@demo.test";

    private static readonly string[] Places = ["/admin", "/admin/trace", "/admin/refused", "/admin/quarantine", "/admin/queue", "/admin/accounts", "/admin/accounts?id=alice%40demo.test", "/admin/domains", "/admin/domains?id=demo.test", "/admin/sites", "/admin/certificates", "/admin/log", "/admin/confirm?action=site-add", "/admin/confirm?action=alias-add&id=demo.test", "/admin/confirm?action=account-remove&id=bob%40demo.test", "/admin/confirm?action=account-add", "/admin/confirm?action=limit-set&id=alice%40demo.test"];

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Every_page_is_there_for_everybody(bool isPhone, bool isDark)
    {
        await using var window = await browser.OpenAsync(isPhone, isDark);
        var page = window.Page;
        await page.GotoAsync(browser.Web + "/admin");
        await window.CheckAccessibilityAsync("sign-in");
        await SignInAsync(page);
        foreach (var place in Places)
        {
            await page.GotoAsync(browser.Web + place);
            await Expect(page.Locator("main")).ToBeVisibleAsync();
            await window.CheckAccessibilityAsync(place);
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), place + " is wider than the screen");
            await ShootAsync(page, $"admin{place.Replace('/', '-').Split('?')[0]}-{(isPhone ? "phone" : "desk")}-{place.Length}");
        }
        window.CheckCalm();
    }

    [Fact]
    public async Task The_way_of_a_message_is_found_by_an_address()
    {
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await page.GotoAsync(browser.Web + "/admin");
        await SignInAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Find a message" }).PressAsync("Enter");
        await page.GetByLabel("What you know of the message").FillAsync("clara@wanted.example");
        await page.Keyboard.PressAsync("Enter");
        var trail = page.Locator(".trail", new() { HasText = "Minutes of Tuesday" }).First;
        await Expect(trail.Locator(".way li").First).ToContainTextAsync("Taken");
        await Expect(trail.Locator(".way")).ToContainTextAsync("inbox of alice@demo.test");
        await page.GetByLabel("What you know of the message").FillAsync("<script>alert(1)</script>");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("No message is known by “<script>alert(1)</script>”");
        window.CheckCalm();
    }

    [Fact]
    public async Task An_account_is_made_limited_suspended_and_let_back_by_the_keyboard_alone()
    {
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        var address = $"new-{Guid.NewGuid():n}"[..12] + "@demo.test";
        await page.GotoAsync(browser.Web + "/admin/confirm?action=account-add");
        await SignInAsync(page);
        await page.GetByLabel("Mail address").FocusAsync();
        await page.Keyboard.TypeAsync(address);
        await page.GetByLabel("Your own password").FocusAsync();
        await page.Keyboard.TypeAsync("not my password");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("that is not your password");
        await Expect(page.GetByLabel("Mail address")).ToHaveValueAsync(address);
        await window.CheckAccessibilityAsync("a refused form");
        await page.GetByLabel("Your own password").FocusAsync();
        await page.Keyboard.TypeAsync(browser.Server.Passwords[Boss]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The account is there");
        var password = (await page.Locator("pre").TextContentAsync())!;
        await window.CheckAccessibilityAsync("a password shown once");

        // The password that was shown signs in, and not while the account is suspended.
        Assert.True(await MaySignInAsync(address, password));
        await page.GotoAsync(browser.Web + "/admin/accounts?id=" + Uri.EscapeDataString(address));
        await FollowAsync(page, "Suspend…", "Suspend it");
        await Expect(page.Locator(".facts")).ToContainTextAsync("suspended");
        Assert.False(await MaySignInAsync(address, password));
        await FollowAsync(page, "End the suspension…", "Let it work again");
        await Expect(page.Locator(".facts")).ToContainTextAsync("in use");
        Assert.True(await MaySignInAsync(address, password));

        await page.GetByRole(AriaRole.Link, new() { Name = "Room for mail…" }).PressAsync("Enter");
        await page.GetByLabel("Room for mail").FillAsync("plenty");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("is not a size");
        await page.GetByLabel("Room for mail").FillAsync("2GB");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".facts")).ToContainTextAsync("of 2 GB");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sending limit…" }).PressAsync("Enter");
        await page.GetByLabel("Which limit").SelectOptionAsync("external-per-hour");
        await page.GetByLabel("Refused beyond").FillAsync("7");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("tr", new() { HasText = "external-per-hour" })).ToContainTextAsync("7");

        await page.GetByRole(AriaRole.Link, new() { Name = "What was done" }).PressAsync("Enter");
        foreach (var done in (string[])["Set how much may be sent", "Set the room for mail", "End a suspension", "Suspend an account", "Add an account"])
            await Expect(page.Locator("li", new() { HasText = done }).Filter(new() { HasText = address }).First).ToContainTextAsync(Boss);
        Assert.DoesNotContain(password, await page.ContentAsync());
        // What is refused is said by a page with the status of a refusal, which the console repeats.
        Assert.All(window.Troubles, trouble => Assert.Contains("409", trouble));
    }

    [Fact]
    public async Task A_domain_comes_with_its_records_and_goes()
    {
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await page.GotoAsync(browser.Web + "/admin/domains");
        await SignInAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Add a domain…" }).PressAsync("Enter");
        await page.GetByLabel("Domain").FillAsync("added.example");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Link, new() { Name = "added.example" }).PressAsync("Enter");
        await Expect(page.Locator("main")).ToContainTextAsync("v=DKIM1");
        await window.CheckAccessibilityAsync("a domain");
        await page.GetByRole(AriaRole.Link, new() { Name = "Remove…" }).PressAsync("Enter");
        await page.GetByLabel("Your own password").FillAsync(browser.Server.Passwords[Boss]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The domain is removed");
        await Expect(page.Locator("main")).Not.ToContainTextAsync("added.example");
        window.CheckCalm();
    }

    [Fact]
    public async Task An_account_is_removed_only_by_who_types_its_address_again()
    {
        await using var window = await browser.OpenAsync(isPhone: true);
        var page = window.Page;
        var address = $"gone-{Guid.NewGuid():n}"[..12] + "@demo.test";
        await page.GotoAsync(browser.Web + "/admin/confirm?action=account-add");
        await SignInAsync(page);
        await page.GetByLabel("Mail address").FillAsync(address);
        await page.GetByLabel("Its password").FillAsync("a password of its own 4711");
        await page.GetByLabel("Your own password").FillAsync(browser.Server.Passwords[Boss]);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(url => url.Contains("done=account-add", StringComparison.Ordinal));
        await page.GetByRole(AriaRole.Link, new() { Name = "Remove…" }).PressAsync("Enter");
        await Expect(page.Locator("main")).ToContainTextAsync("cannot be brought back from here");
        await Expect(page.Locator("pre")).ToContainTextAsync("Masked addresses: 0");
        await window.CheckAccessibilityAsync("removing an account");
        await ShootAsync(page, "admin-remove-phone");
        await page.GetByLabel("Its address, once more").FillAsync("alice@demo.test");
        await page.GetByLabel("Your own password").FillAsync(browser.Server.Passwords[Boss]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Nothing was removed");
        Assert.True(await MaySignInAsync(address, "a password of its own 4711"));
        await page.GetByLabel("Its address, once more").FillAsync(address);
        await page.GetByLabel("Your own password").FillAsync(browser.Server.Passwords[Boss]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The account is removed");
        await Expect(page.Locator("main")).Not.ToContainTextAsync(address);
        Assert.False(await MaySignInAsync(address, "a password of its own 4711"));
        // Nobody removes the account he is signed in with.
        await page.GotoAsync(browser.Web + "/admin/accounts?id=" + Uri.EscapeDataString(Boss));
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Remove…" })).ToHaveCountAsync(0);
        Assert.All(window.Troubles, trouble => Assert.Contains("409", trouble));
    }

    [Fact]
    public async Task Aliases_and_forwards_of_a_domain_come_and_go_by_the_keyboard_alone()
    {
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        var name = $"sales-{Guid.NewGuid():n}"[..12];
        await page.GotoAsync(browser.Web + "/admin/domains?id=demo.test");
        await SignInAsync(page);
        await AddAsync(name, "nobody-at-all@demo.test");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("neither an account nor an alias");
        await page.Locator("input[name=target]").FillAsync("alice@demo.test");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The alias is there");
        await AddAsync(name + "@demo.test", "partner@elsewhere.example");
        var forward = page.Locator("li", new() { HasText = $"{name}@demo.test → partner@elsewhere.example" });
        await Expect(forward).ToContainTextAsync("leaves this server");
        await Expect(page.Locator("li", new() { HasText = $"{name}@demo.test → alice@demo.test" })).Not.ToContainTextAsync("leaves this server");
        await window.CheckAccessibilityAsync("a domain with aliases");
        await ShootAsync(page, "admin-aliases-desk");
        await forward.GetByRole(AriaRole.Link, new() { Name = "Remove…" }).PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove it" }).PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("It does not go there any more");
        await Expect(forward).ToHaveCountAsync(0);
        Assert.All(window.Troubles, trouble => Assert.Contains("409", trouble));

        async Task AddAsync(string alias, string target)
        {
            await page.GetByRole(AriaRole.Link, new() { Name = "Add an alias or a forward…" }).PressAsync("Enter");
            await page.Locator("input[name=alias]").FillAsync(alias);
            await page.Locator("input[name=target]").FillAsync(target);
            await page.Keyboard.PressAsync("Enter");
        }
    }

    [Fact]
    public async Task A_site_is_added_limited_stopped_and_removed()
    {
        await using var window = await browser.OpenAsync(isPhone: true, isDark: true);
        var page = window.Page;
        var address = $"shop-{Guid.NewGuid():n}"[..12] + "@demo.test";
        await page.GotoAsync(browser.Web + "/admin/sites");
        await SignInAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Add a site…" }).PressAsync("Enter");
        await page.GetByLabel("Its address").FillAsync(address);
        await page.GetByLabel("Your own password").FillAsync(browser.Server.Passwords[Boss]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The site is there");
        var first = await page.Locator("pre").TextContentAsync();
        Assert.Equal(24, first!.Trim().Length);
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to the list" }).PressAsync("Enter");
        await page.GetByRole(AriaRole.Link, new() { Name = address }).PressAsync("Enter");
        await Expect(page.Locator(".facts")).ToContainTextAsync("0 of 100");
        await page.GetByRole(AriaRole.Link, new() { Name = "How much it may send…" }).PressAsync("Enter");
        await page.GetByLabel("Recipients outside in an hour").FillAsync("7");
        await page.GetByLabel("Recipients outside in a day").FillAsync("20");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".facts")).ToContainTextAsync("0 of 7");
        await FollowAsync(page, "Stop it at once…", "Stop it");
        await Expect(page.Locator(".facts")).ToContainTextAsync("stopped");
        await window.CheckAccessibilityAsync("a site");
        await ShootAsync(page, "admin-site-phone");
        await FollowAsync(page, "Let it send again…", "Let it send");
        await Expect(page.Locator(".facts")).ToContainTextAsync("may send");
        await page.GetByRole(AriaRole.Link, new() { Name = "New password…" }).PressAsync("Enter");
        await page.GetByLabel("Your own password").FillAsync(browser.Server.Passwords[Boss]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The password is new");
        Assert.NotEqual(first, await page.Locator("pre").TextContentAsync());
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to the list" }).PressAsync("Enter");
        await page.GetByRole(AriaRole.Link, new() { Name = address }).PressAsync("Enter");
        await page.GetByRole(AriaRole.Link, new() { Name = "Remove…" }).PressAsync("Enter");
        await page.GetByLabel("Your own password").FillAsync(browser.Server.Passwords[Boss]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The site is removed");
        await Expect(page.Locator("main")).Not.ToContainTextAsync(address);
        window.CheckCalm();
    }

    private async Task SignInAsync(IPage page)
    {
        await page.FillAsync("input[name=username]", Boss);
        await page.FillAsync("input[name=password]", browser.Server.Passwords[Boss]);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("#signout");
    }

    private async Task<bool> MaySignInAsync(string address, string password)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate is not null && browser.Server.Trusts(certificate) };
        using var client = new HttpClient(handler);
        using var answer = await client.PostAsJsonAsync(new Uri(browser.Web + "/jmap/signin"), new { username = address, password, token = true });
        return answer.IsSuccessStatusCode;
    }

    private static async Task FollowAsync(IPage page, string link, string button)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = link }).PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = button }).PressAsync("Enter");
        await page.WaitForURLAsync(url => url.Contains("done=", StringComparison.Ordinal));
    }

    // For the eyes of whoever changes a page.
    private static Task ShootAsync(IPage page, string name) => Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { Length: > 0 } folder
        ? page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = true }) : Task.CompletedTask;
}
