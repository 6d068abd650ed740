using System.Diagnostics;
using System.Net;
using Sternpost.Abuse.Limits;
using Sternpost.Abuse.Trust;
using Sternpost.Accounts;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Unit.Abuse;

/// <summary>What counting and weighing a message costs the writer thread. Run by name; the figures are in docs/performance.md.</summary>
public sealed class Measurement(ITestOutputHelper output)
{
    [Fact(Explicit = true)]
    public async Task Cost_of_limits_and_trust()
    {
        var folder = Directory.CreateTempSubdirectory("sternpost-measure-").FullName;
        await using (var database = await Database.OpenAsync(folder, TimeProvider.System, default))
        {
            var account = new Account(1, EmailAddress.Parse("alice@here.test"), "", AccountStatus.Active, false, 0, 0, DateTimeOffset.UnixEpoch);
            var rules = SendingLimitOptions.StandardRules.Select(rule => LimitRule.Parse(rule, out _)!).Select(rule => rule with { Hard = 100_000_000, Soft = 100_000_000 });
            var limits = new SendingLimits(database, new SendingLimitOptions { AccountPerHour = 100_000_000, AccountPerDay = 100_000_000, DomainPerHour = 100_000_000, DomainPerDay = 100_000_000, Rules = [.. rules] }, TimeProvider.System);
            var trust = new SenderTrust(database, new TrustOptions(), TimeProvider.System);
            var sender = SendingIdentity.Of(account, null, IPAddress.Parse("192.0.2.1"));
            var traits = new MessageTraits { Source = IPAddress.Parse("192.0.2.1"), Program = "Thunderbird", MessageId = "a@b", Session = "abcdefgh.1", Script = "Latin", LinkDomains = ["here.test"] };
            foreach (var (name, work) in new (string, Action<Sql, int>)[]
            {
                ("limits, known recipient", (sql, _) => limits.Count(sql, sender, To("known@outside.test"))),
                ("limits, new recipient", (sql, n) => limits.Count(sql, sender, To($"new{n}@outside.test"))),
                ("trust", (sql, n) => trust.Judge(sql, database.NextId(), account, traits, 1, 0)),
            })
            {
                var best = double.MaxValue;
                for (var round = 0; round < 5; round++)
                {
                    var first = round * 1000;
                    best = Math.Min(best, await database.WriteAsync(sql =>
                    {
                        var started = Stopwatch.GetTimestamp();
                        for (var n = 0; n < 1000; n++) work(sql, first + n);
                        return Stopwatch.GetElapsedTime(started).TotalMicroseconds / 1000;
                    }, default));
                }
                output.WriteLine($"{name}: {best:0.0} µs a message");
            }
        }
        Directory.Delete(folder, recursive: true);
    }

    [Theory(Explicit = true)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Submission_with_trust_and_without(bool trust)
    {
        await using var server = await Harness.SendingServer.StartAsync(
            configuration =>
            {
                configuration.Abuse.HoldUnusual = trust;
                configuration.Sending.Limits = [.. SendingLayer.Kinds.SelectMany(kind => LimitName.All.Select(name => new LimitRule(kind, name, 0, 100_000_000)))];
                // A port where nobody listens: what is measured is accepting.
                configuration.Queue.SmarthostPort = 9;
            },
            "alice@here.test");
        var clients = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => server.SignInAsync("alice@here.test")));
        var body = string.Concat(Enumerable.Repeat("The figures are as agreed on Tuesday, and the rest follows in a week.\r\n", 55));
        foreach (var (round, each) in ((string, int)[])[("warm-up", 30), ("measured", 200)])
        {
            var cpu = Process.GetCurrentProcess().TotalProcessorTime;
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(clients.Select((client, n) => Task.Run(async () =>
            {
                for (var m = 0; m < each; m++) Assert.StartsWith("250", await client.SendAsync($"r{n}@outside.test", body: body));
            })));
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            output.WriteLine($"trust {trust}, {round}: {each * 10 / seconds:0} messages/s, {(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds / (each * 10):0.00} ms of CPU a message, client and server");
        }
        foreach (var client in clients) await client.DisposeAsync();
    }

    private static OutgoingCount To(string address) => new(0, [EmailAddress.Parse(address)], false);
}
