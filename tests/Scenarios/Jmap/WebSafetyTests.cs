using System.Text.Json.Nodes;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Jmap;

/// <summary>What strangers, other sites' pages and greedy clients get from the web side.</summary>
public sealed class WebSafetyTests(OneDemo demo) : IClassFixture<OneDemo>
{
    private const string Echo = "{\"using\":[\"urn:ietf:params:jmap:core\"],\"methodCalls\":[[\"Core/echo\",{},\"c\"]]}";

    [Fact]
    public async Task A_browser_signs_in_by_cookie_and_out_again()
    {
        var jmap = await JmapClient.OpenAsync(demo.Server, "bob@demo.test");
        var jar = Path.GetTempFileName();
        var body = $"{{\"username\":\"bob@demo.test\",\"password\":\"{demo.Server.Passwords["bob@demo.test"]}\"}}";
        var signedIn = await jmap.CurlAsync("--cookie-jar", jar, "--include", "-H", "Content-Type: application/json", "-d", body, "/jmap/signin");
        var cookie = signedIn.Output.Split('\n').First(line => line.StartsWith("Set-Cookie", StringComparison.OrdinalIgnoreCase)).ToLowerInvariant();
        foreach (var word in new[] { "__host-sternpost=", "secure", "httponly", "samesite=strict", "path=/" }) Assert.Contains(word, cookie);
        Assert.Equal("200", await StatusAsync(jmap, "--cookie", jar, "-H", "Content-Type: application/json", "-d", Echo, "/jmap/api"));
        // What a page of another site makes the browser send carries the cookie and says where it is from.
        Assert.Equal("403", await StatusAsync(jmap, "--cookie", jar, "-H", "Sec-Fetch-Site: cross-site", "-H", "Content-Type: application/json", "-d", Echo, "/jmap/api"));
        Assert.Equal("403", await StatusAsync(jmap, "--cookie", jar, "-H", "Origin: https://evil.example", "-H", "Content-Type: application/json", "-d", Echo, "/jmap/api"));
        var sessions = JsonNode.Parse((await jmap.CurlAsync("--cookie", jar, "/jmap/signin")).Output)!["sessions"]!.AsArray();
        Assert.True(Assert.Single(sessions)!["isThis"]!.GetValue<bool>());
        Assert.Equal("204", await StatusAsync(jmap, "--cookie", jar, "-X", "DELETE", "/jmap/signin"));
        Assert.Equal("401", await StatusAsync(jmap, "--cookie", jar, "-H", "Content-Type: application/json", "-d", Echo, "/jmap/api"));
        File.Delete(jar);
    }

    [Fact]
    public async Task A_token_takes_the_passwords_place()
    {
        var jmap = await JmapClient.OpenAsync(demo.Server, "bob@demo.test");
        var body = $"{{\"username\":\"bob@demo.test\",\"password\":\"{demo.Server.Passwords["bob@demo.test"]}\",\"token\":true}}";
        var token = JsonNode.Parse((await jmap.CurlAsync("-H", "Content-Type: application/json", "-d", body, "/jmap/signin")).Output)!["token"]!.GetValue<string>();
        Assert.Equal("200", await StatusAsync(jmap, "-H", "Authorization: Bearer " + token, "/jmap/session"));
        Assert.Equal("401", await StatusAsync(jmap, "-H", "Authorization: Bearer " + token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), "/jmap/session"));
        Assert.Equal("204", await StatusAsync(jmap, "-H", "Authorization: Bearer " + token, "-X", "DELETE", "/jmap/signin?all"));
        Assert.Equal("401", await StatusAsync(jmap, "-H", "Authorization: Bearer " + token, "/jmap/session"));
    }

    [Theory]
    [InlineData("401", "/jmap/session")]
    [InlineData("401", "/.well-known/jmap")]
    [InlineData("401", "/jmap/download/A1/M1/x")]
    [InlineData("401", "/jmap/eventsource")]
    public async Task Strangers_get_nothing(string status, string path)
    {
        var jmap = await JmapClient.OpenAsync(demo.Server);
        Assert.Equal(status, await StatusAsync(jmap, $"https://localhost:{demo.Server.Ports["https"]}{path}"));
    }

    [Fact]
    public async Task Limits_are_enforced()
    {
        var jmap = await JmapClient.OpenAsync(demo.Server);
        var core = jmap.Session["capabilities"]!["urn:ietf:params:jmap:core"]!;
        var large = Path.GetTempFileName();
        await File.WriteAllTextAsync(large, new string(' ', core["maxSizeRequest"]!.GetValue<int>() + 1));
        var refused = await jmap.CurlAsync([.. jmap.Credentials, "-H", "Content-Type: application/json", "--data-binary", "@" + large, "/jmap/api"]);
        Assert.Equal("maxSizeRequest", JsonNode.Parse(refused.Output)!["limit"]!.GetValue<string>());
        var ids = string.Join(',', Enumerable.Range(0, core["maxObjectsInGet"]!.GetValue<int>() + 1).Select(i => $"\"M{i}\""));
        var answers = await jmap.RequestAsync($"[[\"Email/get\", {{\"accountId\": \"{jmap.AccountId}\", \"ids\": [{ids}]}}, \"c\"]]");
        Assert.Equal("requestTooLarge", answers[0]![1]!["type"]!.GetValue<string>());
        File.Delete(large);
    }

    [Fact]
    public async Task A_download_cannot_run_as_a_page_nor_be_anothers()
    {
        var alice = await JmapClient.OpenAsync(demo.Server);
        var bob = await JmapClient.OpenAsync(demo.Server, "bob@demo.test");
        var upload = JsonNode.Parse((await alice.CurlAsync([.. alice.Credentials, "-H", "Content-Type: text/html", "-d", "<script>alert(1)</script>", $"/jmap/upload/{alice.AccountId}/"])).Output)!;
        var path = $"/jmap/download/{alice.AccountId}/{upload["blobId"]}/a%22%0d%0aX: y.html?type=text/html";
        var header = (await alice.CurlAsync([.. alice.Credentials, "--include", path.Replace(" ", "%20", StringComparison.Ordinal)])).Output;
        Assert.Contains("Content-Disposition: attachment", header, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("sandbox", header);
        Assert.Contains("X-Content-Type-Options: nosniff", header, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\nX: y", header, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("404", await StatusAsync(bob, [.. bob.Credentials, $"/jmap/download/{alice.AccountId}/{upload["blobId"]}/x?type=text/plain"]));
        Assert.Equal("404", await StatusAsync(bob, [.. bob.Credentials, $"/jmap/download/{bob.AccountId}/{upload["blobId"]}/x?type=text/plain"]));
    }

    [Fact]
    public async Task Guessing_is_slowed_for_the_web_and_the_mail_protocols_together()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        var jmap = await JmapClient.OpenAsync(server);
        var statuses = new List<string>();
        for (var i = 0; i < 40 && !statuses.Contains("429"); i++) statuses.Add(await StatusAsync(jmap, "-u", "nobody@demo.test:guess" + i, "/jmap/session"));
        Assert.Contains("429", statuses);
        Assert.All(statuses, status => Assert.Contains(status, (string[])["401", "429"]));
    }

    private static async Task<string> StatusAsync(JmapClient client, params string[] arguments) =>
        (await client.CurlAsync(["--output", "/dev/null", "--write-out", "%{http_code}", .. arguments])).Output;
}
