using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Remote pictures in a real browser, with a listener that counts who asks.</summary>
public sealed class PictureTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Alice = "alice@demo.test";
    private static readonly byte[] Png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_fetched_before_the_reader_asks_and_then_once_by_the_server(bool isPhone)
    {
        await using var window = await browser.OpenAsync(isPhone);
        using var listener = new Listener();
        var subject = "Pictures " + Guid.NewGuid().ToString("n")[..6];
        await PutAsync(subject, listener.Url, proved: true);
        await window.SignInAsync(Alice);
        await window.OpenRowAsync(subject);
        await Expect(window.Page.Locator(".left-out")).ToContainTextAsync("2 remote pictures were left out");
        await window.CheckAccessibilityAsync("pictures left out");
        Assert.Empty(listener.Asked);
        // By keyboard alone.
        await window.Button("Show pictures").FocusAsync();
        await window.Page.Keyboard.PressAsync("Enter");
        await Expect(window.Page.Locator(".left-out")).ToHaveCountAsync(0);
        await ShownAsync(window);
        var request = Assert.Single(listener.Asked);
        Assert.StartsWith("GET /a.png", request);
        Assert.DoesNotContain("Referer", request, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Cookie", request, StringComparison.OrdinalIgnoreCase);
        // Another browser of the same reader is served from the cache.
        await using var other = await browser.OpenAsync(isPhone);
        await other.SignInAsync(Alice);
        await other.OpenRowAsync(subject);
        await other.Button("Show pictures").ClickAsync();
        await ShownAsync(other);
        Assert.Single(listener.Asked);
        window.CheckCalm();
        other.CheckCalm();
    }

    [Fact]
    public async Task A_proved_sender_is_trusted_with_pictures_until_that_is_taken_back()
    {
        await using var window = await browser.OpenAsync();
        using var listener = new Listener();
        var tag = Guid.NewGuid().ToString("n")[..6];
        await PutAsync("First " + tag, listener.Url, proved: true);
        await PutAsync("Second " + tag, listener.Url, proved: true);
        await PutAsync("Forged " + tag, listener.Url, proved: false);
        await window.SignInAsync(Alice);
        await window.OpenRowAsync("Forged " + tag);
        await Expect(window.Button("Show pictures")).ToBeVisibleAsync();
        await Expect(window.Button("Always from shop@pictures.example")).ToHaveCountAsync(0);
        await window.OpenRowAsync("First " + tag);
        await window.Button("Always from shop@pictures.example").ClickAsync();
        await Expect(window.Page.Locator(".notice")).ToContainTextAsync("are shown from now on");
        await ShownAsync(window);
        await window.OpenRowAsync("Second " + tag);
        await ShownAsync(window);
        await Expect(window.Page.Locator(".left-out")).ToHaveCountAsync(0);
        await window.OpenRowAsync("Forged " + tag);
        await Expect(window.Button("Show pictures")).ToBeVisibleAsync();
        await window.Page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
        await Expect(window.Page.Locator("#senders")).ToContainTextAsync("shop@pictures.example");
        await window.CheckAccessibilityAsync("settings with senders");
        await window.Button("Remove shop@pictures.example").ClickAsync();
        await Expect(window.Page.Locator("#senders")).ToContainTextAsync("Of nobody");
        await window.Page.GotoAsync(browser.Web);
        await window.OpenRowAsync("Second " + tag);
        await Expect(window.Button("Show pictures")).ToBeVisibleAsync();
        window.CheckCalm();
    }

    private static Task ShownAsync(WebmailWindow window) => Expect(window.Page.FrameLocator("iframe.body").Locator("img[src^='/jmap/picture/']")).ToHaveJSPropertyAsync("naturalWidth", 1);

    // As it would lie there if it had come from outside: what the server says of it stands above its own Received.
    private async Task PutAsync(string subject, string url, bool proved)
    {
        var message = $"Authentication-Results: mail.demo.test; dmarc={(proved ? "pass" : "fail")} header.from=pictures.example\r\nReceived: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: Shop <shop@pictures.example>\r\nTo: <{Alice}>\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():N}@pictures.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
            + $"<p>Look at this</p><img src=\"{url}/a.png\" alt=\"A\"><img width=1 height=1 src=\"{url}/spy.gif\">\r\n";
        await PutMail.AsIfDeliveredAsync(browser.Server, Alice, message);
    }

    /// <summary>Answers every request with a picture, and keeps what was asked.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);

        internal Listener()
        {
            listener.Start();
            _ = RunAsync();
        }

        internal ConcurrentQueue<string> Asked { get; } = new();

        internal string Url => $"http://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}";

        public void Dispose() => listener.Dispose();

        private async Task RunAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync();
                    var buffer = new byte[8192];
                    var read = await client.GetStream().ReadAsync(buffer);
                    Asked.Enqueue(Encoding.ASCII.GetString(buffer, 0, read));
                    await client.GetStream().WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {Png.Length}\r\nConnection: close\r\n\r\n"), .. Png]);
                }
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
