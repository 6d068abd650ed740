using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Commands;
using Sternpost.Dns;
using Sternpost.Filter.Evidence.Refitting;
using Sternpost.Queue.Containment;
using Sternpost.Reports;
using Sternpost.Reports.Received;
using Sternpost.Scenarios.Harness;
using Sternpost.Storage;

namespace Sternpost.Scenarios.Commands;

/// <summary>What verbs print with --json has exactly the keys that docs/cli.md lists.</summary>
public sealed class JsonTests
{
    [Fact]
    public async Task Keys_are_as_documented()
    {
        // Nobody listens there, so that a message stays in the queue to be looked at.
        await using var server = await InstalledServer.StartAsync("queue.smarthost = \"127.0.0.1\"\nqueue.smarthost_port = 9\nqueue.smarthost_tls = \"none\"", "clerk@company.example");
        await using (var smtp = await RawSmtp.SubmitAsync(server, "clerk@company.example"))
        {
            Assert.StartsWith("250", await smtp.SendAsync("clerk@company.example", "partner@elsewhere.example", "From: clerk@company.example\r\nTo: partner@elsewhere.example\r\nSubject: Waiting\r\nMessage-ID: <w@company.example>\r\n\r\nHello.\r\n"u8.ToArray()));
        }
        Assert.Equal(0, (await server.CommandAsync(null, "alias", "add", "sales@company.example", "clerk@company.example")).ExitCode);
        var message = Path.Combine(server.Folder, "message.eml");
        await File.WriteAllTextAsync(message, "From: a@outside.example\r\nTo: clerk@company.example\r\nSubject: Hello\r\n\r\nHello.\r\n");
        var index = Path.Combine(server.Folder, "index");
        await File.WriteAllTextAsync(index, "ham message.eml\n");

        Compare("setup", server.Setup);
        Compare("domain list", await JsonAsync(server, "domain", "list"));
        Compare("domain show", await JsonAsync(server, "domain", "show", "company.example"));
        Compare("account list", await JsonAsync(server, "account", "list"));
        Compare("account show", await JsonAsync(server, "account", "show", "clerk@company.example"));
        Compare("alias list", await JsonAsync(server, "alias", "list"));
        Compare("account app-password add", await JsonAsync(server, "account", "app-password", "add", "clerk@company.example", "phone"));
        Compare("account expect-code", await JsonAsync(server, "account", "expect-code", "clerk@company.example"));
        Compare("account masked add", await JsonAsync(server, "account", "masked", "add", "clerk@company.example", "Book shop"));
        Compare("account masked list", await JsonAsync(server, "account", "masked", "list", "clerk@company.example"));
        Compare("account app-password list", await JsonAsync(server, "account", "app-password", "list", "clerk@company.example"));
        Assert.Equal(0, (await server.CommandAsync(null, "sender", "allow", "clerk@company.example", "boss@company.example")).ExitCode);
        Compare("sender list", await JsonAsync(server, "sender", "list"));
        var script = Path.Combine(server.Folder, "rules.sieve");
        await File.WriteAllTextAsync(script, "keep;\n");
        Assert.Equal(0, (await server.CommandAsync(null, "sieve", "put", "clerk@company.example", "rules", script, "--activate")).ExitCode);
        Compare("sieve list", await JsonAsync(server, "sieve", "list", "clerk@company.example"));
        await File.WriteAllTextAsync(script, "keep\n");
        var judged = await server.CommandAsync(null, "sieve", "check", "clerk@company.example", script, "--json");
        Assert.Equal(1, judged.ExitCode);
        using (var verdicts = JsonDocument.Parse(judged.Output)) Compare("sieve check", verdicts.RootElement);
        Assert.Equal(0, (await server.CommandAsync(null, "limit", "set", "company.example", "external-per-day", "--hard", "99")).ExitCode);
        Assert.Equal(0, (await server.CommandAsync(null, "canary", "plant", "clerk@company.example")).ExitCode);
        Compare("canary list", await JsonAsync(server, "canary", "list"));
        Assert.Equal(0, (await server.CommandAsync(null, "decoy", "add", "scanner@company.example")).ExitCode);
        Compare("decoy list", await JsonAsync(server, "decoy", "list"));
        Assert.Contains("was contained by an administrator", (await server.CommandAsync(null, "account", "contain", "boss@company.example")).Output);
        Assert.Equal("contained", (await JsonAsync(server, "account", "show", "boss@company.example")).GetProperty("status").GetString());
        Assert.Contains("Replace it first", (await server.CommandAsync(null, "account", "release", "boss@company.example", "--stolen")).Errors);
        Assert.Equal(0, (await server.CommandAsync(null, "account", "release", "boss@company.example")).ExitCode);
        // Lists that may be empty have their keys nowhere else.
        await KeepContainmentAsync(server);
        Compare("account containment", await JsonAsync(server, "account", "containment", "boss@company.example"));
        Compare("limit list", await JsonAsync(server, "limit", "list"));
        Compare("limit show", await JsonAsync(server, "limit", "show", "clerk@company.example"));
        Compare("dns show", await JsonAsync(server, "dns", "show", "company.example"));
        Compare("dns check", await JsonAsync(server, "dns", "check", "company.example"));
        await KeepReportsAsync(server);
        Compare("report list", await JsonAsync(server, "report", "list"));
        Compare("report show", await JsonAsync(server, "report", "show", "company.example"));
        var queue = await JsonAsync(server, "queue", "list");
        Compare("queue list", queue);
        Compare("queue show", await JsonAsync(server, "queue", "show", queue[0].GetProperty("id").GetString()!));
        JsonElement causes = default;
        await Wait.UntilAsync(async () => (causes = await JsonAsync(server, "queue", "causes")).GetArrayLength() > 0);
        Compare("queue causes", causes);
        Assert.Equal(0, (await server.CommandAsync(null, "suppression", "add", "gone@elsewhere.example")).ExitCode);
        Compare("suppression list", await JsonAsync(server, "suppression", "list"));
        var bounce = Path.Combine(server.Folder, "bounce.eml");
        await File.WriteAllTextAsync(bounce, "From: mailer-daemon@elsewhere.example\r\nX-Failed-Recipients: gone@elsewhere.example\r\n\r\nIt could not be delivered.\r\n");
        Compare("queue explain", await JsonAsync(server, "queue", "explain", bounce));
        Compare("bench queue", await JsonAsync(server, "bench", "queue", "--messages", "5", "--destinations", "5", "--trouble", "0"));
        Compare("check", await JsonAsync(server, "check", "--no-dns", message));
        Compare("evaluate", await JsonAsync(server, "evaluate", index));
        Compare("bench smtp", await JsonAsync(server, "bench", "smtp", "--port", server.Ports["mx"].ToString(), "--rcpt", "clerk@company.example", "--messages", "3", "--connections", "1"));
        Compare("bench imap", await JsonAsync(server, input: server.Passwords["clerk@company.example"] + "\n", ["bench", "imap", "--port", server.Ports["imaps"].ToString(), "--user", "clerk@company.example", "--password-stdin", "--messages", "3", "--connections", "1"]));
        await KeepEvidenceAsync(server);
        Compare("after-delivery list", await JsonAsync(server, "after-delivery", "list"));
        // Findings are written behind the mail they are about.
        JsonElement replay = default;
        await Wait.UntilAsync(async () => (replay = await JsonAsync(server, "replay", "--junk-threshold", "-1000")).GetProperty("changed").GetInt32() > 0);
        Compare("replay", replay);
    }

