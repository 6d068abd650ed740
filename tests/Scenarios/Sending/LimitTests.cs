using System.Net;
using Sternpost.Abuse.Limits;
using Sternpost.Accounts;
using Sternpost.Messages.Addresses;
using Sternpost.Queue;
using Sternpost.Scenarios.Harness;
using Sternpost.Storage;

namespace Sternpost.Scenarios.Sending;

/// <summary>
/// Limits against the worst that can happen to a count: fifty sessions at once, kill -9 in the middle, and another process on the same
/// database. What was counted, what is in the queue and what the limit allows are the same number.
/// </summary>
[Collection(Alone.Name)]
public sealed class LimitTests(ITestOutputHelper output)
{
    private const string Boss = InstalledServer.Administrator;
    private const int Sessions = 50;

    // The relay is a port where nobody listens: what is accepted stays in the queue and can be counted.
    private static string Settings(string rule) => $"""
        queue.smarthost = "localhost"
        queue.smarthost_port = 9
        queue.smarthost_tls = "none"
        limits.exempt = ["127.0.0.0/8"]
        sending.account_per_hour = 0
        sending.account_per_day = 0
        sending.domain_per_hour = 0
        sending.limits = ["account new-per-hour soft 0 hard 0", "account new-per-day soft 0 hard 0", "account messages-per-hour hard 0", "{rule}"]
        """;

    [Theory]
    [InlineData("account external-per-hour hard 400")]
    [InlineData("domain external-per-day hard 400")]
    public async Task The_limit_is_exact_across_kill_9(string rule)
    {
        await using var server = await InstalledServer.StartAsync(Settings(rule));
        var (accepted, attempted) = (0, 0);
        for (var kill = 0; kill < 3; kill++)
        {
            var before = accepted;
            var flood = FloodAsync(server, () => $"k{Interlocked.Increment(ref attempted)}@outside.example", reply => Interlocked.Add(ref accepted, reply[0] == '2' ? 1 : 0));
            while (Volatile.Read(ref accepted) < before + 60 && !flood.IsCompleted) await Task.Delay(2);
            await server.SignalAsync("-KILL");
            await flood;
            await server.LaunchAsync();
        }
        string? refusal = null;
        await FloodAsync(server, () => $"k{Interlocked.Increment(ref attempted)}@outside.example", reply =>
        {
            Interlocked.Add(ref accepted, reply[0] == '2' ? 1 : 0);
            if (reply[0] != '2') refusal = reply;
        }, untilRefused: true);
        var (counted, queued) = await CountAsync(server, rule.StartsWith("domain", StringComparison.Ordinal) ? "domain:" + InstalledServer.Domain : "account:");
        output.WriteLine($"{attempted} attempted, {accepted} answered with 250, {queued} in the queue, {counted} counted; then: {refusal?.Trim()}");
        Assert.Equal(400, counted);
        Assert.Equal(400, queued);
        // A 250 that the kill cut off is counted and queued all the same; never the other way round.
        Assert.InRange(accepted, 400 - (3 * Sessions), 400);
        Assert.Contains("400 outside recipients and 400 have been written to", refusal);
    }

