using System.Text.Json;
using Sternpost.Commands;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Certificates;

/// <summary>Certificates by ACME from Debian's pebble: every way to prove a name, renewal, what stays open meanwhile, and what is said when it fails.</summary>
public sealed class AcmeTests
{
    private const string Domain = InstalledServer.Domain;
    private const string Clerk = "clerk@company.example";

    [Fact]
    public async Task By_HTTP_every_listener_shows_the_new_one_while_sessions_stay_open()
    {
        await using var lab = await PebbleLab.StartAsync("mta-sts CNAME localhost\nautoconfig CNAME localhost", "acme.challenges = [\"http-01\"]", Clerk);
        using var old = await lab.ImapAsync(Clerk);
        // Nobody is there yet: said so, and mail goes on with the server's own.
        var tooEarly = await lab.Server.CommandAsync(null, "certificate", "renew");
        Assert.Equal(1, tooEarly.ExitCode);
        Assert.Contains("cannot be asked", tooEarly.Errors);

        await lab.StartAuthorityAsync(nonces: 30);
        await lab.RenewAsync();
        var serial = await lab.SeenAsync("imaps");
        Assert.NotEqual("", serial);
        foreach (var (listener, startTls) in ((string, string?)[])[("submissions", null), ("pop3s", null), ("https", null), ("mx", "smtp"), ("submission", "smtp"), ("imap", "imap"), ("pop3", "pop3")])
            Assert.Equal(serial, await lab.SeenAsync(listener, startTls: startTls));
        await old.NoOpAsync();

        // The domain's hosts have one of their own, by SNI.
        await lab.RenewAsync(Domain);
        var policy = await Peer.RunAsync("curl", ["-sS", "--cacert", lab.Root, "--resolve", $"mta-sts.{Domain}:{lab.Server.Ports["https"]}:127.0.0.1", "--include", $"https://mta-sts.{Domain}:{lab.Server.Ports["https"]}/.well-known/mta-sts.txt"]);
        Assert.Contains("STSv1", policy.Output);
        Assert.Contains("Strict-Transport-Security: max-age=", policy.Output, StringComparison.OrdinalIgnoreCase);
        Assert.NotEqual(serial, await lab.SeenAsync("https", "autoconfig." + Domain));
        Assert.Equal(serial, await lab.SeenAsync("imaps"));

        await lab.RenewAsync();
        var renewed = await lab.SeenAsync("mx", startTls: "smtp");
        Assert.NotEqual("", renewed);
        Assert.NotEqual(serial, renewed);
        await old.NoOpAsync();
        Assert.True(old.IsAuthenticated);

        // What is there is shown after a restart, and nothing is ordered again.
        Assert.Equal(0, await lab.Server.TerminateAsync());
        await lab.Server.LaunchAsync();
        Assert.Equal(renewed, await lab.SeenAsync("imaps"));
        Assert.DoesNotContain("Ordering a certificate", lab.Server.Said);

        var listed = await lab.ListAsync();
        Assert.Equal(["host", Domain, "configured"], listed.Select(one => one.GetProperty("name").GetString()).OrderBy(name => name is "host" ? 0 : name == Domain ? 1 : 2));
        Assert.All(listed, one => Assert.Equal("", one.GetProperty("problem").GetString()));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(lab.Server.Folder, "tls", "acme")))
        {
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
        var doctor = await lab.Server.CommandAsync(null, "doctor", "--no-network", "--json");
        Assert.Contains("renewed by itself", doctor.Output);
    }

    [Fact]
    public async Task By_TLS_while_browsers_are_served()
    {
        await using var lab = await PebbleLab.StartAsync("mta-sts CNAME localhost", "acme.challenges = [\"tls-alpn-01\"]\nlisteners.http.port = 0");
        await lab.StartAuthorityAsync();
        using var stop = new CancellationTokenSource();
        var browsing = Task.Run(async () =>
        {
            var answers = new List<string>();
            while (!stop.IsCancellationRequested) answers.Add((await Peer.RunAsync("curl", ["-sSk", $"https://127.0.0.1:{lab.Server.Ports["https"]}/health/live"])).Output);
            return answers;
        });
        await lab.RenewAsync();
        await lab.RenewAsync(Domain);
        await stop.CancelAsync();
        var answered = await browsing;
        Assert.NotEmpty(answered);
        Assert.All(answered, answer => Assert.Equal("live\n", answer));
        Assert.NotEqual("", await lab.SeenAsync("https"));
        Assert.NotEqual("", await lab.SeenAsync("https", "mta-sts." + Domain));
    }

    [Fact]
    public async Task By_DNS_through_an_alias_and_nothing_is_left_there()
    {
        await using var lab = await PebbleLab.StartAsync("_acme-challenge.localhost CNAME proofs", "acme.challenges = [\"dns-01\"]\nUPDATE");
        // Nothing that answers: only DNS can prove it.
        await lab.StartAuthorityAsync(httpPort: 9, tlsPort: 9);
        await lab.RenewAsync();
        Assert.NotEqual("", await lab.SeenAsync("submissions"));
        Assert.Empty(await lab.TextsAsync("proofs." + Domain));
    }

    [Fact]
    public async Task A_short_one_is_renewed_early_by_itself_and_the_pinned_key_stays()
    {
        await using var lab = await PebbleLab.StartAsync("", "acme.challenges = [\"http-01\"]\nUPDATE");
        await lab.StartAuthorityAsync(lifeSeconds: 24);
        await lab.RenewAsync();
        var first = (await lab.ListAsync()).First(one => one.GetProperty("name").GetString() == "host");
        // DANE: from now on the key is pinned.
        var published = await lab.Server.CommandAsync(null, "dns", "publish", Domain);
        Assert.Contains("TLSA", published.Output);
        var key = first.GetProperty("pin").GetString();
        var serial = await lab.SeenAsync("imaps");
        var seen = serial;
        for (var renewals = 0; renewals < 2; renewals++)
        {
            var before = seen;
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            // Until it ends, whoever comes sees a good one.
            while ((seen = await lab.SeenAsync("imaps")) == before) await Task.Delay(200, deadline.Token);
            Assert.NotEqual("", seen);
        }
        Assert.Equal(key, (await lab.ListAsync()).First(one => one.GetProperty("name").GetString() == "host").GetProperty("pin").GetString());

        // The next key waits until its record is there.
        using var next = JsonDocument.Parse((await lab.Server.CommandAsync(null, "certificate", "next-key", "--json")).Output);
        await lab.RenewAsync();
        Assert.Equal(key, (await lab.ListAsync()).First(one => one.GetProperty("name").GetString() == "host").GetProperty("pin").GetString());
    }

    [Fact]
    public async Task A_name_that_cannot_be_proved_spoils_no_other_and_is_explained()
    {
        // The second address is the server's by its configuration, but nobody answers there.
        await using var lab = await PebbleLab.StartAsync("mta-sts CNAME localhost\nautoconfig A 127.0.0.9", "acme.challenges = [\"http-01\"]\nalerts.mail = [\"boss@company.example\"]");
        await lab.StartAuthorityAsync();
        await lab.RenewAsync(Domain);
        Assert.NotEqual("", await lab.SeenAsync("https", "mta-sts." + Domain));
        var left = (await lab.ListAsync()).First(one => one.GetProperty("name").GetString() == Domain).GetProperty("leftOut")[0];
        Assert.Equal("autoconfig." + Domain, left.GetProperty("name").GetString());
        Assert.Contains("cannot reach http://autoconfig.company.example/ on port 80", left.GetProperty("reason").GetString());

        // Now the host itself: the authority looks at a port where nobody is.
        await lab.StartAuthorityAsync(httpPort: 9);
        await lab.RenewFailsAsync("Open port 80 to this server");
        var doctor = await lab.Server.CommandAsync(null, "doctor", "--no-network");
        Assert.Contains("cannot reach http://localhost.company.example/ on port 80", doctor.Output);
        Assert.Contains("sternpost certificate renew host", doctor.Output);
        // It waits before it tries again by itself.
        var next = (await lab.ListAsync()).First(one => one.GetProperty("name").GetString() == "host").GetProperty("nextAttempt").GetDateTimeOffset();
        Assert.True(next > DateTimeOffset.UtcNow.AddMinutes(30), next.ToString("o"));
    }

    [Fact]
    public async Task Own_certificates_are_imported_watched_and_shown_by_name()
    {
        Peer.Need("openssl");
        await using var server = await InstalledServer.StartAsync();
        var folder = Directory.CreateTempSubdirectory("sternpost-own-").FullName;
        await MakeAsync(folder, "shop.example", 30);
        var imported = await server.CommandAsync(null, "certificate", "import", Path.Combine(folder, "c.pem"), Path.Combine(folder, "k.pem"));
        Assert.True(imported.ExitCode == 0, imported.Errors);
        Assert.Contains("It does not name localhost.company.example", imported.Errors);
        await ShownAsync(server, "shop.example", "CN = shop.example");
        await ShownAsync(server, "localhost.company.example", "CN = localhost.company.example");

        // Files of the configuration, replaced one after the other: what was shown stays until both fit.
        var tls = Path.Combine(server.Folder, "tls");
        await MakeAsync(folder, "localhost.company.example", 60, "/O=Mine/CN=localhost.company.example");
        File.Copy(Path.Combine(folder, "c.pem"), Path.Combine(tls, "certificate.pem"), overwrite: true);
        await ShownAsync(server, "localhost.company.example", "CN = localhost.company.example");
        File.Copy(Path.Combine(folder, "k.pem"), Path.Combine(tls, "key.pem"), overwrite: true);
        await ShownAsync(server, "localhost.company.example", "O = Mine, CN = localhost.company.example");

        var wrong = await server.CommandAsync(null, "certificate", "import", Path.Combine(folder, "c.pem"), Path.Combine(folder, "c.pem"));
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("cannot be used", wrong.Errors);
        foreach (var (verb, output) in ((string, string)[])[("certificate list", (await server.CommandAsync(null, "certificate", "list", "--json")).Output), ("certificate show", (await server.CommandAsync(null, "certificate", "show", "shop.example", "--json")).Output)])
        {
            using var json = JsonDocument.Parse(output);
            var fact = json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement[0] : json.RootElement;
            Assert.Equal(JsonKeys.ByVerb[verb].Select(key => key.Key.Split('[')[0]).Distinct().Order(), fact.EnumerateObject().Select(property => property.Name).Order());
        }
        Assert.Equal(0, (await server.CommandAsync(null, "certificate", "remove", "shop.example")).ExitCode);
        await ShownAsync(server, "shop.example", "O = Mine, CN = localhost.company.example");
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Port_80_sends_on_to_own_names_only()
    {
        Peer.Need("curl");
        await using var server = await InstalledServer.StartAsync();
        var (http, https) = (server.Ports["http"], server.Ports["https"]);
        Assert.Equal($"308 https://localhost.company.example:{https}/a%20b?x=1", await AskAsync("localhost.company.example", "/a%20b?x=1"));
        Assert.Equal($"308 https://mta-sts.company.example:{https}/.well-known/mta-sts.txt", await AskAsync("MTA-STS.company.example", "/.well-known/mta-sts.txt"));
        Assert.Equal($"308 https://localhost.company.example:{https}//evil.example/", await AskAsync("localhost.company.example", "//evil.example/"));
        Assert.Equal("404 ", await AskAsync("evil.example", "/"));
        Assert.Equal("404 ", await AskAsync("mta-sts.evil.example", "/"));
        Assert.Equal("404 ", await AskAsync("127.0.0.1", "/"));
        Assert.Equal($"308 https://localhost.company.example:{https}/etc/passwd", await AskAsync("localhost.company.example", "/.well-known/acme-challenge/../../etc/passwd", "--path-as-is"));
        Assert.Equal("404 ", await AskAsync("localhost.company.example", "/.well-known/acme-challenge/aaaaaaaaaaaaaaaaaaaaaaaa"));
        Assert.Equal("405 ", await AskAsync("localhost.company.example", "/jmap/signin", "-d", "password"));

        async Task<string> AskAsync(string host, string path, params string[] more) =>
            (await Peer.RunAsync("curl", ["-sS", "-o", "/dev/null", "-H", "Host: " + host, "-w", "%{http_code} %{redirect_url}", .. more, $"http://127.0.0.1:{http}{path}"])).Output;
    }

    private static async Task MakeAsync(string folder, string name, int days, string? subject = null)
    {
        var made = await Peer.RunAsync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", days.ToString(), "-subj", subject ?? "/CN=" + name, "-addext", "subjectAltName=DNS:" + name, "-keyout", Path.Combine(folder, "k.pem"), "-out", Path.Combine(folder, "c.pem")]);
        Assert.True(made.ExitCode == 0, made.Errors);
    }

    private static async Task ShownAsync(InstalledServer server, string name, string subject)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var seen = await Peer.RunAsync("openssl", ["s_client", "-connect", $"127.0.0.1:{server.Ports["imaps"]}", "-servername", name], "");
            if (seen.Output.Contains($"subject={subject}\n", StringComparison.Ordinal)) return;
            Assert.False(deadline.IsCancellationRequested, seen.Output + server.Said);
            await Task.Delay(200);
        }
    }
}