    // What a night's work and turned evidence would have left.
    private static async Task KeepEvidenceAsync(InstalledServer server)
    {
        await using var database = await Database.OpenAsync(server.Folder, TimeProvider.System, CancellationToken.None);
        var proposal = JsonSerializer.Serialize(new Proposal(2.5, 10, new Dictionary<string, double> { ["SPF_FAIL"] = 1.2 }, 60, 60, 1, 0, 5, 3));
        await database.WriteAsync(
            sql => sql.Execute($"insert into filter_proposals (id, content) values ({database.NextId()}, {proposal})")
                + sql.Execute($"insert into later_moves (id, judged_id, account_id, email_id, from_mailbox, mailbox_id, uid, reason) values ({database.NextId()}, 1, 1, 1, 1, 2, 1, 'A recipient here said that nearly the same message is spam.')"),
            CancellationToken.None);
    }

    private static async Task KeepContainmentAsync(InstalledServer server)
    {
        await using var database = await Database.OpenAsync(server.Folder, TimeProvider.System, CancellationToken.None);
        var facts = JsonSerializer.Serialize(new ContainmentFacts { Sources = new Dictionary<string, int> { ["192.0.2.1"] = 1 }, Recipients = [new ContainedRecipient("a@outside.example", "id", true)] });
        await database.WriteAsync(sql => sql.Execute($"update containments set facts = {facts}"), CancellationToken.None);
    }

