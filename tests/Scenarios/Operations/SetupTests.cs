using System.Text;
using MailKit;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Operations;

/// <summary>From nothing to a server that takes, keeps and shows mail, as the README says it.</summary>
public sealed class SetupTests
{
    [Fact]
    public async Task What_setup_makes_serves_at_once()
    {
        await using var server = await InstalledServer.StartAsync(accounts: "clerk@company.example");
        Assert.StartsWith("200 ready", await server.GetAsync("/health/ready"));
        Assert.Contains("localhost.company.example", await server.GetAsync("/help"));

        await using (var smtp = await RawSmtp.ConnectAsync(server.Ports["mx"]))
        {
            Assert.StartsWith("250", await smtp.SendAsync("friend@outside.example", InstalledServer.Administrator, Encoding.ASCII.GetBytes(
                $"From: Friend <friend@outside.example>\r\nTo: {InstalledServer.Administrator}\r\nSubject: Welcome\r\nMessage-ID: <welcome@outside.example>\r\nDate: {DateTimeOffset.UtcNow:r}\r\n\r\nYour server works.\r\n")));
        }
        await using (var smtp = await RawSmtp.SubmitAsync(server, "clerk@company.example"))
        {
            Assert.StartsWith("250", await smtp.SendAsync("clerk@company.example", InstalledServer.Administrator, Encoding.ASCII.GetBytes(
                $"From: clerk@company.example\r\nTo: {InstalledServer.Administrator}\r\nSubject: From within\r\nMessage-ID: <within@company.example>\r\nDate: {DateTimeOffset.UtcNow:r}\r\n\r\nHello.\r\n")));
        }
        using var client = await Mailbox.OpenAsync(server, InstalledServer.Administrator);
        var subjects = new List<string>();
        foreach (var folder in new[] { client.Inbox!, client.GetFolder(SpecialFolder.Junk)! })
        {
            await folder.OpenAsync(FolderAccess.ReadOnly);
            subjects.AddRange((await folder.FetchAsync(0, -1, MessageSummaryItems.Envelope)).Select(summary => summary.Envelope!.Subject!));
        }
        Assert.Equal(["From within", "Welcome"], subjects.Order(StringComparer.Ordinal));
        Assert.Equal(0, await server.TerminateAsync());
    }

    [Fact]
    public async Task Setup_prints_the_records_to_publish_and_dns_show_prints_them_again()
    {
        await using var server = await InstalledServer.StartAsync();
        var records = server.Setup.GetProperty("records").EnumerateArray().Select(record => (record.GetProperty("type").GetString(), record.GetProperty("name").GetString(), record.GetProperty("value").GetString()!)).ToList();
        Assert.Contains(("A", "localhost.company.example", "203.0.113.7"), records);
        Assert.Contains(("PTR", "7.113.0.203.in-addr.arpa", "localhost.company.example"), records);
        Assert.Contains(("MX", "company.example", "10 localhost.company.example"), records);
        Assert.Equal(2, records.Count(record => record.Item2!.EndsWith("._domainkey.company.example", StringComparison.Ordinal)));
        Assert.Contains(records, record => record.Item2 == "_dmarc.company.example" && record.Item3.StartsWith("v=DMARC1", StringComparison.Ordinal));

        var zone = await server.CommandAsync(null, "dns", "show", InstalledServer.Domain, "--zone");
        Assert.True(zone.ExitCode == 0, zone.Errors);
        Assert.All(records.Where(record => record.Item1 == "MX"), record => Assert.Contains($"{record.Item2}.\t3600\tIN\tMX\t{record.Item3}.", zone.Output));
        Assert.Contains("\tIN\tTXT\t\"v=spf1 ", zone.Output);
    }

    [Fact]
    public async Task Run_again_setup_leaves_what_is_there()
    {
        await using var server = await InstalledServer.StartAsync();
        await server.TerminateAsync();
        var before = await File.ReadAllTextAsync(Path.Combine(server.Folder, "sternpost.toml"));
        var certificate = await File.ReadAllTextAsync(server.CertificateAuthority);
        var again = await server.CommandAsync(null, "setup", "--domain", InstalledServer.Domain, "--admin", InstalledServer.Administrator, "--yes");
        Assert.True(again.ExitCode == 0, again.Output + again.Errors);
        Assert.Equal(before, await File.ReadAllTextAsync(Path.Combine(server.Folder, "sternpost.toml")));
        Assert.Equal(certificate, await File.ReadAllTextAsync(server.CertificateAuthority));
        await server.LaunchAsync();
        using var client = await Mailbox.OpenAsync(server, InstalledServer.Administrator);
        Assert.True(client.IsAuthenticated);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Terms_of_an_authority_are_accepted_only_where_somebody_says_so(bool says)
    {
        var folder = Directory.CreateTempSubdirectory("sternpost-terms-").FullName;
        string[] flags = says ? ["--acme"] : [];
        var setup = await Peer.RunAsync("dotnet", [ServerProcess.Program, "setup", "--domain", "company.example", "--address", "203.0.113.7", "--yes", .. flags, "--data", Path.Combine(folder, "data")]);
        Assert.True(setup.ExitCode == 0, setup.Errors);
        Assert.Equal(says, (await File.ReadAllLinesAsync(Path.Combine(folder, "data", "sternpost.toml"))).Contains("accept_terms = true"));
        Assert.Equal(says, setup.Output.Contains("orders one from Let's Encrypt", StringComparison.Ordinal));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Secrets_are_for_their_owner_alone()
    {
        await using var server = await InstalledServer.StartAsync();
        foreach (var file in (string[])["tls/key.pem", "sternpost.db", "sternpost.toml"])
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(server.Folder, file)));
        }
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(server.Folder));
        Assert.DoesNotContain(server.Passwords[InstalledServer.Administrator], server.Said);
    }

    [Fact]
    public async Task The_directory_is_changed_beside_the_running_server()
    {
        await using var server = await InstalledServer.StartAsync();
        await server.AddAccountAsync("late@company.example");
        // What another process changes is seen within a second.
        await Wait.UntilAsync(() => Mailbox.SignsInAsync(server, "late@company.example"));
        Assert.Equal(0, (await server.CommandAsync(null, "account", "suspend", "late@company.example")).ExitCode);
        await Wait.UntilAsync(async () => !await Mailbox.SignsInAsync(server, "late@company.example"));
    }

    [Fact]
    public async Task Serve_without_a_configuration_explains_how_to_get_one()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("sternpost-none-").FullName;
        var outcome = await Peer.RunAsync("dotnet", [ServerProcess.Program, "serve", "--data", folder]);
        System.IO.Directory.Delete(folder, recursive: true);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("sternpost setup", outcome.Errors);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public async Task SIGHUP_shows_a_new_certificate_without_a_restart()
    {
        await using var server = await InstalledServer.StartAsync();
        var tls = Path.Combine(server.Folder, "tls");
        var made = await Peer.RunAsync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", "/CN=localhost.company.example", "-addext", "subjectAltName=DNS:localhost.company.example,DNS:localhost", "-keyout", Path.Combine(tls, "key.pem"), "-out", Path.Combine(tls, "certificate.pem")]);
        Assert.True(made.ExitCode == 0, made.Errors);
        await server.SignalAsync("-HUP");
        // The harness trusts only what the file holds now.
        await Wait.UntilAsync(async () => (await server.GetAsync("/health/ready")).StartsWith("200", StringComparison.Ordinal));
        using var client = await Mailbox.OpenAsync(server, InstalledServer.Administrator);
        Assert.True(client.IsAuthenticated);
    }
}
