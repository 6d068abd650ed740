using System.Globalization;
using System.Text;
using MailKit;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Messages whose HTML is made to run, to fetch or to lead away, opened one after the other in the real webmail: none does.</summary>
public sealed class HostileHtmlTests(WatchedBrowser browser) : IClassFixture<WatchedBrowser>
{
    private const string Alice = "alice@demo.test";

    // What no message may leave in the frame: elements that run, fetch or send, and attributes that do.
    private const string Inspection = """
        () => {
          const found = [];
          for (const frame of document.querySelectorAll('iframe.body')) {
            const page = frame.contentDocument;
            if (page.location.origin !== location.origin || !page.location.pathname.startsWith('/jmap/view/')) found.push('at ' + page.location.href);
            if (frame.contentWindow.length > 0) found.push('a frame in the frame');
            for (const element of page.querySelectorAll('*')) {
              const name = element.localName;
              if (/^(script|iframe|frame|frameset|object|embed|applet|form|input|button|base|audio|video|source|track|portal|svg|math|template)$/.test(name)) found.push('<' + name + '>');
              if (name === 'meta' && element.httpEquiv) found.push('<meta http-equiv>');
              if (name === 'link' && element.getAttribute('href') !== page.querySelector('head > link').getAttribute('href')) found.push('<link>');
              for (const { name: attribute, value } of element.attributes) {
                const plain = value.replace(/[\u0000-\u0020]/g, '').toLowerCase();
                if (/^on/i.test(attribute)) found.push(attribute);
                if (/^(javascript|vbscript):/.test(plain) && !/^(title|alt|summary|abbr|class|id)$/.test(attribute)) found.push(attribute + '=' + plain.slice(0, 40));
                if (/^(src|srcset|background|poster|data|action|formaction|ping|manifest|profile|longdesc|lowsrc|dynsrc|xlink:href)$/i.test(attribute) && !plain.startsWith('data:image/') && !plain.startsWith('/jmap/download/')) found.push(name + ' ' + attribute + '=' + plain.slice(0, 60));
                if (attribute === 'style' && /url\(|image-set\(|expression\(|@import/.test(plain)) found.push('style=' + plain.slice(0, 60));
              }
              if (name === 'style' && /url\(|image-set\(|@import|@font-face/i.test(element.textContent)) found.push('<style> ' + element.textContent.slice(0, 60));
            }
          }
          return found.join(' | ');
        }
        """;

