using System.Text.Json;
using Sternpost.Commands;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Commands;

/// <summary><c>dns publish</c> against a real knot that is the primary of the domain's zone.</summary>
public sealed class DnsPublishTests
{
    private const string Secret = "c2VjcmV0IG9mIGF0IGxlYXN0IDMyIG9jdGV0cywgbm90IHJlYWw=";

    [Fact]
    public async Task Records_go_into_the_zone_once_and_other_peoples_stay()
    {
        Peer.Need("knotd");
        var folder = Directory.CreateTempSubdirectory("sternpost-publish-").FullName;
        var port = Ports.Free();
        await File.WriteAllTextAsync(Path.Combine(folder, "zone"), $"$ORIGIN {InstalledServer.Domain}.\n$TTL 60\n@ SOA ns root 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n_dmarc TXT \"v=DMARC1; p=reject\"\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "secret"), Secret + "\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "knot.conf"), $"server:\n  listen: 127.0.0.1@{port}\n  rundir: {folder}\ndatabase:\n  storage: {folder}\nlog:\n  - target: stderr\n    any: info\nkey:\n  - id: ours.example\n    algorithm: hmac-sha512\n    secret: {Secret}\nacl:\n  - id: ours\n    key: ours.example\n    action: [query, update]\nzone:\n  - domain: {InstalledServer.Domain}\n    storage: {folder}\n    file: zone\n    acl: ours\n");
        using var knot = ServerProcess.StartProgram("knotd", ["-c", Path.Combine(folder, "knot.conf")], new Dictionary<string, string>());
        await using var server = await InstalledServer.StartAsync($"dns.update.server = \"127.0.0.1:{port}\"\ndns.update.key = \"ours.example\"\ndns.update.algorithm = \"hmac-sha512\"\ndns.update.secret_file = \"{Path.Combine(folder, "secret")}\"\ndns.resolvers = [\"127.0.0.1:{port}\"]");

        var shown = await server.CommandAsync(null, "dns", "publish", InstalledServer.Domain, "--dry-run");
        Assert.Equal(0, shown.ExitCode);
        Assert.Contains("Nothing was changed", shown.Errors);
        var done = await server.CommandAsync(null, "dns", "publish", InstalledServer.Domain, "--json");
        Assert.True(done.ExitCode == 0, done.Errors);
        Assert.Contains("1 record was left alone", done.Errors);
        using var json = JsonDocument.Parse(done.Output);
        Assert.Equal(JsonKeys.ByVerb["dns publish"].Select(key => key.Key).Order(), json.RootElement[0].EnumerateObject().Select(property => property.Name).Order());

        var again = await server.CommandAsync(null, "dns", "publish", InstalledServer.Domain);
        Assert.Contains("Nothing is to be changed", again.Errors);
        Assert.DoesNotContain("  + ", again.Output);
        var check = await server.CommandAsync(null, "dns", "check", InstalledServer.Domain, "--json");
        using var checks = JsonDocument.Parse(check.Output);
        foreach (var record in checks.RootElement.EnumerateArray().Where(record => record.GetProperty("type").GetString() is "MX" or "TXT" or "SRV" or "TLSA"))
            Assert.True(record.GetProperty("state").GetString() == "published", record.ToString());
        Directory.Delete(folder, recursive: true);
    }
}
