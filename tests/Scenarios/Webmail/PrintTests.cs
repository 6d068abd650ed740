using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>One message on paper: its text and who sent it, and nothing of the page around it.</summary>
public sealed class PrintTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Bob = "bob@demo.test";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_is_printed_whole_and_nothing_beside_it(bool isHtml)
    {
        Peer.Need("pdftotext");
        var subject = "Protocol " + Guid.NewGuid().ToString("n")[..6];
        // Several pages, so that what is cut at the end of the frame would be missed.
        var lines = Enumerable.Range(1, 120).Select(number => $"Point {number} was agreed by all.").ToList();
        var body = isHtml ? string.Concat(lines.Select(line => $"<p>{line}</p>")) : string.Join("\r\n", lines);
        await PutMail.AsIfDeliveredAsync(browser.Server, Bob, Letter(subject, "first-1", null, "The earlier message of this conversation.", "text/plain"));
        await PutMail.AsIfDeliveredAsync(browser.Server, Bob, Letter("Re: " + subject, "second-1", "first-1", body, isHtml ? "text/html" : "text/plain"));
        // Dark on the screen, and black on white on paper.
        await using var window = await browser.OpenAsync(isDark: true);
        var page = window.Page;
        await window.SignInAsync(Bob);
        await window.OpenRowAsync(subject);
        var card = page.Locator("article.message").Last;
        await Expect(card.Locator("iframe.body.is-loaded")).ToBeVisibleAsync();
        await Expect(card.FrameLocator("iframe.body").GetByText("Point 120 ")).ToBeAttachedAsync();
        await card.GetByRole(AriaRole.Button, new() { Name = "Details" }).ClickAsync();
        // The browser's own dialog cannot be driven; what it would print is what the page shows at that moment.
        await page.EvaluateAsync("() => { window.printed = []; window.print = () => window.printed.push([...document.querySelectorAll('.message.is-printed iframe')].map(frame => frame.id).join()); }");
        await card.GetByRole(AriaRole.Button, new() { Name = "Print" }).ClickAsync();
        var frame = await card.Locator("iframe.body").GetAttributeAsync("id");
        Assert.Equal([frame], await page.EvaluateAsync<string[]>("() => window.printed"));
        await Expect(page.Locator(".is-printed")).ToHaveCountAsync(0);

        await page.EvaluateAsync("id => document.getElementById(id).closest('.message').classList.add('is-printed')", frame);
        var text = await PrintedAsync(page, isHtml ? "print-html" : "print-text");
        foreach (var line in lines) Assert.Contains(line, text);
        Assert.Contains(subject, text);
        Assert.Contains("Sam", text);
        foreach (var chrome in new[] { "Write", "Inbox", "Archive", "Search mail", "Reply", "Forward", "nothing proves", "The earlier message", "View source", Bob }) Assert.DoesNotContain(chrome, text);
        window.CheckCalm();
    }

    private static async Task<string> PrintedAsync(IPage page, string name)
    {
        var file = Path.GetTempFileName();
        try
        {
            await page.PdfAsync(new PagePdfOptions { Path = file, Format = "A4" });
            if (Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { Length: > 0 } folder) File.Copy(file, Path.Combine(folder, name + ".pdf"), overwrite: true);
            var read = await Peer.RunAsync("pdftotext", ["-layout", file, "-"]);
            Assert.True(read.ExitCode == 0, read.Errors);
            return read.Output;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Letter(string subject, string id, string? answers, string body, string type) =>
        $"Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: Sam <sam@later.example>\r\nTo: Team <team@later.example>\r\nSubject: {subject}\r\nMessage-ID: <{id}-{subject[^6..]}@later.example>\r\n{(answers is null ? "" : $"In-Reply-To: <{answers}-{subject[^6..]}@later.example>\r\nReferences: <{answers}-{subject[^6..]}@later.example>\r\n")}MIME-Version: 1.0\r\nContent-Type: {type}; charset=utf-8\r\n\r\n{body}\r\n";
}