    [Fact]
    public async Task The_limit_is_exact_across_two_processes_that_share_the_database()
    {
        await using var server = await InstalledServer.StartAsync(Settings("account external-per-hour hard 300"));
        await using var database = await Database.OpenAsync(server.Folder, TimeProvider.System, default);
        var directory = new AccountDirectory(database, TimeProvider.System);
        var account = (await directory.FindAccountAsync(EmailAddress.Parse(Boss), default))!;
        var limits = new SendingLimits(database, new SendingLimitOptions { AccountPerHour = 300, AccountPerDay = 0, DomainPerHour = 0, DomainPerDay = 0 }, TimeProvider.System);
        var (there, here, attempted) = (0, 0, 0);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        // This process counts what it would accept, beside the server, as another node would.
        var counting = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            // Signing in takes the other process a while.
            while (Volatile.Read(ref there) < 30) await Task.Delay(1, deadline.Token);
            while (true)
            {
                var to = EmailAddress.Parse($"h{Interlocked.Increment(ref attempted)}@outside.example");
                var outcome = await database.WriteAsync(sql => limits.Count(sql, SendingIdentity.Of(account, null, IPAddress.Loopback), new OutgoingCount(0, [to], false)), default);
                if (outcome.Refusal is not null) return;
                Interlocked.Increment(ref here);
            }
        })).ToArray();
        // The server writes many in one go and would be through before the other process is let in once; so it waits for it half way.
        async Task BothAsync()
        {
            while (Volatile.Read(ref there) >= 100 && Volatile.Read(ref here) == 0) await Task.Delay(1, deadline.Token);
        }
        await FloodAsync(server, () => $"t{Interlocked.Increment(ref attempted)}@outside.example", reply => Interlocked.Add(ref there, reply[0] == '2' ? 1 : 0), untilRefused: true, BothAsync);
        await Task.WhenAll(counting);
        var (counted, queued) = await CountAsync(server, "account:");
        output.WriteLine($"{there} accepted by the server, {here} by the other process");
        Assert.Equal(300, there + here);
        Assert.Equal(300, counted);
        Assert.Equal(there, queued);
        Assert.True(there > 0 && here > 0, $"Both processes must have had a part: {there} and {here}.");
    }

    [Fact]
    public async Task What_the_command_line_sets_holds_from_the_next_message_on()
    {
        await using var server = await InstalledServer.StartAsync(Settings("account external-per-hour hard 3"));
        await using var smtp = await RawSmtp.SubmitAsync(server, Boss);
        for (var n = 0; n < 3; n++) Assert.StartsWith("250", await SendAsync(smtp, $"r{n}@outside.example"));
        Assert.StartsWith("452", await SendAsync(smtp, "r4@outside.example"));
        Assert.Equal(0, (await server.CommandAsync(null, "limit", "set", Boss, "external-per-hour", "--hard", "5")).ExitCode);
        for (var n = 5; n < 7; n++) Assert.StartsWith("250", await SendAsync(smtp, $"r{n}@outside.example"));
        Assert.Contains("is 5 outside recipients and 5 have", await SendAsync(smtp, "r8@outside.example"));
        var shown = await server.CommandAsync(null, "limit", "show", Boss);
        Assert.Matches(@"external-per-hour +5 +none +5 +account:\d+", shown.Output);
        Assert.Equal(0, (await server.CommandAsync(null, "limit", "clear", Boss)).ExitCode);
        Assert.Contains("is 3 outside recipients and 5 have", await SendAsync(smtp, "r9@outside.example"));
        Assert.Equal(0, (await server.CommandAsync(null, "limit", "set", "@" + InstalledServer.Domain, "external-per-hour", "--soft", "6", "--hard", "20")).ExitCode);
        Assert.StartsWith("250 2.0.0 Ok", await SendAsync(smtp, "r10@outside.example"));
        Assert.Contains("waits for a while", await SendAsync(smtp, "r11@outside.example"));
        Assert.Contains("held: The hourly limit", (await server.CommandAsync(null, "queue", "list")).Output);
        Assert.Equal(1, (await server.CommandAsync(null, "limit", "clear", Boss)).ExitCode);
        Assert.Equal(2, (await server.CommandAsync(null, "limit", "set", Boss, "internal-per-hour", "--soft", "6")).ExitCode);
    }

    [Fact]
    public async Task An_app_password_is_made_shown_once_used_and_ended_by_the_command_line()
    {
        await using var server = await InstalledServer.StartAsync(Settings("account external-per-hour hard 100"));
        var made = await server.CommandAsync(null, "account", "app-password", "add", Boss, "phone");
        Assert.Equal(0, made.ExitCode);
        var other = new Dictionary<string, string>(server.Passwords) { [Boss] = made.Output.Trim() };
        await using var smtp = await RawSmtp.SubmitAsync(new OtherPasswords(server, other), Boss);
        Assert.StartsWith("250", await SendAsync(smtp, "r@outside.example"));
        Assert.DoesNotContain(made.Output.Trim(), (await server.CommandAsync(null, "account", "app-password", "list", Boss, "--json")).Output);
        Assert.Equal(0, (await server.CommandAsync(null, "account", "app-password", "remove", Boss, "phone")).ExitCode);
        // The session that signed in with it is ended.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(400));
        string reply;
        // A hundred at once would end it too, for another reason.
        do reply = await smtp.CommandAsync("NOOP").WaitAsync(deadline.Token);
        while (!reply.StartsWith("421", StringComparison.Ordinal) && await often.WaitForNextTickAsync(deadline.Token));
        Assert.DoesNotContain("Too many", reply);
        await Assert.ThrowsAsync<InvalidOperationException>(() => RawSmtp.SubmitAsync(new OtherPasswords(server, other), Boss));
    }

    private static async Task FloodAsync(InstalledServer server, Func<string> next, Action<string> answered, bool untilRefused = false, Func<Task>? beforeEach = null)
    {
        await Task.WhenAll(Enumerable.Range(0, Sessions).Select(_ => Task.Run(async () =>
        {
            try
            {
                await using var smtp = await RawSmtp.SubmitAsync(server, Boss);
                while (true)
                {
                    if (beforeEach is not null) await beforeEach();
                    var reply = await SendAsync(smtp, next());
                    answered(reply);
                    if (reply[0] != '2')
                    {
                        Assert.StartsWith("452 4.7.28", reply);
                        return;
                    }
                }
            }
            catch (Exception broken) when (!untilRefused && broken is IOException or System.Net.Sockets.SocketException or System.Security.Authentication.AuthenticationException)
            {
                // The kill.
            }
        })));
    }

    private static Task<string> SendAsync(RawSmtp smtp, string to) => smtp.SendAsync(Boss, to, System.Text.Encoding.ASCII.GetBytes($"From: {Boss}\r\nTo: {to}\r\nSubject: x\r\n\r\nHello.\r\n"));

    private static async Task<(long Counted, int Queued)> CountAsync(InstalledServer server, string scope)
    {
        await using var database = await Database.OpenAsync(server.Folder, TimeProvider.System, default);
        var counted = await database.ReadAsync(sql => sql.First($"select max(external) from sending_totals where substr(scope, 1, {scope.Length}) = {scope}", row => row.GetInt64(0)), default);
        var (_, recipients) = await new QueueInspection(database, TimeProvider.System).CountAsync(default);
        return (counted, recipients);
    }

    private sealed record OtherPasswords(InstalledServer Server, IReadOnlyDictionary<string, string> Passwords) : IMailServer
    {
        public IReadOnlyDictionary<string, int> Ports => Server.Ports;

        public string CertificateAuthority => Server.CertificateAuthority;

        public bool Trusts(System.Security.Cryptography.X509Certificates.X509Certificate2 certificate) => Server.Trusts(certificate);
    }
}
