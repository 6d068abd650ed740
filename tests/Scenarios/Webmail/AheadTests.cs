using MailKit;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>What will probably be read next is asked for ahead: shown at once, and until then as unread and untouched as before.</summary>
public sealed class AheadTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Alice = "alice@demo.test";

    [Fact]
    public async Task A_letter_near_by_is_put_by_unread_with_nothing_in_it_fetched_and_opens_without_a_connection()
    {
        var subject = "Near by " + Guid.NewGuid().ToString("n")[..6];
        await PutMail.AsIfDeliveredAsync(browser.Server, Alice, $"Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: Far <far@away.example>\r\nTo: <{Alice}>\r\nSubject: {subject}\r\nMessage-ID: <{subject.Replace(' ', '-')}@away.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
            + "<p>The whole of the letter.</p><img src=\"https://far.example/a.png\"><link rel=\"stylesheet\" href=\"https://far.example/a.css\">\r\n");
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await window.SignInAsync(Alice);
        // The worker comes once the list is shown; the page begun after that is its.
        await page.EvaluateAsync("async () => { await navigator.serviceWorker.ready; }");
        await page.ReloadAsync();
        await Expect(window.Row(subject)).ToBeVisibleAsync();
        await page.EvaluateAsync(
            """
            async () => {
              for (let i = 0; i < 1200; i++) {
                const cache = await caches.open('mail');
                for (const request of await cache.keys()) {
                  if (request.url.includes('/jmap/view/') && (await (await cache.match(request)).text()).includes('The whole of the letter.')) return;
                }
                await new Promise(done => setTimeout(done, 50));
              }
              throw new Error('The letter was not put by.');
            }
            """);
        await Expect(window.Row(subject)).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("is-unread"));
        Assert.False(await IsSeenAsync(subject), "What was only asked for ahead was marked as read.");

        await page.Context.SetOfflineAsync(true);
        await window.OpenRowAsync(subject);
        await Expect(page.FrameLocator("iframe.body").Locator("body")).ToContainTextAsync("The whole of the letter.");
        await page.Context.SetOfflineAsync(false);
        Assert.DoesNotContain(window.Troubles, trouble => trouble.StartsWith("asked elsewhere", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_page_is_made_ahead_and_shown_without_being_asked_for_again()
    {
        var subject = "Made ahead " + Guid.NewGuid().ToString("n")[..6];
        await PutMail.AsIfDeliveredAsync(browser.Server, Alice, $"Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: Far <far@away.example>\r\nTo: <{Alice}>\r\nSubject: {subject}\r\nMessage-ID: <{subject.Replace(' ', '-')}@away.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
            + string.Concat(Enumerable.Repeat("<p>One of forty lines of the letter.</p>", 40)) + "<img src=\"https://far.example/a.png\"><a href=\"mailto:somebody@else.example\">write</a>\r\n");
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await window.SignInAsync(Alice);
        await page.WaitForFunctionAsync("() => [...document.querySelectorAll('#frames-ahead iframe')].some(frame => frame.contentDocument?.body?.textContent.includes('forty lines of the letter'))");
        Assert.False(await IsSeenAsync(subject), "What was only made ahead was marked as read.");
        var asked = new List<string>();
        page.Request += (_, request) => { if (request.Url.Contains("/jmap/view/", StringComparison.Ordinal)) asked.Add(request.Url); };
        var made = await page.EvaluateAsync<string>("() => [...document.querySelectorAll('#frames-ahead iframe')].find(frame => frame.contentDocument.body.textContent.includes('forty lines of the letter')).src");
        await window.OpenRowAsync(subject);
        Assert.Equal(made, await page.Locator("iframe.body").GetAttributeAsync("src") is { } shown ? new Uri(new Uri(window.Web), shown).ToString() : null);
        Assert.DoesNotContain(made, asked);
        // It is as any other: as high as its text, told what was left out, and its links are the program's.
        Assert.True((await page.Locator("iframe.body").BoundingBoxAsync())!.Height > 800);
        await Expect(page.Locator(".left-out")).ToBeVisibleAsync();
        await page.FrameLocator("iframe.body").Locator("a").ClickAsync();
        await Expect(page.Locator("#editor")).ToBeVisibleAsync();
        Assert.DoesNotContain(window.Troubles, trouble => trouble.StartsWith("asked elsewhere", StringComparison.Ordinal));
    }

    // What is to be made ahead waits until the browser is idle; a busy one may be so only after what it was to be made of is gone.
    private const string IdleWhenTold = "window.waitingForIdle = []; window.requestIdleCallback = then => waitingForIdle.push(then);";

    [Fact]
    public async Task Nothing_is_made_ahead_of_what_was_deleted_for_good()
    {
        const string bob = "bob@demo.test";
        for (var i = 0; i < 2; i++) await PutMail.AsIfDeliveredAsync(browser.Server, bob, Letter(bob, $"Junk to delete {i}"), "junk");
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await page.AddInitScriptAsync(IdleWhenTold);
        await window.SignInAsync(bob);
        await page.GotoAsync(window.Web + "/mail/junk");
        await page.WaitForFunctionAsync("() => waitingForIdle.length > 0");
        await page.Locator("#review").ClickAsync();
        await page.Locator("#delete-all").ClickAsync();
        await page.Locator("dialog").GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Delete for good" }).ClickAsync();
        await Expect(page.Locator("#no-junk")).ToBeVisibleAsync();
        await page.EvaluateAsync("() => { for (const then of waitingForIdle.splice(0)) then(); }");
        await Expect(page.Locator("#frames-ahead iframe")).ToHaveCountAsync(0);
        window.CheckCalm();
    }

    [Fact]
    public async Task A_page_made_ahead_of_what_another_program_has_deleted_is_thrown_away()
    {
        const string bob = "bob@demo.test";
        var subject = "Gone " + Guid.NewGuid().ToString("n")[..6];
        await PutMail.AsIfDeliveredAsync(browser.Server, bob, Letter(bob, subject));
        await using var window = await browser.OpenAsync();
        var page = window.Page;
        await page.AddInitScriptAsync(IdleWhenTold);
        await window.SignInAsync(bob);
        await page.WaitForFunctionAsync("() => waitingForIdle.length > 0");
        using (var client = await Mailbox.OpenAsync(browser.Server, bob))
        {
            await client.Inbox!.OpenAsync(FolderAccess.ReadWrite);
            await client.Inbox.AddFlagsAsync(await client.Inbox.SearchAsync(MailKit.Search.SearchQuery.All), MessageFlags.Deleted, silent: true);
            await client.Inbox.ExpungeAsync();
        }
        await Expect(window.Row(subject)).ToHaveCountAsync(0);
        var answers = new System.Collections.Concurrent.ConcurrentBag<int>();
        page.Response += (_, response) => { if (response.Url.Contains("/jmap/view/", StringComparison.Ordinal)) answers.Add(response.Status); };
        await page.EvaluateAsync(
            """
            async () => {
              for (let i = 0; i < 600; i++) {
                for (const then of waitingForIdle.splice(0)) then();
                await new Promise(done => setTimeout(done, 20));
                if (waitingForIdle.length === 0 && !document.querySelector('#frames-ahead iframe')) return;
              }
              throw new Error('A page is kept ahead of a message that is gone.');
            }
            """);
        Assert.NotEmpty(answers);
        Assert.All(answers, status => Assert.Equal(404, status));
        // The browser's own line about a page that is not there is all there is of it: the page may stand in the frame, and says why.
        Assert.All(window.Troubles, trouble => Assert.Contains("404", trouble, StringComparison.Ordinal));
    }

    private static string Letter(string to, string subject) =>
        $"Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: Far <far@away.example>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():N}@away.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nOne line.\r\n";

    private async Task<bool> IsSeenAsync(string subject)
    {
        using var client = await Mailbox.OpenAsync(browser.Server, Alice);
        await client.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        return (await client.Inbox.SearchAsync(MailKit.Search.SearchQuery.SubjectContains(subject).And(MailKit.Search.SearchQuery.Seen))).Count > 0;
    }
}
