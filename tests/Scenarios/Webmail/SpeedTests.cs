using System.Globalization;
using System.Text;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Webmail;

/// <summary>
/// How fast the webmail is in a browser, as docs/performance.md says it. Only run when asked for by name, because figures of a busy machine are no figures:
/// <c>dotnet tests/Scenarios/bin/Release/net10.0/Sternpost.Scenarios.dll -explicit only -class '*SpeedTests' -showLiveOutput</c>.
/// </summary>
public sealed class SpeedTests(ITestOutputHelper output)
{
    private const string Alice = "alice@demo.test";
    private const int Times = 9;

    // Seen is what a frame of the screen has shown: the condition holds, and the frame after it has begun.
    private const string Until = """
        window.until = condition => new Promise(done => { const look = () => condition() ? requestAnimationFrame(() => setTimeout(done)) : requestAnimationFrame(look); look(); });
        window.timed = async (act, condition) => { const from = performance.now(); act(); await until(condition); return performance.now() - from; };
        window.rows = () => document.querySelectorAll('.row:not(.is-waiting)').length;
        """;

    [Fact(Explicit = true)]
    public async Task Loading_opening_and_a_folder_of_a_hundred_thousand()
    {
        var browser = new RealBrowser();
        await browser.InitializeAsync();
        var profile = Path.Combine(Path.GetTempPath(), "sternpost-speed-" + Guid.NewGuid().ToString("n")[..8]);
        try
        {
            await FillAsync(browser.Server);
            var (cold, starting) = (new List<double>(), new List<double>());
            var (warm, atOnce, restarted) = (new List<double>(), new List<double>(), new List<double>());
            IBrowserContext context = null!;
            for (var i = 0; i < Times; i++)
            {
                if (context is not null) await context.DisposeAsync();
                context = await browser.OpenProfileAsync(profile + i);
                await context.AddInitScriptAsync(Until);
                await SignInAsync(browser, context);
                // Signed in, as the next morning, but with nothing kept of the application: first while the browser itself is still starting, then in one that has.
                var cookies = await context.CookiesAsync();
                await context.DisposeAsync();
                context = await FreshAsync(browser, profile + i + "a", cookies);
                starting.Add(await LoadAsync(browser, context));
                await context.DisposeAsync();
                context = await FreshAsync(browser, profile + i + "b", cookies);
                cold.Add(await LoadAsync(browser, context, isQuiet: true));
                // The very next moment, when what is for the next time has not been put by yet; and after a visit that lasted some seconds.
                atOnce.Add(await LoadAsync(browser, context));
                for (var again = 0; again < 3; again++)
                {
                    await StayAsync(context);
                    var time = await LoadAsync(browser, context, isQuiet: true);
                    if (again > 0) warm.Add(time);
                }
                await StayAsync(context);
                await context.DisposeAsync();
                context = await browser.OpenProfileAsync(profile + i + "b");
                await context.AddInitScriptAsync(Until);
                restarted.Add(await LoadAsync(browser, context));
            }
            Report("cold load until the inbox is shown", cold);
            Report("cold, in a browser that is starting itself", starting);
            Report("again at once", atOnce);
            Report("warm load until the inbox is shown", warm);
            Report("after the browser was started anew", restarted);

            var page = context.Pages[^1];
            // Once around, as in the first minute of use.
            await OpenEachAsync(page);
            Report("opening a message", await OpenEachAsync(page));
            await page.Keyboard.PressAsync("u");
            Report("opening the folder of 100,000", await GoAsync(page, "Large", "100,000"));
            Report("going to its middle", await JumpAsync(page));
        }
        finally
        {
            await browser.DisposeAsync();
            foreach (var folder in System.IO.Directory.EnumerateDirectories(Path.GetTempPath(), Path.GetFileName(profile) + "*")) System.IO.Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<IBrowserContext> FreshAsync(RealBrowser browser, string profile, IEnumerable<BrowserContextCookiesResult> cookies)
    {
        var context = await browser.OpenProfileAsync(profile);
        await context.AddInitScriptAsync(Until);
        await context.AddCookiesAsync(cookies.Select(cookie => new Cookie { Name = cookie.Name, Value = cookie.Value, Url = browser.Web, Secure = true, HttpOnly = true, SameSite = SameSiteAttribute.Strict, Expires = cookie.Expires }));
        return context;
    }

    // Whether quiet: a tab of its own, begun when the browser is done with what went before. Starting itself and putting a page away take it a second of both
    // processors, which is no part of what the webmail takes.
    private static async Task<double> LoadAsync(RealBrowser browser, IBrowserContext context, bool isQuiet = false)
    {
        var page = await context.NewPageAsync();
        foreach (var other in context.Pages.Where(other => other != page).ToList()) await other.CloseAsync();
        if (isQuiet) await QuietAsync();
        await page.GotoAsync(browser.Web + "/mail/inbox", new() { WaitUntil = WaitUntilState.Commit });
        // From the start of the navigation, by the browser's own clock.
        return await page.EvaluateAsync<double>("async () => { await until(() => rows() > 0); return performance.now(); }");
    }

    // Until the processors had nothing to do for a second, or for a quarter of a minute at most.
    private static async Task QuietAsync()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var quiet = 0; quiet < 4 && clock.Elapsed < TimeSpan.FromSeconds(15);)
        {
            var (idle, all) = Processors();
            await Task.Delay(250);
            var (idleThen, allThen) = Processors();
            quiet = idleThen - idle > 0.9 * (allThen - all) ? quiet + 1 : 0;
        }
    }