    [Fact]
    public async Task Nothing_in_the_suites_of_hostile_html_runs_fetches_or_leads_away()
    {
        var messages = HtmlSuite.Messages(HtmlSuite.Require());
        await using var window = await browser.OpenAsync();
        await DeliverAsync(messages);
        var page = window.Page;
        var evidence = new List<string>();
        var now = "before the first";
        void See(string what) { lock (evidence) { evidence.Add(now + ": " + what); } }
        page.Dialog += (_, dialog) => { See("a dialog: " + dialog.Message); _ = dialog.DismissAsync(); };
        page.Popup += (_, popup) => See("a window: " + popup.Url);
        page.Download += (_, download) => See("a download: " + download.Url);
        page.Worker += (_, worker) => See("a worker: " + worker.Url);
        page.Context.Request += (_, request) => { if (!IsOwn(request.Url)) See("a request: " + request.Url); };
        page.FrameNavigated += (_, frame) => { if (!IsOwn(frame.Url)) See("a frame went to " + frame.Url); };
        // Refusals of the content policy too: the second lock was tried because the first stood open.
        page.Console += (_, message) => { if (message.Type is "error" or "warning" && !message.Text.Contains("401", StringComparison.Ordinal)) See("the console: " + message.Text); };
        page.PageError += (_, error) => See("an error: " + error);

        await window.SignInAsync(Alice);
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Suite") }).ClickAsync();
        await Assertions.Expect(page.Locator(".bar-count")).ToHaveTextAsync(messages.Count.ToString("N0", CultureInfo.InvariantCulture));
        var globals = await page.EvaluateAsync<string[]>("() => Object.getOwnPropertyNames(window).filter(name => isNaN(name))");
        await window.Row($"Fixture {messages.Count - 1} ").Locator(".row-link").ClickAsync();
        // Newest first, as they lie in the list.
        for (var number = messages.Count - 1; number >= 0; number--)
        {
            now = $"{number} ({messages[number][0].Name})";
            await page.WaitForSelectorAsync($"iframe.body.is-loaded[title=\"Message from Fixture {number}\"]", new() { State = WaitForSelectorState.Attached });
            if (await page.EvaluateAsync<string>(Inspection) is { Length: > 0 } left) See("left in the frame: " + left);
            if (number > 0) await page.Keyboard.PressAsync("j");
        }
        // HTTPLeaks is the last; what an answer quotes of it is part of the page itself.
        await page.Keyboard.PressAsync("r");
        await Assertions.Expect(page.Locator("#editor blockquote")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Locator(".composer")).ToHaveCountAsync(0);
        Assert.Equal(globals, await page.EvaluateAsync<string[]>("() => Object.getOwnPropertyNames(window).filter(name => isNaN(name))"));
        Assert.True(evidence.Count == 0, string.Join('\n', evidence.Take(40)));
        Assert.Equal(browser.Web, new Uri(page.Url).GetLeftPart(UriPartial.Authority));
        Assert.True(browser.Heard.Count == 0, string.Join('\n', browser.Heard));

        // The same eyes see what a page of the same address does that no policy holds back.
        await using var bare = await browser.OpenAsync(isWithoutPolicy: true);
        var dialogs = 0;
        bare.Page.Dialog += (_, dialog) => { dialogs++; _ = dialog.DismissAsync(); };
        await bare.Page.GotoAsync(browser.Web + "/help");
        await bare.Page.SetContentAsync("<script>alert(1)</script><img src=\"https://leaking.via/img-src\">", new() { WaitUntil = WaitUntilState.Load });
        Assert.Equal(1, dialogs);
        for (var tries = 0; tries < 100 && browser.Heard.Count == 0; tries++) await bare.Page.EvaluateAsync("() => new Promise(done => setTimeout(done, 50))");
        Assert.NotEmpty(browser.Heard);
    }

    private bool IsOwn(string url) => url.StartsWith(browser.Web, StringComparison.Ordinal) || url.StartsWith("data:", StringComparison.Ordinal) || url.StartsWith("blob:" + browser.Web, StringComparison.Ordinal) || url == "about:blank";

    private async Task DeliverAsync(List<IReadOnlyList<HtmlFixture>> messages)
    {
        using var imap = await Mailbox.OpenAsync(browser.Server, Alice);
        var folder = await imap.GetFolder(imap.PersonalNamespaces[0]).CreateAsync("Suite", true) ?? throw new InvalidOperationException("The folder was not made.");
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var number = 0; number < messages.Count; number++)
            await folder.AppendAsync(new AppendRequest(MimeKit.MimeMessage.Load(new MemoryStream(Message(number, messages[number]))), MessageFlags.Seen, start.AddMinutes(number)));
        await imap.DisconnectAsync(true);
    }

    private static byte[] Message(int number, IReadOnlyList<HtmlFixture> fixtures)
    {
        var text = new StringBuilder($"From: Fixture {number} <fixture-{number}@suite.example>\r\nTo: {Alice}\r\nSubject: Fixture {number} of {fixtures[0].Name}\r\nMessage-ID: <fixture-{number}@suite.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"next-fixture\"\r\n\r\n");
        foreach (var fixture in fixtures) text.Append($"--next-fixture\r\nContent-Type: text/html{(fixture.HasCharset ? "" : "; charset=utf-8")}\r\nContent-Transfer-Encoding: base64\r\n\r\n").Append(Convert.ToBase64String(fixture.Html, Base64FormattingOptions.InsertLineBreaks)).Append("\r\n");
        return Encoding.ASCII.GetBytes(text.Append("--next-fixture--\r\n").ToString());
    }
}