    // Written beside the running server, as its own intake would.
    private static async Task KeepReportsAsync(InstalledServer server)
    {
        await using var database = await Database.OpenAsync(server.Folder, TimeProvider.System, CancellationToken.None);
        var reports = new ReceivedReports(database, new ReportOptions(), TimeProvider.System, NullLogger<ReceivedReports>.Instance);
        var (domain, now) = (DomainName.Parse("company.example"), DateTimeOffset.UtcNow);
        var dmarc = new ReceivedReport(0, ReportKind.Dmarc, domain, "receiver.example", "1", "receiver.example", Authenticated: true) { Policy = "none", Begin = now.AddDays(-1), End = now, Received = now, Passed = 1, Failed = 1 };
        var tls = new ReceivedReport(0, ReportKind.Tls, domain, "receiver.example", "2", "receiver.example", Authenticated: true) { Policy = "sts", Begin = now.AddDays(-1), End = now, Received = now, Passed = 1, Failed = 1 };
        await database.WriteAsync(sql =>
        {
            reports.Write(sql,
            [
                new ReportToKeep(database.NextId(), dmarc, [new ReceivedRow("192.0.2.1", "company.example", 1) { DkimAligned = true }, new ReceivedRow("203.0.113.1", "company.example", 1)]),
                new ReportToKeep(database.NextId(), tls, [new ReceivedRow("mx.company.example", "company.example", 1) { Reason = "certificate-expired" }]),
            ]);
            return true;
        }, CancellationToken.None);
    }

    private static Task<JsonElement> JsonAsync(InstalledServer server, params string[] arguments) => JsonAsync(server, input: null, arguments);

    private static async Task<JsonElement> JsonAsync(InstalledServer server, string? input, string[] arguments)
    {
        var outcome = await server.CommandAsync(input, [.. arguments, "--json"]);
        Assert.True(outcome.ExitCode == 0 || arguments is ["dns", "check", ..], outcome.Errors);
        using var json = JsonDocument.Parse(outcome.Output);
        return json.RootElement.Clone();
    }

    private static void Compare(string verb, JsonElement printed)
    {
        var documented = JsonKeys.ByVerb[verb].Select(key => key.Key).ToHashSet();
        Assert.Equal(documented.Order(StringComparer.Ordinal), Keys(printed.ValueKind == JsonValueKind.Array ? printed[0] : printed, "", documented).Distinct().Order(StringComparer.Ordinal));
    }

    // What is documented as a whole is not looked into: the details of a finding differ from judge to judge.
    private static IEnumerable<string> Keys(JsonElement element, string path, HashSet<string> documented) => element.EnumerateObject().SelectMany(property =>
        documented.Contains(path + property.Name) ? [path + property.Name]
        : property.Value.ValueKind == JsonValueKind.Object ? Keys(property.Value, path + property.Name + ".", documented)
        // A list with nothing in it shows no keys: those documented for its items stand as they are.
        : property.Value.ValueKind == JsonValueKind.Array && property.Value.GetArrayLength() == 0 && documented.Any(key => key.StartsWith(path + property.Name + "[].", StringComparison.Ordinal))
            ? documented.Where(key => key.StartsWith(path + property.Name + "[].", StringComparison.Ordinal))
        : property.Value.ValueKind == JsonValueKind.Array && property.Value.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Object)
            ? property.Value.EnumerateArray().SelectMany(item => Keys(item, path + property.Name + "[].", documented))
            : [path + property.Name]);
}
