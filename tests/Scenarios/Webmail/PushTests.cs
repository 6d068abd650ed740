using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sternpost.Scenarios.Harness;
using static Microsoft.Playwright.Assertions;

namespace Sternpost.Scenarios.Webmail;

/// <summary>
/// What notices of a closed page rest on. A browser of a test reaches no push service of its maker: what it would ask of one is answered by a service of the
/// test, and what that gets is handed to the browser's own worker as a push.
/// </summary>
public sealed class PushTests(TrustingBrowser browser) : IClassFixture<TrustingBrowser>
{
    private const string Bob = "bob@demo.test";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_browser_subscribes_is_verified_and_is_pushed_to_until_its_service_forgets_it(bool isPhone)
    {
        var tag = Guid.NewGuid().ToString("n")[..6];
        using var service = new PushService(browser.Certificate);
        await using var window = await SettingsAsync(service, isPhone);
        var page = window.Page;
        await Expect(window.Button("Tell me while the page is closed")).ToBeVisibleAsync();
        await window.CheckAccessibilityAsync("push off");
        // By keyboard alone.
        await window.Button("Tell me while the page is closed").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#push")).ToContainTextAsync("This browser is told of new mail");
        await window.CheckAccessibilityAsync("push on");
        if (Environment.GetEnvironmentVariable("STERNPOST_SCREENSHOTS") is { } folder)
        {
            await page.Locator("#push").ScrollIntoViewIfNeededAsync();
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"push-{(isPhone ? "phone" : "desk")}.png"), Animations = ScreenshotAnimations.Disabled });
        }

        // The service is told who pushes (RFC 8292), by the key that the browser was given.
        var verification = await service.TakeAsync("PushVerification");
        var key = await page.EvaluateAsync<string>("() => localStorage.getItem('stub')");
        var vapid = System.Text.RegularExpressions.Regex.Match(verification.Fields["authorization"], "^vapid t=([^,]+), k=(.+)$");
        Assert.Equal(key, vapid.Groups[2].Value);
        Assert.True(PushService.IsSigned(vapid.Groups[1].Value, key));
        var claims = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(vapid.Groups[1].Value.Split('.')[1]))!;
        Assert.Equal(new Uri(service.Url).GetLeftPart(UriPartial.Authority), claims["aud"]!.GetValue<string>());
        Assert.InRange(claims["exp"]!.GetValue<long>() - DateTimeOffset.UtcNow.ToUnixTimeSeconds(), 60, 86400);
        Assert.Equal(("86400", "application/octet-stream", "aes128gcm"), (verification.Fields["ttl"], verification.Fields["content-type"], verification.Fields["content-encoding"]));

        await using var pushes = await PushesAsync(page, browser.Web);
        await pushes.DeliverAsync(verification.Text);
        await Wait.UntilAsync(async () => (await NoticesAsync(page)).Contains("You are told of new mail from now on", StringComparison.Ordinal));

        // What was on its way before is told at once; then a letter comes, of which the push says nothing.
        await service.TakeAsync("StateChange");
        await DeliverAsync("Good news " + tag);
        var change = await service.TakeAsync("StateChange");
        Assert.Equal(["EmailDelivery"], JsonNode.Parse(change.Text)!["changed"]!.AsObject().Single().Value!.AsObject().Select(type => type.Key));
        Assert.DoesNotContain(tag, change.Text, StringComparison.Ordinal);

        // A service that knows the browser no more is asked no more.
        service.Status = 410;
        await DeliverAsync("Later news " + tag);
        await service.TakeAsync("StateChange");
        await Wait.UntilAsync(async () => await SubscriptionsAsync(page) == 0);
    }

    [Fact]
    public async Task A_letter_to_a_closed_page_becomes_a_notice_with_its_sender_and_subject()
    {
        var tag = Guid.NewGuid().ToString("n")[..6];
        using var service = new PushService(browser.Certificate);
        await using var window = await SettingsAsync(service, isPhone: false);
        var page = window.Page;
        await window.Button("Tell me while the page is closed").ClickAsync();
        await Expect(page.Locator("#push")).ToContainTextAsync("This browser is told of new mail");
        await using var pushes = await PushesAsync(page, browser.Web);
        await pushes.DeliverAsync((await service.TakeAsync("PushVerification")).Text);
        await service.TakeAsync("StateChange");

        // The page is left: the worker alone is there, and asks by the browser's sign-in.
        await page.GotoAsync("about:blank");
        await DeliverAsync("Good news " + tag);
        await pushes.DeliverAsync((await service.TakeAsync("StateChange")).Text);
        // A page of the server that is not the webmail.
        await page.GotoAsync(browser.Web + "/help");
        await Wait.UntilAsync(async () => (await NoticesAsync(page)).Contains("Clara Winter|Good news " + tag + "|/mail/inbox/", StringComparison.Ordinal));
        await page.EvaluateAsync("async () => { for (const notice of await (await navigator.serviceWorker.getRegistration('/')).getNotifications()) notice.close(); }");
        await Wait.UntilAsync(async () => (await NoticesAsync(page)).Length == 0);
        await page.GotoAsync("about:blank");
        await DeliverAsync("Second news " + tag);
        await pushes.DeliverAsync((await service.TakeAsync("StateChange")).Text);
        await page.GotoAsync(browser.Web + "/help");
        await Wait.UntilAsync(async () => (await NoticesAsync(page)).Contains("Second news " + tag, StringComparison.Ordinal));
        Assert.DoesNotContain("Good news", await NoticesAsync(page), StringComparison.Ordinal);
    }

    private async Task<WebmailWindow> SettingsAsync(PushService service, bool isPhone)
    {
        var window = await browser.OpenAsync(isPhone, isDark: isPhone);
        await window.Page.Context.GrantPermissionsAsync(["notifications"], new() { Origin = browser.Web });
        await window.Page.AddInitScriptAsync(Stub(service));
        await window.SignInAsync(Bob);
        await window.Page.EvaluateAsync("async () => { await navigator.serviceWorker.ready; }");
        await window.Page.GotoAsync(browser.Web + "/settings");
        return window;
    }

    // What the browser would have asked its maker's service for.
    private static string Stub(PushService service) => $$"""
        const decode = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0)).buffer;
        const subscription = { endpoint: '{{service.Url}}', getKey: name => decode(name === 'auth' ? '{{service.Auth}}' : '{{service.P256dh}}'), unsubscribe: async () => { localStorage.removeItem('stub'); return true; } };
        PushManager.prototype.subscribe = async options => { localStorage.setItem('stub', options.applicationServerKey); return subscription; };
        PushManager.prototype.getSubscription = async () => localStorage.getItem('stub') ? subscription : null;
        """;

    private static Task<string> NoticesAsync(IPage page) => page.EvaluateAsync<string>(
        "async () => (await (await navigator.serviceWorker.getRegistration('/')).getNotifications()).map(notice => [notice.title, notice.body, notice.data?.path].join('|')).join('\\n')");

    private async Task DeliverAsync(string subject)
    {
        await using var smtp = await RawSmtp.ConnectAsync(browser.Server.Ports["mx"]);
        Assert.StartsWith("250", await smtp.SendAsync("clara@list.example", Bob, Encoding.ASCII.GetBytes(
            $"From: Clara Winter <clara@list.example>\r\nTo: <{Bob}>\r\nSubject: {subject}\r\nDate: {DateTime.UtcNow:ddd, dd MMM yyyy HH:mm:ss} +0000\r\nMessage-ID: <{Guid.NewGuid():N}@list.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nGood morning, here are the minutes that you asked for last week.\r\n")));
    }

    // By the browser's own sign-in, which alone is shown them.
    private async Task<int> SubscriptionsAsync(IPage page)
    {
        using var handler = new HttpClientHandler { UseCookies = false, ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate is not null && browser.Server.Trusts(certificate) };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, browser.Web + "/jmap/api");
        request.Headers.Add("Cookie", string.Join("; ", (await page.Context.CookiesAsync([browser.Web])).Select(cookie => $"{cookie.Name}={cookie.Value}")));
        request.Content = new StringContent("{\"using\": [\"urn:ietf:params:jmap:core\"], \"methodCalls\": [[\"PushSubscription/get\", {\"ids\": null}, \"c\"]]}", Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["methodResponses"]![0]![1]!["list"]!.AsArray().Count;
    }

    // The developer tools' way to the worker, by the registration that they name.
    private static async Task<Pushes> PushesAsync(IPage page, string origin)
    {
        var devtools = await page.Context.NewCDPSessionAsync(page);
        var registered = new TaskCompletionSource<string>();
        devtools.Event("ServiceWorker.workerRegistrationUpdated").OnEvent += (_, message) =>
        {
            foreach (var registration in message?.GetProperty("registrations").EnumerateArray() ?? default)
            {
                if (registration.GetProperty("scopeURL").GetString() == origin + "/") registered.TrySetResult(registration.GetProperty("registrationId").GetString()!);
            }
        };
        await devtools.SendAsync("ServiceWorker.enable");
        return new Pushes(devtools, origin, await registered.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private sealed class Pushes(ICDPSession devtools, string origin, string registrationId) : IAsyncDisposable
    {
        internal async Task DeliverAsync(string data) => await devtools.SendAsync("ServiceWorker.deliverPushMessage", new() { ["origin"] = origin, ["registrationId"] = registrationId, ["data"] = data });

        public async ValueTask DisposeAsync() => await devtools.DetachAsync();
    }
}
