using System.IO.Compression;
using System.Text;
using MailKit;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Mail in from another provider, and all of it out, from the settings.</summary>
public sealed class TransferTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Account = "clerk@company.example";
    private const string There = "bob@demo.test";
    private static readonly DateTimeOffset Arrived = new(2024, 5, 3, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Mail_comes_from_another_provider_once_and_goes_out_whole()
    {
        await using var old = await DemoServer.StartAsync("--no-scene");
        using (var client = await Mailbox.OpenAsync(old, There))
        {
            foreach (var (folder, subject, flags) in ((string, string, MessageFlags)[])[("INBOX", "one", MessageFlags.Flagged), ("INBOX", "two", MessageFlags.Seen), ("Sent", "three", MessageFlags.Seen)])
                await (await client.GetFolderAsync(folder)).AppendAsync(new AppendRequest(MimeKit.MimeMessage.Load(new MemoryStream(Encoding.ASCII.GetBytes($"From: a@b.example\r\nSubject: {subject}\r\n\r\nText\r\nFrom here on\r\n"))), flags, Arrived));
        }
        await using var server = await InstalledServer.StartAsync("limits.import_from = [\"127.0.0.0/8\", \"::1\"]", Account);
        await using var window = await browser.OpenAsync(server: server);
        var page = window.Page;
        await window.SignInAsync(Account);
        await page.GotoAsync(window.Web + "/settings/transfer");
        await Expect(page.Locator("#import-host")).ToBeVisibleAsync();
        await window.CheckAccessibilityAsync("transfer");
        await ShootAsync(page, "transfer");

        // A certificate that nobody vouches for gets no password.
        await FillAsync(page, old, server, "localhost");
        await Expect(page.Locator(".notice")).ToContainTextAsync("certificate that cannot be trusted");

        await server.TerminateAsync();
        server.Environment["SSL_CERT_FILE"] = old.CertificateAuthority;
        await server.LaunchAsync();
        await page.ReloadAsync();
        await FillAsync(page, old, server, "localhost");
        await Expect(page.Locator("#import-state")).ToContainTextAsync("has come");
        await Expect(page.Locator("#import-state")).ToContainTextAsync("INBOX: 2 new");
        await window.CheckAccessibilityAsync("an import that is done");
        await ShootAsync(page, "transfer-done");
        await FillAsync(page, old, server, "localhost");
        await Expect(page.Locator("#import-state")).ToContainTextAsync("INBOX: 0 new, 2 were here");
        using (var client = await Mailbox.OpenAsync(server, Account))
        {
            await client.Inbox!.OpenAsync(FolderAccess.ReadOnly);
            var found = (await client.Inbox.FetchAsync(0, -1, MessageSummaryItems.Flags | MessageSummaryItems.InternalDate)).ToList();
            Assert.Equal([MessageFlags.Flagged, MessageFlags.Seen], found.Select(each => each.Flags!.Value & ~MessageFlags.Recent));
            Assert.Equal(Arrived, found[0].InternalDate!.Value);
        }

        await page.FillAsync("#export-password", "not my password");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".notice")).ToContainTextAsync("not your password");
        await page.FillAsync("#export-password", server.Passwords[Account]);
        await page.Keyboard.PressAsync("Enter");
        var download = await page.RunAndWaitForDownloadAsync(() => page.Locator("#export-link").PressAsync("Enter"));
        await using (var zip = await ZipFile.OpenReadAsync((await download.PathAsync())!))
        {
            using var inbox = new StreamReader(zip.Entries.Single(entry => entry.FullName == "INBOX.mbox").Open());
            var text = await inbox.ReadToEndAsync();
            Assert.Contains("Subject: one", text);
            Assert.Contains("\n>From here on", text);
            Assert.Contains(zip.Entries, entry => entry.FullName == "Sent.mbox" && entry.Length > 0);
        }
        // The link was good once.
        var url = await page.Locator("#export-link").GetAttributeAsync("href");
        Assert.Equal(404, await page.EvaluateAsync<int>($"fetch('{url}').then(a => a.status)"));
        // The page knocks while the server is started anew.
        Assert.All(window.Troubles, trouble => Assert.Matches("40[34]|422|503|ERR_CONNECTION|ERR_HTTP2", trouble));
    }

    [Fact]
    public async Task Nobody_looks_around_in_the_server_s_own_network()
    {
        await using var window = await browser.OpenAsync(isPhone: true, isDark: true);
        var page = window.Page;
        await window.SignInAsync("alice@demo.test");
        await page.GotoAsync(window.Web + "/settings/transfer");
        await Expect(page.Locator("#import-host")).ToBeVisibleAsync();
        await window.CheckAccessibilityAsync("transfer on a phone");
        foreach (var host in (string[])["127.0.0.1", "localhost", "0.0.0.0", "169.254.169.254", "[::ffff:127.0.0.1]", "192.168.0.1"])
        {
            var (status, body) = await TryAsync(page, host, browser.Server.Passwords["alice@demo.test"]);
            Assert.Equal(422, status);
            Assert.Matches("no server on the internet|could not be read", body);
        }
        Assert.Equal(403, (await TryAsync(page, "127.0.0.1", "not my password")).Status);
    }

    private static async Task<(int Status, string Body)> TryAsync(IPage page, string host, string password)
    {
        var answer = await page.EvaluateAsync<System.Text.Json.JsonElement>(
            "async ([host, password]) => { const a = await fetch('/account/import', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ do: 'start', host, user: 'u', secret: 's', password }) }); return { status: a.status, body: await a.text() }; }",
            new[] { host, password });
        return (answer.GetProperty("status").GetInt32(), answer.GetProperty("body").GetString()!);
    }

    private static async Task FillAsync(IPage page, DemoServer old, InstalledServer server, string host)
    {
        await page.FillAsync("#import-host", host);
        await page.FillAsync("#import-port", old.Ports["imaps"].ToString());
        await page.FillAsync("#import-user", There);
        await page.FillAsync("#import-secret", old.Passwords[There]);
        await page.FillAsync("#import-password", server.Passwords[Account]);
        await page.Keyboard.PressAsync("Enter");
    }

    // For the eyes of whoever changes a page.
    private static Task ShootAsync(IPage page, string name) => Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { Length: > 0 } folder
        ? page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") }) : Task.CompletedTask;
}
