using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Webmail;

/// <summary>Debian's chromium, driven as a person would; never one that a package downloads.</summary>
public class RealBrowser : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-headless-shell", "/usr/bin/chromium-browser"];
    private IPlaywright? playwright;
    private IBrowser? browser;
    private string trust = "";

    public DemoServer Server { get; private set; } = null!;

    public string Web => $"https://localhost:{Server.Ports["https"]}";

    /// <summary>Of the browser, beside those it always gets.</summary>
    protected virtual IEnumerable<string> Arguments => [];

    /// <summary>What the server has in its environment besides.</summary>
    protected virtual IDictionary<string, string>? ServerEnvironment => null;

    /// <summary>Of the demo, beside those it always gets.</summary>
    protected virtual string[] ServerArguments => [];

    public virtual async ValueTask InitializeAsync()
    {
        if (Places.FirstOrDefault(File.Exists) is not { } program) return;
        Server = await DemoServer.StartAsync(ServerEnvironment, ServerArguments);
        trust = "--ignore-certificate-errors-spki-list=" + await PinAsync();
        // Generous, for machines that are busy with other things; nothing here waits longer than it must.
        Assertions.SetDefaultExpectTimeout(60_000);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = program, Args = ["--no-sandbox", trust, .. Arguments] });
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
        if (Server is not null) await Server.DisposeAsync();
    }

    /// <summary>A fresh window that nobody is signed in to; the test is skipped where there is no browser.</summary>
    /// <param name="isPhone">Of a phone's size.</param>
    /// <param name="isDark">In dark colours.</param>
    /// <param name="server">On another server than the demo.</param>
    /// <param name="isWithoutPolicy">Where no content policy holds.</param>
    internal async Task<WebmailWindow> OpenAsync(bool isPhone = false, bool isDark = false, IMailServer? server = null, bool isWithoutPolicy = false)
    {
        if (browser is null) Assert.Skip("chromium is not installed; ./test installs it.");
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = isPhone ? new ViewportSize { Width = 390, Height = 800 } : new ViewportSize { Width = 1400, Height = 860 },
            HasTouch = isPhone,
            BypassCSP = isWithoutPolicy,
            IgnoreHTTPSErrors = server is not null,
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        return new WebmailWindow(await context.NewPageAsync(), server ?? Server, server is null ? Web : $"https://localhost:{server.Ports["https"]}");
    }

    // The certificate is the demo's own; that browsers get one they trust is tested with the certificates. This one alone is taken as good, so that
    // the browser keeps files and runs workers as it does for a site it trusts.
    private async Task<string> PinAsync()
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync("127.0.0.1", Server.Ports["https"]);
        await using var tls = new System.Net.Security.SslStream(client.GetStream(), false, (_, certificate, _, _) => certificate is System.Security.Cryptography.X509Certificates.X509Certificate2 leaf && Server.Trusts(leaf));
        await tls.AuthenticateAsClientAsync("localhost");
        using var shown = new System.Security.Cryptography.X509Certificates.X509Certificate2(tls.RemoteCertificate!);
        return Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(shown.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>A browser with a folder of its own, as people have: what it keeps of an application it keeps there.</summary>
    internal async Task<IBrowserContext> OpenProfileAsync(string folder)
    {
        if (playwright is null) Assert.Skip("chromium is not installed; ./test installs it.");
        return await playwright.Chromium.LaunchPersistentContextAsync(folder, new BrowserTypeLaunchPersistentContextOptions
        {
            ExecutablePath = Places.First(File.Exists),
            Args = ["--no-sandbox", trust, .. Arguments],
            ViewportSize = new ViewportSize { Width = 1400, Height = 860 },
        });
    }
}

/// <summary>A window with the webmail, and everything that went wrong in it.</summary>
internal sealed class WebmailWindow : IAsyncDisposable
{
    private readonly List<string> troubles = [];
    private readonly IMailServer server;
    private readonly string web;
    private TaskCompletionSource<IFileChooser> chooser = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal WebmailWindow(IPage page, IMailServer server, string web)
    {
        Page = page;
        this.server = server;
        this.web = web;
        page.SetDefaultTimeout(60_000);
        // From the first: a browser told of it only when a key is on its way hears of the key first when the machine is busy, and opens a dialog nobody sees.
        page.FileChooser += (_, choice) => chooser.TrySetResult(choice);
        page.PageError += (_, error) => troubles.Add(error);
        // The question who is signed in is answered with 401 before anybody is.
        page.Console += (_, message) => { if (message.Type == "error" && !message.Text.Contains("401", StringComparison.Ordinal)) troubles.Add(message.Text); };
        page.Request += (_, request) => { if (!request.Url.StartsWith(web, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal) && request.Url != "about:blank") troubles.Add("asked elsewhere: " + request.Url); };
    }

    internal IPage Page { get; }

    /// <summary>Where the webmail is.</summary>
    internal string Web => web;

    /// <summary>Script errors, refusals of the content policy, and requests to anywhere else.</summary>
    internal IReadOnlyList<string> Troubles => troubles;

    internal async Task SignInAsync(string address)
    {
        await Page.GotoAsync(web);
        await Page.FillAsync("#username", address);
        await Page.FillAsync("#password", server.Passwords[address]);
        await Page.Keyboard.PressAsync("Enter");
        await Page.WaitForSelectorAsync("#list[aria-busy=false]");
    }

    internal ILocator Row(string subject) => Page.Locator(".row", new PageLocatorOptions { HasText = subject }).First;

    internal ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true }).First;

    /// <summary>Does what opens a choice of files, and gives it.</summary>
    internal async Task<IFileChooser> ChooseFilesAsync(Func<Task> press)
    {
        chooser = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await press();
        try
        {
            return await chooser.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException("No choice of files was opened; the focus is on " + await Page.EvaluateAsync<string>("() => document.activeElement?.outerHTML.slice(0, 300)"));
        }
    }

    internal async Task OpenRowAsync(string subject)
    {
        await Row(subject).Locator(".row-link").ClickAsync();
        await Page.WaitForSelectorAsync("iframe.body.is-loaded");
    }

    /// <summary>Fails where axe-core finds anything on the page as it is now. What is in the frame of a message is its sender's.</summary>
    internal async Task CheckAccessibilityAsync(string where)
    {
        var violations = await ViolationsAsync();
        Assert.True(violations.Length == 0, where + ":\n" + violations);
    }

    /// <summary>What axe-core finds, a line each.</summary>
    internal async Task<string> ViolationsAsync()
    {
        var result = await Page.RunAxe(new AxeRunOptions { Iframes = false });
        return string.Join('\n', result.Violations.Select(violation => $"{violation.Id}: {violation.Help}: {string.Join(" | ", violation.Nodes.Select(node => node.Html))}"));
    }

    internal void CheckCalm() => Assert.True(troubles.Count == 0, string.Join('\n', troubles));

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();
}
