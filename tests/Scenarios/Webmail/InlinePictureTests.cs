using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Pictures within what one writes, and what replies and forwards quote.</summary>
public sealed class InlinePictureTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    [Theory]
    [InlineData(false, "paste")]
    [InlineData(true, "drop")]
    [InlineData(false, "choose")]
    public async Task A_picture_is_put_into_the_text_kept_in_the_draft_sent_and_answered(bool isPhone, string way)
    {
        var subject = $"Shot {way} " + Guid.NewGuid().ToString("n")[..6];
        await using var window = await browser.OpenAsync(isPhone);
        var page = window.Page;
        await window.SignInAsync("bob@demo.test");
        await (isPhone ? page.Locator(".fab") : page.Locator(".compose")).ClickAsync();
        await page.FillAsync("#to", "alice@demo.test");
        await page.FillAsync("#subject", subject);
        await page.Locator("#editor").ClickAsync();
        await page.Keyboard.TypeAsync("Here it is: ");
        await InsertAsync(window, way);
        await Expect(page.Locator("#editor img")).ToHaveJSPropertyAsync("naturalWidth", 1);
        await Expect(page.Locator(".composer-files")).ToHaveCountAsync(0);
        await Expect(page.Locator(".composer-state")).ToContainTextAsync("Saved");
        await window.CheckAccessibilityAsync("composer with a picture");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".composer")).ToHaveCountAsync(0);

        // The draft has it, in another session too.
        await page.GotoAsync(browser.Web + "/mail/drafts");
        await window.Row(subject).Locator(".row-link").ClickAsync();
        await Expect(page.Locator("#editor img")).ToHaveJSPropertyAsync("naturalWidth", 1);
        await page.FillAsync("#subject", subject + " again");
        await Expect(page.Locator(".composer-state")).ToContainTextAsync("Saved");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("Sent in");
        window.CheckCalm();

        await using var other = await browser.OpenAsync();
        await other.SignInAsync("alice@demo.test");
        await other.OpenRowAsync(subject);
        await Expect(other.Page.FrameLocator("iframe.body").Locator("img")).ToHaveJSPropertyAsync("naturalWidth", 1);
        await Expect(other.Page.Locator(".files")).ToHaveCountAsync(0);
        await other.Button("Details").ClickAsync();
        await other.Button("View source").ClickAsync();
        await Expect(other.Page.Locator(".source")).ToContainTextAsync("multipart/related");
        await Expect(other.Page.Locator(".source")).ToContainTextAsync("Content-Disposition: inline");
        await other.Page.Keyboard.PressAsync("Escape");
        await Expect(other.Page.Locator("dialog")).ToHaveCountAsync(0);

        // The answer quotes it, picture and all.
        await other.Page.Keyboard.PressAsync("r");
        await Expect(other.Page.Locator("#editor blockquote img")).ToHaveJSPropertyAsync("naturalWidth", 1);
        await other.Page.Keyboard.PressAsync("Control+Enter");
        await Expect(other.Page.Locator(".notice")).ToContainTextAsync("Sent in");
        other.CheckCalm();
        await page.GotoAsync(browser.Web);
        await Expect(window.Row("Re: " + subject)).ToBeVisibleAsync();
        await window.OpenRowAsync("Re: " + subject);
        await Expect(page.Locator("iframe.body").Last.ContentFrame.Locator("blockquote img")).ToHaveJSPropertyAsync("naturalWidth", 1);
        window.CheckCalm();
    }

    [Fact]
    public async Task Answers_and_forwards_quote_the_form_of_a_message_and_nothing_that_fetches()
    {
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        var tag = Guid.NewGuid().ToString("n")[..6];
        await PutMail.AsIfDeliveredAsync(browser.Server, "alice@demo.test", $"Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: Table <table@form.example>\r\nTo: <alice@demo.test>\r\nSubject: Form {tag}\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
            + "<style>td{color:red}</style><h2>Prices</h2><table style=\"background:url(https://far.example/b.png)\"><tr><td colspan=2 style=\"color:red\">Apples</td></tr></table><img src=\"https://far.example/a.png\"><script>alert(1)</script><a href=\"https://shop.example/x\" onclick=\"alert(1)\">shop</a>\r\n");
        await window.SignInAsync("alice@demo.test");
        await window.OpenRowAsync("Form " + tag);
        await page.Keyboard.PressAsync("r");
        await Expect(page.Locator("#editor blockquote h2")).ToContainTextAsync("Prices");
        await Expect(page.Locator("#editor blockquote td[colspan='2']")).ToContainTextAsync("Apples");
        await Expect(page.Locator("#editor a")).ToHaveAttributeAsync("href", "https://shop.example/x");
        var html = await page.Locator("#editor").InnerHTMLAsync();
        foreach (var word in new[] { "far.example", "script", "onclick", "style=", "<img" }) Assert.DoesNotContain(word, html, StringComparison.OrdinalIgnoreCase);
        await window.CheckAccessibilityAsync("composer with a quotation");
        await page.GetByRole(AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
        await Expect(page.Locator(".composer")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("f");
        await Expect(page.Locator("#editor h2")).ToContainTextAsync("Prices");
        await Expect(page.Locator("#editor")).ToContainTextAsync("table@form.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Discard" }).ClickAsync();
        window.CheckCalm();
    }

    private static async Task InsertAsync(WebmailWindow window, string way)
    {
        var page = window.Page;
        if (way == "choose")
        {
            // By keyboard alone.
            var button = page.GetByRole(AriaRole.Button, new() { Name = "Picture into the text" });
            var chooser = await window.ChooseFilesAsync(async () =>
            {
                await button.FocusAsync();
                await page.Keyboard.PressAsync("Enter");
            });
            await chooser.SetFilesAsync(new FilePayload { Name = "shot.png", MimeType = "image/png", Buffer = Convert.FromBase64String(Png) });
            return;
        }
        await page.EvaluateAsync(
            """
            ([png, way]) => {
              const octets = Uint8Array.from(atob(png), c => c.charCodeAt(0)), data = new DataTransfer(), editor = document.getElementById('editor');
              data.items.add(new File([octets], 'shot.png', { type: 'image/png' }));
              const place = editor.getBoundingClientRect();
              editor.dispatchEvent(way === 'paste' ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
                : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true, clientX: place.left + 40, clientY: place.top + 20 }));
            }
            """, new[] { Png, way });
    }
}
