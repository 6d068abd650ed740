using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Accounts;
using Sternpost.Accounts.Forwarding;
using Sternpost.Jmap.Pictures;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.View;
using Sternpost.Unit.Mailboxes;

namespace Sternpost.Unit.Jmap;

/// <summary>What the server fetches in the reader's place, and what it refuses to.</summary>
public sealed class PictureTests : IDisposable
{
    private static readonly byte[] Png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");
    private readonly string folder = Path.Combine(Path.GetTempPath(), "sternpost-pictures-" + Guid.NewGuid().ToString("n")[..12]);
    private readonly FakeTimeProvider time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_picture_is_fetched_once_without_a_word_about_the_reader_and_again_after_it_expired()
    {
        await using var web = new SmallWeb();
        await using var store = await TestStore.OpenAsync();
        using var proxy = Proxy(store);
        web.Answer("/a.png?id=1&x=2", Png, "text/html");
        var address = (await proxy.AddressesAsync("A7", Cancellation))(web.Url("/a.png?id=1&x=2"))!;
        Assert.StartsWith("/jmap/picture/A7/", address);
        var answers = await Task.WhenAll(AskAsync(proxy, 7, address), AskAsync(proxy, 7, address));
        foreach (var (body, response) in answers)
        {
            Assert.Equal(Png, body);
            // By what it is, not by what its server calls it.
            Assert.Equal("image/png", response.ContentType);
            Assert.Contains("sandbox", response.Headers.ContentSecurityPolicy.ToString());
        }
        await AskAsync(proxy, 7, address);
        var request = Assert.Single(web.Asked);
        Assert.DoesNotContain("Cookie", request, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Referer", request, StringComparison.OrdinalIgnoreCase);
        time.Advance(TimeSpan.FromDays(15));
        await AskAsync(proxy, 7, address);
        Assert.Equal(2, web.Asked.Count);
    }

    [Fact]
    public async Task Nobody_has_anything_fetched_that_no_message_of_theirs_shows()
    {
        await using var web = new SmallWeb();
        await using var store = await TestStore.OpenAsync();
        using var proxy = Proxy(store);
        web.Answer("/a.png", Png);
        var address = (await proxy.AddressesAsync("A7", Cancellation))(web.Url("/a.png"))!;
        // Another account, another address, another signature, none.
        await RefusedAsync(proxy, 8, address);
        await RefusedAsync(proxy, 8, address.Replace("A7", "A8", StringComparison.Ordinal));
        await RefusedAsync(proxy, 7, address.Replace("a.png", "b.png", StringComparison.Ordinal));
        await RefusedAsync(proxy, 7, $"/jmap/picture/A7/AAAA?u={Uri.EscapeDataString(web.Url("/a.png"))}");
        await RefusedAsync(proxy, 7, "/jmap/picture/A7/?u=");
        Assert.Empty(web.Asked);
    }

    [Theory]
    [InlineData("image/svg+xml", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>")]
    [InlineData("image/png", "<html><body>Not found</body></html>")]
    [InlineData("image/png", "GIF")]
    [InlineData("image/png", "")]
    public async Task What_is_no_raster_picture_is_refused_and_not_asked_for_again_soon(string type, string body)
    {
        await using var web = new SmallWeb();
        await using var store = await TestStore.OpenAsync();
        using var proxy = Proxy(store);
        web.Answer("/a", Encoding.UTF8.GetBytes(body), type);
        var address = (await proxy.AddressesAsync("A7", Cancellation))(web.Url("/a"))!;
        await RefusedAsync(proxy, 7, address);
        await RefusedAsync(proxy, 7, address);
        Assert.Single(web.Asked);
    }

    [Fact]
    public async Task Redirections_are_followed_a_little_way_and_never_to_what_is_no_web_address()
    {
        await using var web = new SmallWeb();
        using var fetch = new PictureFetch(toLoopback: true);
        web.Answer("/end.png", Png);
        web.Redirect("/one", "/end.png");
        web.Redirect("/loop", web.Url("/loop"));
        web.Redirect("/file", "file:///etc/passwd");
        web.Redirect("/user", web.Url("/end.png").Replace("http://", "http://a:b@", StringComparison.Ordinal));
        web.Raw("/huge", $"HTTP/1.1 200 OK\r\nContent-Length: {PictureFetch.MostOctets + 1}\r\n\r\n");
        web.Raw("/endless", "HTTP/1.1 200 OK\r\n\r\n" + new string('x', 200_000));
        Assert.Equal(Png, (await fetch.FetchAsync(new Uri(web.Url("/one")), Cancellation)).Picture);
        foreach (var path in new[] { "/loop", "/file", "/user", "/huge", "/endless", "/missing" }) Assert.Null((await fetch.FetchAsync(new Uri(web.Url(path)), Cancellation)).Picture);
        Assert.InRange(web.Asked.Count(request => request.StartsWith("GET /loop", StringComparison.Ordinal)), 2, 6);
    }

    [Fact]
    public async Task A_server_in_the_world_reaches_nothing_of_its_own_network()
    {
        await using var web = new SmallWeb();
        web.Answer("/a.png", Png);
        using var fetch = new PictureFetch(toLoopback: false);
        Assert.Null((await fetch.FetchAsync(new Uri(web.Url("/a.png")), Cancellation)).Picture);
        // And no other ports of anybody's.
        Assert.False(fetch.MayAsk(new Uri("https://example.com:25/a.png")));
        Assert.True(fetch.MayAsk(new Uri("https://example.com/a.png")));
        Assert.Contains("no public address", (await fetch.FetchAsync(new Uri("http://127.0.0.1/a.png"), Cancellation)).Reason);
        Assert.Empty(web.Asked);
    }

    [Fact]
    public async Task The_oldest_pictures_make_room()
    {
        var cache = new PictureCache(folder, 3 * Png.Length, TimeSpan.FromDays(1), time);
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            await cache.WriteAsync(PictureCache.KeyOf(name), Png, Cancellation);
            time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Null(await cache.ReadAsync(PictureCache.KeyOf("a"), Cancellation));
        Assert.NotNull(await cache.ReadAsync(PictureCache.KeyOf("d"), Cancellation));
        Assert.InRange(Directory.GetFiles(folder).Sum(file => new FileInfo(file).Length), 1, 3 * Png.Length);
    }

    [Fact]
    public void Spies_stay_away_even_where_pictures_are_shown()
    {
        var clean = HtmlCleaner.Clean(
            "<img src=\"//far.example/a.png\"><img width=1 src=\"https://spy.example/1\"><img style=\"display: none\" src=\"https://spy.example/2\"><img style=\"width:1px;height:1px\" src=\"https://spy.example/3\"><img style=\"width:100px\" src=\"https://far.example/b.png\"><img src=\"ftp://far.example/c\"><img src=\"https://a:b@far.example/d\">",
            _ => null, source => PictureProxy.Normal(source) is { } address ? "/jmap/picture/A1/S?u=" + Uri.EscapeDataString(address) : null)!;
        Assert.Contains("/jmap/picture/A1/S?u=https%3A%2F%2Ffar.example%2Fa.png", clean.Html);
        Assert.Contains("b.png", clean.Html);
        Assert.DoesNotContain("spy.example", clean.Html);
        Assert.DoesNotContain("ftp:", clean.Html);
        Assert.DoesNotContain("a:b@", clean.Html);
    }

    private PictureProxy Proxy(TestStore store) =>
        new(new DirectorySecret(store.Database, "pictures"), new PictureCache(folder, 1024 * 1024, TimeSpan.FromDays(14), time), new PictureFetch(toLoopback: true), time, NullLogger.Instance);

    private static async Task<(byte[] Body, HttpResponse Response)> AskAsync(PictureProxy proxy, long account, string address)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.QueryString = new QueryString(address[address.IndexOf('?', StringComparison.Ordinal)..]);
        using var body = new MemoryStream();
        context.Response.Body = body;
        var scope = new RequestScope(new Account(account, Sternpost.Messages.Addresses.EmailAddress.Parse("a@example.org"), "", AccountStatus.Active, false, 0, 0, DateTimeOffset.UnixEpoch), System.Net.IPAddress.Loopback, "test");
        await proxy.AnswerAsync(context, scope, address[PictureProxy.Path.Length..address.IndexOf('?', StringComparison.Ordinal)]);
        return (body.ToArray(), context.Response);
    }

    private static async Task RefusedAsync(PictureProxy proxy, long account, string address) =>
        Assert.Equal(StatusCodes.Status404NotFound, (await Assert.ThrowsAsync<RequestProblem>(() => AskAsync(proxy, account, address))).Status);
}