    // The first line of Linux's count of how its processors passed the time: user, nice, system, idle, waiting and others.
    private static (double Idle, double All) Processors()
    {
        var counts = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(count => double.Parse(count, CultureInfo.InvariantCulture)).ToList();
        return (counts[3] + counts[4], counts.Sum());
    }

    // Until the worker has put the application by, as it does two seconds after the list is shown.
    private static async Task StayAsync(IBrowserContext context) => await context.Pages[^1].EvaluateAsync("async () => { await navigator.serviceWorker.ready; }");

    private static async Task<List<double>> OpenEachAsync(IPage page)
    {
        var times = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            times.Add(await page.EvaluateAsync<double>("i => timed(() => document.querySelectorAll('.row-link')[i].click(), () => { const frames = document.querySelectorAll('iframe.body'); return document.querySelectorAll('.row')[i].classList.contains('is-open') && frames.length > 0 && [...frames].every(frame => frame.classList.contains('is-loaded')); })", i));
            // What is told about it afterwards is no part of the next.
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle).WaitAsync(TimeSpan.FromSeconds(2)).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        return times;
    }

    private static async Task<List<double>> GoAsync(IPage page, string folder, string count)
    {
        var times = new List<double>();
        for (var i = 0; i < Times; i++)
        {
            await page.EvaluateAsync("async () => { document.querySelector('.folder[href=\"/mail/drafts\"]').click(); await until(() => document.querySelector('.empty')); }");
            times.Add(await page.EvaluateAsync<double>("([folder, count]) => timed(() => [...document.querySelectorAll('.folder')].find(link => link.textContent.includes(folder)).click(), () => rows() > 5 && document.querySelector('.bar-count')?.textContent === count)", new[] { folder, count }));
        }
        return times;
    }

    private static async Task<List<double>> JumpAsync(IPage page)
    {
        var times = new List<double>();
        for (var i = 1; i <= Times; i++)
            times.Add(await page.EvaluateAsync<double>("part => timed(() => { const list = document.getElementById('list'); list.scrollTop = list.scrollHeight * part; }, () => rows() > 5 && document.querySelectorAll('.row.is-waiting').length === 0)", i / (Times + 2.0)));
        return times;
    }

    private static async Task SignInAsync(RealBrowser browser, IBrowserContext context)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(browser.Web);
        await page.FillAsync("#username", Alice);
        await page.FillAsync("#password", browser.Server.Passwords[Alice]);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForSelectorAsync("#list[aria-busy=false]");
    }

    // 100,000 messages by the program's own import, and thirty of the size of newsletters in the inbox.
    private async Task FillAsync(DemoServer server)
    {
        var (large, small) = (Path.Combine(server.Folder, "large.mbox"), Path.Combine(server.Folder, "small.mbox"));
        await WriteAsync(large, 100_000, 1);
        await WriteAsync(small, 30, 60);
        foreach (var (path, mailbox) in new[] { (large, "Large"), (small, "INBOX") })
        {
            var done = await Peer.RunAsync("dotnet", [ServerProcess.Program, "import", "mbox", path, "--account", Alice, "--mailbox", mailbox, "--data", server.Folder]);
            Assert.True(done.ExitCode == 0, done.Output + done.Errors);
            output.WriteLine(done.Output.Trim());
        }
        File.Delete(large);
    }

    private static async Task WriteAsync(string path, int count, int paragraphs)
    {
        await using var file = new StreamWriter(path, append: false, Encoding.ASCII);
        var start = new DateTime(2021, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var i = 0; i < count; i++)
        {
            var at = start.AddMinutes(i * 20.0);
            await file.WriteAsync(FormattableString.Invariant($"From person{i % 500}@example.org {at:ddd MMM dd HH:mm:ss yyyy}\nFrom: Person {i % 500} <person{i % 500}@example.org>\nTo: {Alice}\nDate: {at:ddd, dd MMM yyyy HH:mm:ss} +0000\nSubject: Matter {i} of the {path.Length} of them\nMessage-ID: <speed-{count}-{i}@example.org>\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<html><body>"));
            for (var paragraph = 0; paragraph < paragraphs; paragraph++) await file.WriteAsync($"<h2>Part {paragraph}</h2><p>The meeting about matter {i} is on the usual day; please bring what you have written about <b>the harbour</b>, the <a href=\"https://example.org/{i}/{paragraph}\">garden</a> and the library.</p>\n");
            await file.WriteAsync("</body></html>\n\n");
        }
    }

    private void Report(string what, IEnumerable<double> times)
    {
        var sorted = times.Order().ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: best {sorted[0]:0} ms, median {sorted[sorted.Count / 2]:0} ms, worst {sorted[^1]:0} ms, of {sorted.Count}"));
    }
}
