using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Webmail;

/// <summary>
/// Fixtures made to get past sanitisers, in a real browser: none may run, none may fetch. The addresses in them are turned to a listener here that counts,
/// and the page hears of any script that sets a mark, opens a dialog or speaks to it.
/// </summary>
public sealed partial class HostileHtmlTests(RealBrowser browser) : IClassFixture<RealBrowser>
{
    private const string Reader = "bob@demo.test";
    private const int Together = 25;

    [Fact]
    public async Task No_fixture_runs_or_fetches()
    {
        await using var window = await browser.OpenAsync();
        var fixtures = Fixtures().ToList();
        using var listener = new CountingListener();
        var dialogs = 0;
        window.Page.Dialog += (_, dialog) => { dialogs++; _ = dialog.DismissAsync(); };
        var asked = new List<string>();
        window.Page.Request += (_, request) => { if (request.Url.Contains(listener.Mark, StringComparison.Ordinal)) asked.Add(request.Url); };
        await window.SignInAsync(Reader);
        // Many to a message, each in a part of its own: hundreds of messages would show the same and take minutes.
        var messages = fixtures.Chunk(Together).ToList();
        for (var i = 0; i < messages.Count; i++)
        {
            await using var smtp = await RawSmtp.SubmitAsync(browser.Server, "alice@demo.test");
            var body = string.Concat(messages[i].Select(html => $"--part\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(Encoding.UTF8.GetBytes(listener.TurnHere(html)), Base64FormattingOptions.InsertLineBreaks)}\r\n"));
            var reply = await smtp.SendAsync("alice@demo.test", Reader, Encoding.ASCII.GetBytes($"From: <alice@demo.test>\r\nTo: <{Reader}>\r\nSubject: Hostile {i:000}\r\nMessage-ID: <{Guid.NewGuid():N}@demo.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=part\r\n\r\n{body}--part--\r\n"));
            Assert.StartsWith("250", reply);
        }
        for (var i = 0; i < messages.Count; i++)
        {
            await window.OpenRowAsync($"Hostile {i:000}");
            var frame = window.Page.Locator("iframe.body.is-loaded");
            await frame.WaitForAsync();
            Assert.True(await window.Page.EvaluateAsync<bool>("() => [...document.querySelector('iframe.body').contentDocument.querySelectorAll('*')].every(e => e.tagName !== 'SCRIPT' && [...e.attributes].every(a => !/^on/i.test(a.name)))"), $"Something that could run is left in message {i}");
            await window.Page.Keyboard.PressAsync("u");
        }
        Assert.Equal("undefined", await window.Page.EvaluateAsync<string>("() => typeof window.xssed"));
        Assert.Equal(0, dialogs);
        Assert.Empty(asked);
        Assert.Empty(listener.Requests);
    }

    // DOMPurify's payloads (the field of that name in its fixtures), and the leaks of HTTPLeaks, one an element.
    private static IEnumerable<string> Fixtures()
    {
        var suites = Path.Combine(AppContext.BaseDirectory, "../../../../../..", "shared", "suites", "html");
        if (!System.IO.Directory.Exists(suites)) Assert.Skip("The HTML suites are not beside this checkout.");
        var purify = File.ReadAllText(Path.Combine(suites, "dompurify", "expect.mjs"));
        foreach (Match match in Regex.Matches(purify, "\"?payload\"?\\s*:\\s*(\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|`[^`]*`)"))
        {
            var literal = match.Groups[1].Value;
            yield return literal[0] == '"' ? System.Text.Json.JsonSerializer.Deserialize<string>(Json(literal)) ?? "" : Regex.Unescape(literal[1..^1]);
        }
        var leaks = File.ReadAllText(Path.Combine(suites, "httpleaks", "leak.html"));
        yield return leaks;
        foreach (var line in leaks.Split('\n').Where(line => line.TrimStart().StartsWith('<'))) yield return line;
    }

    // JavaScript knows escapes that JSON does not.
    private static string Json(string literal) => Regex.Replace(literal, @"\\(?:x([0-9a-fA-F]{2})|([^""\\/bfnrtu]))", match => match.Groups[1].Success ? "\\u00" + match.Groups[1].Value : match.Groups[2].Value);

    /// <summary>Counts who comes; every remote address of a fixture is turned to it.</summary>
    private sealed partial class CountingListener : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource stopping = new();

        internal CountingListener()
        {
            listener.Start();
            Mark = "127.0.0.1:" + ((IPEndPoint)listener.LocalEndpoint).Port;
            _ = CountAsync();
        }

        internal string Mark { get; }

        internal System.Collections.Concurrent.ConcurrentQueue<string> Requests { get; } = new();

        internal string TurnHere(string html) => Remote().Replace(html, match => (match.Groups["scheme"].Value is "//" ? "//" : "http://") + Mark);

        public void Dispose()
        {
            stopping.Cancel();
            listener.Stop();
            stopping.Dispose();
        }

        private async Task CountAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync(stopping.Token);
                    Requests.Enqueue(client.Client.RemoteEndPoint?.ToString() ?? "");
                }
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The test has ended.
            }
        }

        [GeneratedRegex(@"(?<scheme>https?://|(?<=[""'(=\s])//)[\w.-]+\.[a-z]{2,}(?::\d+)?", RegexOptions.IgnoreCase)]
        private static partial Regex Remote();
    }
}
