using Sternpost.Scenarios.Harness;
using Sternpost.Scenarios.Jmap;

namespace Sternpost.Scenarios.Webmail;

/// <summary>What a scanner of web sites tries on a sign-in: planted sessions, foreign pages, guessed names, files without end.</summary>
public sealed class SafetyTests(OneDemo demo) : IClassFixture<OneDemo>
{
    private const string Alice = "alice@demo.test";
    private const string Echo = "{\"using\":[\"urn:ietf:params:jmap:core\"],\"methodCalls\":[[\"Core/echo\",{},\"c\"]]}";

    [Fact]
    public async Task A_session_that_was_planted_is_worth_nothing()
    {
        var jmap = await JmapClient.OpenAsync(demo.Server);
        const string planted = "__Host-sternpost=cGxhbnRlZC1ieS1hbi1hdHRhY2tlci1iZWZvcmUtc2lnbi1pbg";
        var answer = await SignInAsync(jmap, demo.Server.Passwords[Alice], "--include", "-H", "Cookie: " + planted);
        var given = answer.Split('\n').First(line => line.StartsWith("Set-Cookie", StringComparison.OrdinalIgnoreCase)).Split(' ')[1].Split(';')[0];
        Assert.StartsWith("__Host-sternpost=", given);
        Assert.NotEqual(planted, given);
        Assert.Equal("401", await StatusAsync(jmap, "-H", "Cookie: " + planted, "/jmap/session"));
        Assert.Equal("200", await StatusAsync(jmap, "-H", "Cookie: " + given, "/jmap/session"));
        // Another sign-in is another session, and the end of one is its end everywhere.
        var second = await SignInAsync(jmap, demo.Server.Passwords[Alice], "--include", "-H", "Cookie: " + given);
        Assert.DoesNotContain(given, second);
        Assert.Equal("204", await StatusAsync(jmap, "-X", "DELETE", "-H", "Cookie: " + given, "/jmap/signin"));
        Assert.Equal("401", await StatusAsync(jmap, "-H", "Cookie: " + given, "/jmap/session"));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task What_a_form_of_another_site_can_send_does_nothing(string type)
    {
        var jmap = await JmapClient.OpenAsync(demo.Server);
        var answer = await SignInAsync(jmap, demo.Server.Passwords[Alice], "--include");
        var cookie = answer.Split('\n').First(line => line.StartsWith("Set-Cookie", StringComparison.OrdinalIgnoreCase)).Split(' ')[1].Split(';')[0];
        foreach (var path in new[] { "/jmap/api", "/jmap/signin" })
        {
            var status = await StatusAsync(jmap, "-H", "Cookie: " + cookie, "-H", "Content-Type: " + type, "-d", Echo, path);
            Assert.True(status is "400" or "403" or "415", path + " answered " + status);
        }
        // Nothing that changes anything is asked for with GET, and no page of another site is let in at all.
        Assert.Equal("403", await StatusAsync(jmap, "-H", "Cookie: " + cookie, "-H", "Origin: https://evil.example", "-H", "Content-Type: application/json", "-d", Echo, "/jmap/api"));
        Assert.Equal("403", await StatusAsync(jmap, "-X", "DELETE", "-H", "Cookie: " + cookie, "-H", "Sec-Fetch-Site: cross-site", "/jmap/signin"));
        Assert.Equal("200", await StatusAsync(jmap, "-H", "Cookie: " + cookie, "/jmap/session"));
        // None is told that it may read an answer either.
        var preflight = (await jmap.CurlAsync("--include", "-X", "OPTIONS", "-H", "Origin: https://evil.example", "-H", "Access-Control-Request-Method: POST", "/jmap/api")).Output;
        Assert.DoesNotContain("access-control-allow-credentials", preflight, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("https://evil.example", preflight, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_file_larger_than_the_limit_is_refused_and_so_is_one_without_an_end()
    {
        var jmap = await JmapClient.OpenAsync(demo.Server);
        var most = jmap.Session["capabilities"]!["urn:ietf:params:jmap:core"]!["maxSizeUpload"]!.GetValue<long>();
        var path = Path.GetTempFileName();
        await using (var file = File.OpenWrite(path)) file.SetLength(most + 1);
        string[] upload = [.. jmap.Credentials, "-H", "Content-Type: application/octet-stream", $"/jmap/upload/{jmap.AccountId}/"];
        Assert.Equal("413", await StatusAsync(jmap, ["--data-binary", "@" + path, .. upload]));
        Assert.Equal("413", await StatusAsync(jmap, ["-H", "Transfer-Encoding: chunked", "--http1.1", "--data-binary", "@" + path, .. upload]));
        await using (var file = File.OpenWrite(path)) file.SetLength(1000);
        Assert.Equal("201", await StatusAsync(jmap, ["--data-binary", "@" + path, .. upload]));
        File.Delete(path);
    }

    // Medians of a few, one kind after the other in turn, so that a busy machine is busy for both.
    [Fact]
    public async Task Whether_an_account_exists_is_told_neither_in_words_nor_in_time()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        var jmap = await JmapClient.OpenAsync(server);
        var (there, nowhere) = (new List<double>(), new List<double>());
        var answers = new HashSet<string>();
        for (var i = 0; i < 4; i++)
        {
            foreach (var (name, times) in new[] { (Alice, there), ($"nobody{i}@demo.test", nowhere) })
            {
                var answer = await jmap.CurlAsync("--write-out", "\n%{time_total}", "-H", "Content-Type: application/json", "-d", $"{{\"username\":\"{name}\",\"password\":\"wrong-{i}\"}}", "/jmap/signin");
                var parts = answer.Output.Split('\n');
                answers.Add(string.Join('\n', parts[..^1]));
                times.Add(double.Parse(parts[^1], System.Globalization.CultureInfo.InvariantCulture));
            }
        }
        Assert.Single(answers);
        Assert.Contains("wrong", answers.Single());
        there.Sort();
        nowhere.Sort();
        Assert.True(nowhere[1] > there[1] * 0.4 && nowhere[1] < there[1] * 2.5, $"An account that exists takes {there[1]:F3} s, one that does not {nowhere[1]:F3} s.");
    }

    [Fact]
    public async Task Guessing_at_the_sign_in_is_slowed()
    {
        await using var server = await DemoServer.StartAsync("--no-scene");
        var jmap = await JmapClient.OpenAsync(server);
        var statuses = new List<string>();
        for (var i = 0; i < 60 && !statuses.Contains("429"); i++)
            statuses.Add(await StatusAsync(jmap, "-H", "Content-Type: application/json", "-d", $"{{\"username\":\"{Alice}\",\"password\":\"guess-{i}\"}}", "/jmap/signin"));
        Assert.Contains("429", statuses);
        Assert.All(statuses, status => Assert.Contains(status, (string[])["401", "429"]));
    }

    private static async Task<string> SignInAsync(JmapClient jmap, string password, params string[] arguments) =>
        (await jmap.CurlAsync([.. arguments, "-H", "Content-Type: application/json", "-d", $"{{\"username\":\"{Alice}\",\"password\":\"{password}\"}}", "/jmap/signin"])).Output;

    private static async Task<string> StatusAsync(JmapClient client, params string[] arguments) =>
        (await client.CurlAsync(["--output", "/dev/null", "--write-out", "%{http_code}", .. arguments])).Output;
}
