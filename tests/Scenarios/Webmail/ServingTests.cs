using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Webmail;

/// <summary>How the webmail's files are served, asked by curl: what a scanner of web sites looks at.</summary>
public sealed class ServingTests(OneDemo demo) : IClassFixture<OneDemo>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/mail/inbox")]
    [InlineData("/mail/inbox/T1")]
    [InlineData("/search?q=a")]
    [InlineData("/settings")]
    [InlineData("/compose")]
    public async Task Every_place_of_the_webmail_is_the_page_under_a_strict_policy(string path)
    {
        var answer = await GetAsync(path);
        Assert.StartsWith("HTTP/2 200", answer);
        Assert.Contains("<div id=\"app\">", answer);
        var policy = Header(answer, "content-security-policy");
        foreach (var part in new[] { "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'self'", "form-action 'none'" }) Assert.Contains(part, policy);
        Assert.DoesNotContain("'unsafe-inline'", policy);
        Assert.DoesNotContain("'unsafe-eval'", policy);
        Assert.Contains("max-age=", Header(answer, "strict-transport-security"));
        Assert.Equal("nosniff", Header(answer, "x-content-type-options"));
        Assert.Equal("no-referrer", Header(answer, "referrer-policy"));
        Assert.Equal("same-origin", Header(answer, "cross-origin-opener-policy"));
        Assert.Equal("no-cache", Header(answer, "cache-control"));
        Assert.DoesNotContain("\nserver:", answer, StringComparison.OrdinalIgnoreCase);
        // Nothing inline but the start of the page, which the policy names by what is in it.
        var start = Assert.Single(System.Text.RegularExpressions.Regex.Matches(answer, "<script[^>]*>(.*?)</script>", System.Text.RegularExpressions.RegexOptions.Singleline));
        Assert.Contains($"'sha256-{Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(start.Groups[1].Value)))}'", policy);
        Assert.DoesNotMatch("\\{\\{[a-z]+\\}\\}", start.Value);
        Assert.DoesNotMatch("<style|style=\"|onclick=", answer.Replace(start.Value, "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/../../etc/passwd")]
    [InlineData("/..%2f..%2fetc%2fpasswd")]
    [InlineData("/_framework/../../sternpost.db")]
    [InlineData("/_framework/..%5c..%5csternpost.toml")]
    [InlineData("/%2e%2e/%2e%2e/demo.json")]
    [InlineData("/webmail.zip")]
    [InlineData("/index.html")]
    [InlineData("/_framework/")]
    [InlineData("//evil.example/mail")]
    [InlineData("/mail\\..\\..\\x/nothing.js")]
    public async Task Nothing_but_the_files_is_found_and_nobody_is_sent_elsewhere(string path)
    {
        var answer = await GetAsync(path, "--path-as-is");
        Assert.Matches("^HTTP/2 (404|400)", answer);
        Assert.DoesNotContain("\nlocation:", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Files_come_compressed_tagged_and_named_ones_are_kept()
    {
        var boot = await GetAsync("/_framework/dotnet.js");
        var name = System.Text.RegularExpressions.Regex.Match(boot, @"dotnet\.native\.[a-z0-9]{10}\.wasm").Value;
        Assert.NotEmpty(name);
        var whole = await GetAsync("/_framework/" + name, "--head");
        Assert.Contains("immutable", Header(whole, "cache-control"));
        Assert.Equal("application/wasm", Header(whole, "content-type"));
        var brotli = await GetAsync("/_framework/" + name, "--head", "-H", "Accept-Encoding: gzip, br");
        Assert.Equal("br", Header(brotli, "content-encoding"));
        Assert.True(int.Parse(Header(brotli, "content-length")) < int.Parse(Header(whole, "content-length")) / 2);
        Assert.Equal("gzip", Header(await GetAsync("/_framework/" + name, "--head", "-H", "Accept-Encoding: gzip, br;q=0"), "content-encoding"));
        var tag = Header(whole, "etag");
        Assert.StartsWith("HTTP/2 304", await GetAsync("/_framework/" + name, "-H", "If-None-Match: " + tag));
    }

    // The bar of the first load: what a browser without anything in its cache fetches.
    [Fact]
    public async Task The_application_is_at_most_three_and_a_half_megabytes_over_the_wire()
    {
        using var pack = System.IO.Compression.ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "webmail.zip"));
        var total = 0L;
        foreach (var entry in pack.Entries.Where(entry => entry.Length > 0 && entry.FullName != "index.html")) total += long.Parse(Header(await GetAsync("/" + entry.FullName, "--head", "-H", "Accept-Encoding: br"), "content-length"));
        Assert.InRange(total, 500_000, 3_500_000);
    }

    [Fact]
    public async Task A_message_view_is_for_its_owner_alone_and_under_a_policy_of_its_own()
    {
        var jmap = await Jmap.JmapClient.OpenAsync(demo.Server);
        var email = (await jmap.CallAsync("Email/query", "\"filter\": {\"subject\": \"Garden\"}"))["ids"]![0]!.GetValue<string>();
        var path = $"/jmap/view/{jmap.AccountId}/{email}";
        Assert.StartsWith("HTTP/2 401", await GetAsync(path));
        var answer = (await jmap.CurlAsync([.. jmap.Credentials, "--include", path])).Output;
        Assert.Contains("The Garden Letter, issue 84", answer);
        var policy = Header(answer, "content-security-policy");
        foreach (var part in new[] { "default-src 'none'", "sandbox", "frame-ancestors 'self'", "form-action 'none'" }) Assert.Contains(part, policy);
        Assert.DoesNotContain("script-src", policy);
        Assert.DoesNotContain("allow-scripts", policy);
        var bob = await Jmap.JmapClient.OpenAsync(demo.Server, "bob@demo.test");
        Assert.Contains("HTTP/2 404", (await bob.CurlAsync([.. bob.Credentials, "--include", path])).Output);
        // What is no message of his, or none any more, is said in the frame, which another site may not show either.
        var gone = (await bob.CurlAsync([.. bob.Credentials, "--include", $"/jmap/view/{bob.AccountId}/{email}"])).Output;
        Assert.Contains("HTTP/2 404", gone);
        Assert.Contains("This message is no longer here", gone);
        Assert.Equal("no-store", Header(gone, "cache-control"));
        foreach (var part in new[] { "default-src 'none'", "sandbox", "frame-ancestors 'self'" }) Assert.Contains(part, Header(gone, "content-security-policy"));
        Assert.StartsWith("HTTP/2 403", (await jmap.CurlAsync("--include", "-X", "POST", "-H", "Origin: https://evil.example", "-H", "Content-Type: application/json", "-d", "{}", "/jmap/signin")).Output);
    }

    private async Task<string> GetAsync(string path, params string[] arguments)
    {
        Peer.Need("curl");
        return (await Peer.RunAsync("curl", ["--silent", "--include", "--max-time", "30", "--cacert", demo.Server.CertificateAuthority, .. arguments, $"https://localhost:{demo.Server.Ports["https"]}{path}"])).Output;
    }

    private static string Header(string answer, string name) =>
        answer.Split('\n').FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim() ?? "";
}
