using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>The address book in a real browser, and completing addresses from it.</summary>
public sealed class ContactTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_contact_is_made_found_edited_written_to_and_deleted(bool isPhone)
    {
        var tag = Guid.NewGuid().ToString("n")[..6];
        await using var window = await browser.OpenAsync(isPhone);
        var page = window.Page;
        await window.SignInAsync("admin@demo.test");
        await page.GotoAsync(browser.Web + "/contacts");
        await Expect(page.Locator(".contacts .empty, .contacts .contact").First).ToBeVisibleAsync();
        await window.CheckAccessibilityAsync("contacts");
        await window.Button("New contact").ClickAsync();
        await window.Button("Save").ClickAsync();
        await Expect(page.Locator(".contacts [role=alert]")).ToContainTextAsync("at least a name");
        await page.FillAsync("#contact-name", "Zora Zebra " + tag);
        await page.FillAsync("#contact-emails", "not an address");
        await window.Button("Save").ClickAsync();
        await Expect(page.Locator(".contacts [role=alert]")).ToContainTextAsync("no mail address");
        await page.FillAsync("#contact-emails", $"zora-{tag}@zoo.example\nzora@home.example");
        await page.FillAsync("#contact-note", "Likes stripes");
        await window.CheckAccessibilityAsync("a contact");
        await window.Button("Save").ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("Saved");

        // It is on the server.
        await page.ReloadAsync();
        await Expect(page.Locator("#contact-note")).ToHaveValueAsync("Likes stripes");
        if (isPhone) await window.Button("Back").ClickAsync();
        await page.FillAsync("#find-contact", "zebra " + tag);
        await Expect(page.Locator(".contact")).ToHaveCountAsync(1);
        await page.Locator(".contact").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.FillAsync("#contact-organization", "The Zoo");
        await window.Button("Save").ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("Saved");
        await window.Button("Write a message").ClickAsync();
        await Expect(page.Locator("#to")).ToHaveValueAsync($"Zora Zebra {tag} <zora-{tag}@zoo.example>");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".composer")).ToHaveCountAsync(0);
        await window.Button("Delete").ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("deleted");
        await Expect(page.Locator(".contact")).ToHaveCountAsync(0);
        await window.Button("Undo").ClickAsync();
        await Expect(page.Locator(".contact")).ToHaveCountAsync(1);
        window.CheckCalm();
    }

    [Fact]
    public async Task Addresses_are_completed_by_keys_and_whom_one_writes_to_is_collected()
    {
        var tag = Guid.NewGuid().ToString("n")[..6];
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await window.SignInAsync("bob@demo.test");
        await page.Keyboard.PressAsync("c");
        await page.FillAsync("#to", $"Alice Who {tag} <alice@demo.test>");
        await page.FillAsync("#subject", "Collected " + tag);
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("Sent in");
        // Kept back for ten seconds, then sent: only then is it whom one has written to.
        var jmap = await Jmap.JmapClient.OpenAsync(browser.Server, "bob@demo.test");
        await Wait.UntilAsync(async () => (await jmap.CallAsync("ContactCard/query", $"\"filter\": {{\"name\": \"{tag}\"}}"))["ids"]!.AsArray().Count > 0);
        await page.GotoAsync(browser.Web + "/contacts");
        await Expect(page.Locator(".contact", new() { HasText = "alice@demo.test" })).ToContainTextAsync("collected");

        await page.GotoAsync(browser.Web);
        await page.WaitForSelectorAsync("#list[aria-busy=false]");
        await page.Keyboard.PressAsync("c");
        var to = page.Locator("#to");
        await to.PressSequentiallyAsync("clara@wanted.example, who");
        await Expect(page.Locator("#to-list [role=option]")).ToHaveCountAsync(1);
        await Expect(to).ToHaveAttributeAsync("aria-expanded", "true");
        await window.CheckAccessibilityAsync("completion");
        await page.Keyboard.PressAsync("Escape");
        await Expect(to).ToHaveAttributeAsync("aria-expanded", "false");
        await Expect(page.Locator(".composer")).ToHaveCountAsync(1);
        await to.PressSequentiallyAsync(" ");
        await page.Keyboard.PressAsync("Backspace");
        await Expect(page.Locator("#to-list [role=option]")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        await Expect(to).ToHaveValueAsync($"clara@wanted.example, Alice Who {tag} <alice@demo.test>, ");
        await page.GetByRole(AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
        window.CheckCalm();
    }
}
