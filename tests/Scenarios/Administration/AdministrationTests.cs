using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Administration;

/// <summary>The administrator's page over real HTTPS: who gets in, what it shows, what it does and does not do.</summary>
public sealed partial class AdministrationTests
{
    private const string Clerk = "clerk@company.example";

    [Fact]
    public async Task Strangers_users_and_other_sites_get_nothing()
    {
        Peer.Need("curl");
        await using var server = await InstalledServer.StartAsync(accounts: Clerk);
        Assert.Equal("401", await StatusAsync(server, "/admin"));
        Assert.Equal("401", await StatusAsync(server, "/admin/status.json"));
        Assert.Equal("401", await StatusAsync(server, "/admin/act", "-d", "action=contain&id=" + Clerk));
        // The password alone is no sign-in of a browser, so nothing a browser remembers by itself gets in.
        Assert.Equal("401", await StatusAsync(server, "/admin/status.json", "-u", $"{InstalledServer.Administrator}:{server.Passwords[InstalledServer.Administrator]}"));
        Assert.Equal("404", await StatusAsync(server, "/administration"));

        var clerk = await SignInAsync(server, Clerk);
        Assert.Equal("403", await StatusAsync(server, "/admin", "-b", clerk));
        Assert.Equal("403", await StatusAsync(server, "/admin/status.json", "-b", clerk));
        Assert.Equal("403", await StatusAsync(server, "/admin/confirm?action=contain&id=" + Clerk, "-b", clerk));

        var boss = await SignInAsync(server, InstalledServer.Administrator);
        Assert.Equal("200", await StatusAsync(server, "/admin", "-b", boss));
        Assert.Equal("401", await StatusAsync(server, "/admin/status.json", "-b", boss, "-H", "Origin: https://evil.example"));
        Assert.Equal("401", await StatusAsync(server, "/admin/status.json", "-b", boss, "-H", "Sec-Fetch-Site: cross-site"));
        Assert.Equal("403", await StatusAsync(server, "/admin/act", "-b", boss, "-d", $"action=contain&id={Clerk}"));
        Assert.Equal("403", await StatusAsync(server, "/admin/act", "-b", boss, "-d", $"action=contain&id={Clerk}&proof={new string('0', 64)}"));
        Assert.Equal("active", await AccountAsync(server));

        var page = await CurlAsync(server, "/admin", "-b", boss, "--include");
        var policy = page.Split('\n').First(line => line.StartsWith("Content-Security-Policy", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("unsafe", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.Contains("cache-control: no-store", page.ToLowerInvariant());
        // Nothing inline: no style, no handler, no script with a body.
        Assert.DoesNotMatch(@"(?i)\sstyle=|\son\w+=|<style|<script[^>]*>[^<]", page[page.IndexOf("<!doctype", StringComparison.Ordinal)..]);

        // The sign-in over, the page is.
        Assert.Equal("204", await StatusAsync(server, "/jmap/signin", "-b", boss, "-X", "DELETE"));
        Assert.Equal("401", await StatusAsync(server, "/admin", "-b", boss));
    }

    [Fact]
    public async Task What_is_shown_is_what_is_and_what_is_done_is_confirmed_first()
    {
        Peer.Need("curl");
        await using var server = await InstalledServer.StartAsync("attachments.programs = \"quarantine\"\nfilter.greylist = false\ndns.resolvers = [\"127.0.0.1:9\"]\ndns.timeout = \"1s\"", Clerk);
        await using (var client = await RawSmtp.ConnectAsync(server.Ports["mx"]))
        {
            foreach (var subject in new[] { "<script>alert(1)</script>", "second" }) Assert.StartsWith("250", await client.SendAsync("sender@elsewhere.example", Clerk, Letter(subject)));
        }
        var boss = await SignInAsync(server, InstalledServer.Administrator);
        using var status = JsonDocument.Parse(await CurlAsync(server, "/admin/status.json", "-b", boss));
        Assert.Equal("localhost.company.example", status.RootElement.GetProperty("host").GetString());
        foreach (var part in (string[])["queue", "day", "findings", "watched", "certificates", "alerts", "contained", "holds", "quarantine", "near"]) Assert.True(status.RootElement.TryGetProperty(part, out _), part);
        Assert.Equal("configured", status.RootElement.GetProperty("certificates")[0].GetProperty("name").GetString());
        var held = status.RootElement.GetProperty("quarantine").EnumerateArray().ToDictionary(message => message.GetProperty("subject").GetString()!, message => message.GetProperty("id").GetString()!);
        Assert.Equal(2, held.Count);
        var page = await CurlAsync(server, "/admin", "-b", boss);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page);
        Assert.DoesNotContain("<script>alert", page);
        Assert.Contains("To mend or to improve", page);

        // Looking at what would be done does nothing.
        var confirm = await CurlAsync(server, $"/admin/confirm?action=quarantine-release&id={held["second"]}", "-b", boss);
        Assert.Contains("Please open", confirm);
        Assert.Equal(2, await HeldAsync(server));
        Assert.Equal("/admin/quarantine?done=quarantine-release", await ActAsync(server, boss, confirm));
        await Wait.UntilAsync(async () => await HeldAsync(server) == 1);
        Assert.Contains("The message is released", await CurlAsync(server, "/admin/quarantine?done=quarantine-release", "-b", boss));
        Assert.DoesNotContain("class=\"done\"", await CurlAsync(server, "/admin?done=%3Cb%3Ex", "-b", boss));
        Assert.Equal("/admin/quarantine?done=quarantine-delete", await ActAsync(server, boss, await CurlAsync(server, $"/admin/confirm?action=quarantine-delete&id={held["<script>alert(1)</script>"]}", "-b", boss)));
        Assert.Equal(0, await HeldAsync(server));
        Assert.Equal("404", await StatusAsync(server, $"/admin/confirm?action=quarantine-delete&id={held["second"]}", "-b", boss));

        // An account is locked and given back; one's own is not.
        confirm = await CurlAsync(server, "/admin/confirm?action=contain&id=" + Uri.EscapeDataString(Clerk), "-b", boss);
        Assert.Contains("Nobody signs in or sends as this account", confirm);
        Assert.Equal("/admin?done=contain", await ActAsync(server, boss, confirm));
        Assert.Equal("contained", await AccountAsync(server));
        Assert.Contains(Clerk, await CurlAsync(server, "/admin", "-b", boss));
        var stolen = await CurlAsync(server, "/admin/confirm?action=restore-stolen&id=" + Uri.EscapeDataString(Clerk), "-b", boss);
        Assert.Equal("", await ActAsync(server, boss, stolen));
        Assert.Equal("/admin?done=restore", await ActAsync(server, boss, await CurlAsync(server, "/admin/confirm?action=restore&id=" + Uri.EscapeDataString(Clerk), "-b", boss)));
        Assert.Equal("active", await AccountAsync(server));
        Assert.Equal("", await ActAsync(server, boss, await CurlAsync(server, "/admin/confirm?action=contain&id=" + Uri.EscapeDataString(InstalledServer.Administrator), "-b", boss)));
        Assert.Contains("boss@company.example did on the administrator's page: contain " + Clerk, server.Said);
    }

    [Fact]
    public async Task Outgoing_mail_that_is_kept_back_is_sent_on_or_deleted()
    {
        Peer.Need("curl");
        // Nobody listens there, so that what is sent on stays in the queue to be looked at.
        await using var server = await InstalledServer.StartAsync("queue.smarthost = \"127.0.0.1\"\nqueue.smarthost_port = 9\nqueue.smarthost_tls = \"none\"", Clerk);
        Assert.Equal(0, (await server.CommandAsync(null, "limit", "set", Clerk, "external-per-hour", "--soft", "1")).ExitCode);
        await using (var smtp = await RawSmtp.SubmitAsync(server, Clerk))
        {
            for (var n = 0; n < 3; n++)
                Assert.StartsWith("250", await smtp.SendAsync(Clerk, $"r{n}@outside.example", Encoding.ASCII.GetBytes($"From: {Clerk}\r\nTo: r{n}@outside.example\r\nSubject: Hello\r\nMessage-ID: <{n}@company.example>\r\nDate: {DateTimeOffset.UtcNow:r}\r\n\r\nHello.\r\n")));
        }
        var boss = await SignInAsync(server, InstalledServer.Administrator);
        var holds = await HoldsAsync(server, boss);
        Assert.Equal(2, holds.Count);
        Assert.Equal("/admin?done=hold-release", await ActAsync(server, boss, await CurlAsync(server, $"/admin/confirm?action=hold-release&id={holds[0]}", "-b", boss)));
        Assert.Equal("/admin?done=hold-delete", await ActAsync(server, boss, await CurlAsync(server, $"/admin/confirm?action=hold-delete&id={holds[1]}", "-b", boss)));
        Assert.Empty(await HoldsAsync(server, boss));
        using var queue = JsonDocument.Parse((await server.CommandAsync(null, "queue", "list", "--json")).Output);
        Assert.Contains(holds[0], queue.RootElement.EnumerateArray().Select(message => message.GetProperty("id").GetString()));
        Assert.DoesNotContain(holds[1], queue.RootElement.EnumerateArray().Select(message => message.GetProperty("id").GetString()));
        // It is tried, and what is said of it then is no longer that it is held.
        await Wait.UntilAsync(async () => !(await server.CommandAsync(null, "queue", "list")).Output.Contains("held: ", StringComparison.Ordinal));
    }

    private static async Task<List<string>> HoldsAsync(InstalledServer server, string cookie)
    {
        using var status = JsonDocument.Parse(await CurlAsync(server, "/admin/status.json", "-b", cookie));
        return [.. status.RootElement.GetProperty("holds").EnumerateArray().Select(hold => hold.GetProperty("id").GetString()!)];
    }

    // Presses the button of a page; answers where it leads, empty where nothing was done.
    private static async Task<string> ActAsync(InstalledServer server, string cookie, string page)
    {
        var fields = Hidden().Matches(page).SelectMany(field => (string[])["--data-urlencode", $"{field.Groups[1].Value}={System.Net.WebUtility.HtmlDecode(field.Groups[2].Value)}"]).ToArray();
        Assert.NotEmpty(fields);
        return await CurlAsync(server, "/admin/act", ["-b", cookie, .. fields, "-H", $"Origin: https://localhost:{server.Ports["https"]}", "-o", "/dev/null", "-w", "%header{location}"]);
    }

    private static async Task<string> SignInAsync(InstalledServer server, string account)
    {
        var answer = await CurlAsync(server, "/jmap/signin", "--include", "-H", "Content-Type: application/json", "-d", JsonSerializer.Serialize(new { username = account, password = server.Passwords[account] }));
        return Cookie().Match(answer).Groups[1].Value;
    }

    private static async Task<int> HeldAsync(InstalledServer server)
    {
        using var list = JsonDocument.Parse((await server.CommandAsync(null, "quarantine", "list", "--json")).Output);
        return list.RootElement.GetArrayLength();
    }

    private static async Task<string> AccountAsync(InstalledServer server)
    {
        using var account = JsonDocument.Parse((await server.CommandAsync(null, "account", "show", Clerk, "--json")).Output);
        return account.RootElement.GetProperty("status").GetString()!;
    }

    private static Task<string> StatusAsync(InstalledServer server, string path, params string[] arguments) => CurlAsync(server, path, [.. arguments, "-o", "/dev/null", "-w", "%{http_code}"]);

    private static async Task<string> CurlAsync(InstalledServer server, string path, params string[] arguments) =>
        (await Peer.RunAsync("curl", ["-sS", "--max-time", "60", "--cacert", server.CertificateAuthority, "--resolve", $"localhost.company.example:{server.Ports["https"]}:127.0.0.1", "-H", $"Host: localhost:{server.Ports["https"]}", .. arguments, $"https://localhost.company.example:{server.Ports["https"]}{path}"])).Output;

    private static byte[] Letter(string subject) => Encoding.ASCII.GetBytes(
        $"From: Sender <sender@elsewhere.example>\r\nTo: {Clerk}\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():n}@elsewhere.example>\r\nDate: {DateTimeOffset.UtcNow:r}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nPlease open.\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=setup.exe\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String([.. "MZ"u8, .. new byte[60]])}\r\n--b--\r\n");

    [GeneratedRegex("<input type=\"hidden\" name=\"(\\w+)\" value=\"([^\"]*)\">")]
    private static partial Regex Hidden();

    [GeneratedRegex("(?i)set-cookie: (__Host-sternpost=[^;]+)")]
    private static partial Regex Cookie();
}
