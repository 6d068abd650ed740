using System.Text;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Leaving lists and blocking senders in a real browser, and what becomes of their mail.</summary>
public sealed class SenderTests(TrustingBrowser browser) : IClassFixture<TrustingBrowser>
{
    private const string Alice = "alice@demo.test";
    private const string Bob = "bob@demo.test";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_list_is_left_by_one_request_of_the_server_and_what_still_comes_is_junk(bool isPhone)
    {
        var tag = Guid.NewGuid().ToString("n")[..6];
        using var listener = new TrustedListener(browser.Certificate);
        await using var window = await browser.OpenAsync(isPhone);
        var page = window.Page;
        await PutAsync(Alice, "Issue " + tag, tag, $"<https://localhost:{listener.Port}/leave/{tag}>, <mailto:bob@demo.test>", vouched: true);
        await window.SignInAsync(Alice);
        await window.OpenRowAsync("Issue " + tag);
        // By keyboard alone.
        await window.Button("Unsubscribe").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("dialog")).ToContainTextAsync("This server tells localhost so");
        await window.CheckAccessibilityAsync("leaving a list");
        Assert.Empty(listener.Asked);
        await page.Locator("dialog").GetByRole(AriaRole.Button, new() { Name = "Unsubscribe" }).ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("You have left the list of Letter");
        await Expect(page.Locator(".provenance")).ToContainTextAsync("You left this list");
        var request = Assert.Single(listener.Asked);
        Assert.StartsWith($"POST /leave/{tag} ", request);
        Assert.EndsWith("\r\n\r\nList-Unsubscribe=One-Click", request);
        Assert.DoesNotContain("Cookie", request, StringComparison.OrdinalIgnoreCase);

        await DeliverAsync(Alice, $"letter-{tag}@list.example", "Still " + tag, $"List-Id: Letter <{tag}.list.example>\r\n");
        await page.GotoAsync(browser.Web + "/mail/junk");
        await window.OpenRowAsync("Still " + tag);
        await Expect(page.Locator(".provenance")).ToContainTextAsync("It is in Junk because: you have left the list");

        await page.GotoAsync(browser.Web + "/settings");
        await Expect(page.Locator("#senders")).ToContainTextAsync($"{tag}.list.example");
        await window.CheckAccessibilityAsync("settings");
        await window.Button($"Remove {tag}.list.example").ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("removed");
        await Expect(window.Button($"Remove {tag}.list.example")).ToHaveCountAsync(0);
        window.CheckCalm();
    }

    [Fact]
    public async Task Without_a_signature_over_it_nothing_is_asked_and_a_message_leaves_the_list()
    {
        var tag = Guid.NewGuid().ToString("n")[..6];
        using var listener = new TrustedListener(browser.Certificate);
        await using var window = await browser.OpenAsync();
        await PutAsync(Alice, "Unsigned " + tag, tag, $"<https://localhost:{listener.Port}/leave/{tag}>, <mailto:bob@demo.test?subject=leave%20{tag}>", vouched: false);
        await window.SignInAsync(Alice);
        await window.OpenRowAsync("Unsigned " + tag);
        await window.Button("Unsubscribe").ClickAsync();
        await Expect(window.Page.Locator("dialog")).ToContainTextAsync("A message that says so is sent to bob@demo.test in your name");
        await window.Page.Locator("dialog").GetByRole(AriaRole.Button, new() { Name = "Unsubscribe" }).ClickAsync();
        await Expect(window.Page.Locator(".notice")).ToContainTextAsync("You have left the list");
        await Expect(window.Page.Locator(".provenance")).ToContainTextAsync("You left this list");
        window.CheckCalm();
        await using var other = await browser.OpenAsync();
        await other.SignInAsync(Bob);
        await Expect(other.Row("leave " + tag)).ToBeVisibleAsync();
        Assert.Empty(listener.Asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sender_is_blocked_and_unblocked(bool isDark)
    {
        var tag = Guid.NewGuid().ToString("n")[..6];
        await using var window = await browser.OpenAsync(isDark: isDark);
        var page = window.Page;
        await PutAsync(Bob, "Offer " + tag, tag, "", vouched: false);
        await window.SignInAsync(Bob);
        await window.OpenRowAsync("Offer " + tag);
        await window.Button("Details").ClickAsync();
        await window.Button("Block sender").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("dialog")).ToContainTextAsync("Everybody of list.example");
        await window.CheckAccessibilityAsync("blocking");
        await page.Locator("dialog").GetByRole(AriaRole.Button, new() { Name = $"letter-{tag}@list.example" }).ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync($"letter-{tag}@list.example is blocked");
        await Expect(window.Button($"Unblock letter-{tag}@list.example")).ToBeVisibleAsync();
        await DeliverAsync(Bob, $"letter-{tag}@list.example", "Another offer " + tag, "");
        await page.GotoAsync(browser.Web + "/mail/junk");
        await window.OpenRowAsync("Another offer " + tag);
        await Expect(page.Locator(".provenance")).ToContainTextAsync("It is in Junk because: you have blocked this sender");
        await page.GotoAsync(browser.Web + "/settings");
        await window.Button($"Remove letter-{tag}@list.example").ClickAsync();
        await window.Button("Undo").ClickAsync();
        await Expect(window.Button($"Remove letter-{tag}@list.example")).ToBeVisibleAsync();
        window.CheckCalm();
    }

    private Task PutAsync(string address, string subject, string tag, string unsubscribe, bool vouched) => PutMail.AsIfDeliveredAsync(browser.Server, address,
        "Authentication-Results: mail.demo.test; dkim=pass header.d=list.example header.s=s1 header.b=AbCd1234\r\nReceived: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\n"
        + $"DKIM-Signature: v=1; d=list.example; s=s1; h=From:Subject{(vouched ? ":List-Unsubscribe:List-Unsubscribe-Post" : "")}; bh=x; b=AbCd1234567890\r\n"
        + $"From: Letter <letter-{tag}@list.example>\r\nTo: <{address}>\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():N}@list.example>\r\nList-Id: Letter <{tag}.list.example>\r\n"
        + (unsubscribe.Length > 0 ? $"List-Unsubscribe: {unsubscribe}\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" : "") + "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nThe letter.\r\n");

    // From outside, as strangers send.
    private async Task DeliverAsync(string to, string from, string subject, string fields)
    {
        await using var smtp = await RawSmtp.ConnectAsync(browser.Server.Ports["mx"]);
        Assert.StartsWith("250", await smtp.SendAsync(from, to, Encoding.ASCII.GetBytes(
            $"From: Letter <{from}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nDate: {DateTime.UtcNow:ddd, dd MMM yyyy HH:mm:ss} +0000\r\nMessage-ID: <{Guid.NewGuid():N}@list.example>\r\n{fields}MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nGood morning, here is the letter that we promised you last week.\r\n")));
    }
}
