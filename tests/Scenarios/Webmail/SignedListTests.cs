using System.Security.Cryptography;
using System.Text;
using Microsoft.Playwright;
using MimeKit;
using MimeKit.Cryptography;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>
/// Leaving a list by one click, from end to end: a letter that is really signed, with a key that is really looked up, delivered over SMTP, and an HTTPS server of the
/// list that counts. RFC 8058 §4: without a signature over both fields nothing is asked.
/// </summary>
public sealed class SignedListTests(TrustingBrowser browser) : IClassFixture<TrustingBrowser>
{
    private const string Bob = "bob@demo.test";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signed_letter_is_left_by_one_request(bool isPhone)
    {
        using var listener = new TrustedListener(browser.Certificate);
        var (domain, subject) = await DeliverAsync(listener, [HeaderId.From, HeaderId.Subject, HeaderId.ListUnsubscribe, HeaderId.ListUnsubscribePost], tampered: false);
        await using var window = await browser.OpenAsync(isPhone, isDark: isPhone);
        var page = window.Page;
        await window.SignInAsync(Bob);
        await window.OpenRowAsync(subject);
        // What the server itself found, and not a line of the test's.
        await Expect(page.Locator(".provenance")).ToContainTextAsync($"{domain} has signed it");
        await window.Button("Unsubscribe").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("dialog")).ToContainTextAsync("This server tells localhost so");
        await window.CheckAccessibilityAsync("leaving a signed list");
        Assert.Empty(listener.Asked);
        await page.Keyboard.PressAsync("Tab");
        await page.Locator("dialog").GetByRole(AriaRole.Button, new() { Name = "Unsubscribe" }).PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("You have left the list");
        var request = Assert.Single(listener.Asked);
        Assert.StartsWith($"POST /leave/{domain} ", request);
        Assert.Contains("application/x-www-form-urlencoded", request);
        Assert.EndsWith("\r\n\r\nList-Unsubscribe=One-Click", request);
        window.CheckCalm();
    }

    [Theory]
    // The address of the list is not under the signature: anybody may have put it there.
    [InlineData(false)]
    // It is, and somebody changed it on the way: the signature is broken.
    [InlineData(true)]
    public async Task Where_the_signature_does_not_vouch_nothing_is_asked(bool isTampered)
    {
        using var listener = new TrustedListener(browser.Certificate);
        HeaderId[] signed = isTampered ? [HeaderId.From, HeaderId.Subject, HeaderId.ListUnsubscribe, HeaderId.ListUnsubscribePost] : [HeaderId.From, HeaderId.Subject, HeaderId.ListUnsubscribePost];
        var (domain, subject) = await DeliverAsync(listener, signed, isTampered);
        await using var window = await browser.OpenAsync();
        await window.SignInAsync(Bob);
        await window.OpenRowAsync(subject);
        if (isTampered) await Expect(window.Page.Locator(".provenance")).Not.ToContainTextAsync($"{domain} has signed it");
        await window.Button("Unsubscribe").ClickAsync();
        // The page of the list is offered instead, for the reader's own eyes.
        await Expect(window.Page.Locator("dialog")).ToContainTextAsync("This list is left on a page of localhost");
        await Expect(window.Page.Locator("dialog")).Not.ToContainTextAsync("This server tells");
        Assert.Empty(listener.Asked);
        window.CheckCalm();
    }

    private async Task<(string Domain, string Subject)> DeliverAsync(TrustedListener listener, HeaderId[] signed, bool tampered)
    {
        var tag = Guid.NewGuid().ToString("n")[..8];
        var (domain, subject) = ($"letters-{tag}.example", "Harbour letter " + tag);
        using var rsa = RSA.Create(2048);
        browser.Dns.Txt($"autumn._domainkey.{domain}", "v=DKIM1; k=rsa; p=" + Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo()))
            .Txt(domain, "v=spf1 -all").Txt("_dmarc." + domain, "v=DMARC1; p=none");
        var letter = MimeMessage.Load(new MemoryStream(Encoding.ASCII.GetBytes(
            $"From: The Harbour <letter@{domain}>\r\nTo: <{Bob}>\r\nSubject: {subject}\r\nDate: {DateTime.UtcNow:ddd, dd MMM yyyy HH:mm:ss} +0000\r\nMessage-ID: <{tag}@{domain}>\r\nList-Id: Harbour <harbour.{domain}>\r\n"
            + $"List-Unsubscribe: <https://localhost:{listener.Port}/leave/{domain}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nGood morning. The minutes of our last meeting are here, and the next one is on Tuesday in the library.\r\n")));
        var signer = new DkimSigner(new MemoryStream(Encoding.ASCII.GetBytes(rsa.ExportRSAPrivateKeyPem())), domain, "autumn") { HeaderCanonicalizationAlgorithm = DkimCanonicalizationAlgorithm.Relaxed, BodyCanonicalizationAlgorithm = DkimCanonicalizationAlgorithm.Relaxed };
        signer.Sign(letter, signed);
        using var octets = new MemoryStream();
        await letter.WriteToAsync(new FormatOptions { NewLineFormat = NewLineFormat.Dos }, octets);
        var text = Encoding.ASCII.GetString(octets.ToArray());
        if (tampered) text = text.Replace($"/leave/{domain}", $"/leave/other-{domain}", StringComparison.Ordinal);
        await using var smtp = await RawSmtp.ConnectAsync(browser.Server.Ports["mx"]);
        Assert.StartsWith("250", await smtp.SendAsync($"bounce@{domain}", Bob, Encoding.ASCII.GetBytes(text)));
        return (domain, subject);
    }
}
