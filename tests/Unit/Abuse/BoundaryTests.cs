using Sternpost.Abuse.Limits;
using Sternpost.Configuration;
using Sternpost.Messages.Addresses;
using Sternpost.Unit.Abuse.Harness;

namespace Sternpost.Unit.Abuse;

/// <summary>Fifty sessions at once over real sockets at every kind of limit: what is accepted, counted and sent is the limit exactly.</summary>
public sealed class BoundaryTests
{
    private const int Sessions = 50;
    private const int Each = 2;

    [Theory]
    [InlineData("account messages-per-hour hard 30", "hourly limit of alice@here.test on messages is 30 messages and 30 have been sent", 30)]
    [InlineData("account messages-per-day hard 31", "daily limit of alice@here.test on messages is 31", 31)]
    [InlineData("account recipients-per-hour hard 32", "hourly limit of alice@here.test on recipients is 32", 32)]
    [InlineData("account recipients-per-day hard 33", "daily limit of alice@here.test on recipients is 33", 33)]
    [InlineData("account external-per-hour hard 34", "hourly limit of alice@here.test is 34 outside recipients and 34 have been written to; there is room again at 2026-05-04 09:05 UTC", 34)]
    [InlineData("account external-per-day hard 35", "daily limit of alice@here.test is 35 outside recipients and 35 have been written to; there is room again at 2026-05-05 08:05 UTC", 35)]
    [InlineData("account new-per-hour hard 36", "on outside recipients never written to before is 36", 36)]
    [InlineData("account new-per-day hard 37", "on outside recipients never written to before is 37", 37)]
    [InlineData("domain external-per-hour hard 38", "hourly limit of here.test is 38", 38)]
    [InlineData("domain external-per-day hard 39", "daily limit of here.test is 39", 39)]
    [InlineData("source external-per-hour hard 40", "hourly limit of 127.0.0.1 is 40", 40)]
    [InlineData("server external-per-hour hard 41", "hourly limit of this server is 41", 41)]
    public async Task Exactly_the_limit_is_accepted_from_fifty_sessions(string rule, string explanation, int limit)
    {
        await using var server = await SendingServer.StartAsync(configuration => Only(configuration, rule), "alice@here.test");
        var replies = await FloodAsync(server, "alice@here.test", SendingServer.Password, (session, n) => $"r{session}-{n}@outside.test");
        Assert.Equal(limit, replies.Count(reply => reply.StartsWith("250 2.0.0", StringComparison.Ordinal)));
        Assert.All(replies.Where(reply => !reply.StartsWith("250", StringComparison.Ordinal)), reply => Assert.Contains(explanation, reply));
        Assert.All(replies.Where(reply => !reply.StartsWith("250", StringComparison.Ordinal)), reply => Assert.StartsWith("452 4.7.28", reply));
        await SendingServer.UntilAsync(() => Task.FromResult(server.Sink.Messages.Count == limit), "all that was accepted to arrive");
    }

    [Fact]
    public async Task Exactly_the_limit_of_mail_within_the_server_is_accepted()
    {
        await using var server = await SendingServer.StartAsync(configuration => Only(configuration, "account internal-per-hour hard 42"), "alice@here.test", "bob@here.test");
        var replies = await FloodAsync(server, "alice@here.test", SendingServer.Password, (_, _) => "bob@here.test");
        Assert.Equal(42, replies.Count(reply => reply.StartsWith("250", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Exactly_the_limit_of_an_app_password_is_accepted_and_the_account_goes_on()
    {
        await using var server = await SendingServer.StartAsync(configuration => Only(configuration, "app-password external-per-hour hard 43"), "alice@here.test");
        var passwords = new Sternpost.Accounts.AppPasswords.AppPasswordBook(server.Parts.Database, server.Parts.Directory, server.Time);
        var (_, secret) = await passwords.AddAsync(EmailAddress.Parse("alice@here.test"), "phone", default);
        var replies = await FloodAsync(server, "alice@here.test", secret, (session, n) => $"r{session}-{n}@outside.test");
        Assert.Equal(43, replies.Count(reply => reply.StartsWith("250", StringComparison.Ordinal)));
        Assert.All(replies.Where(reply => reply[0] == '4'), reply => Assert.Contains("limit of the app password 'phone' of alice@here.test is 43", reply));
        await using var own = await server.SignInAsync("alice@here.test");
        Assert.StartsWith("250", await own.SendAsync("someone@outside.test"));
    }

    [Fact]
    public async Task Automatic_replies_have_a_limit_of_their_own_and_pass_where_the_other_is_used_up()
    {
        await using var server = await SendingServer.StartAsync(configuration => Only(configuration, "account messages-per-hour hard 1", "account external-per-hour hard 2", "account automatic-per-hour hard 2"), "alice@here.test");
        await using var vacation = await server.SignInAsync("alice@here.test");
        // To several it is ordinary mail, whatever it says.
        Assert.StartsWith("250", await vacation.SendAsync(["w1@outside.test", "w2@outside.test"], header: "Auto-Submitted: auto-replied\r\n"));
        Assert.Contains("on messages is 1", await vacation.SendAsync(["w1@outside.test"], header: "Auto-Submitted: no\r\n"));
        for (var n = 0; n < 2; n++) Assert.StartsWith("250", await vacation.SendAsync($"v{n}@outside.test", header: "Auto-Submitted: auto-replied\r\n"));
        Assert.Contains("automatic replies is 2", await vacation.SendAsync("v3@outside.test", header: "Auto-Submitted: auto-replied\r\n"));
        Assert.Contains("on messages is 1", await vacation.SendAsync(["w1@outside.test", "w2@outside.test"], header: "Auto-Submitted: auto-replied\r\n"));
    }

    [Fact]
    public async Task Beyond_the_soft_limit_mail_waits_its_sender_is_told_and_it_goes_on_when_there_is_room()
    {
        await using var server = await SendingServer.StartAsync(configuration => Only(configuration, "account external-per-hour soft 2 hard 4"), "alice@here.test");
        await using (var client = await server.SignInAsync("alice@here.test"))
        {
            for (var n = 0; n < 2; n++) Assert.StartsWith("250 2.0.0 Ok", await client.SendAsync($"r{n}@outside.test"));
            Assert.Contains("waits for a while: The hourly limit of alice@here.test is 2", await client.SendAsync("r2@outside.test"));
            Assert.Contains("waits for a while", await client.SendAsync("r3@outside.test"));
            Assert.StartsWith("452 4.7.28 The hourly limit of alice@here.test is 4", await client.SendAsync("r4@outside.test"));
        }
        await SendingServer.UntilAsync(() => Task.FromResult(server.Sink.Messages.Count == 2), "the first two to arrive");
        await SendingServer.UntilAsync(async () => (await server.QueueAsync()).Count == 2, "the queue to hold the other two alone");
        var held = await server.QueueAsync();
        Assert.All(held.SelectMany(entry => entry.Recipients), recipient => Assert.True(recipient.Held && recipient.LastReply!.StartsWith("held: The hourly limit", StringComparison.Ordinal)));
        var alice = (await server.Parts.Directory.FindAccountAsync(EmailAddress.Parse("alice@here.test"), default))!;
        await server.AdvanceUntilAsync(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1), async () => await InboxAsync(server, alice.Id) == 1, "a letter to alice about what is held");
        Assert.Equal(["r0@outside.test", "r1@outside.test"], server.Sink.RecipientsTaken.Order());
        await server.AdvanceUntilAsync(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(70), () => Task.FromResult(server.Sink.Messages.Count == 4), "the held ones to go on");
        Assert.Equal(1, await InboxAsync(server, alice.Id));
    }

    private static async Task<int> InboxAsync(SendingServer server, long account) =>
        (await server.Parts.Mail.FindAsync(account, "INBOX", default)) is { } inbox && await server.Parts.Mail.OpenAsync(inbox.Id, default) is var (_, entries) ? entries.Count : 0;

    private static async Task<List<string>> FloodAsync(SendingServer server, string account, string password, Func<int, int, string> recipient)
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(_ => server.SignInAsync(account, password: password)));
        var replies = await Task.WhenAll(clients.Select((client, session) => Task.Run(async () =>
        {
            var mine = new List<string>();
            for (var n = 0; n < Each; n++) mine.Add(await client.SendAsync(recipient(session, n)));
            return mine;
        })));
        foreach (var client in clients) await client.DisposeAsync();
        return [.. replies.SelectMany(mine => mine)];
    }

    // One limit alone, so that no other is reached before it.
    private static void Only(ServerConfiguration configuration, params string[] rules)
    {
        (configuration.Sending.AccountPerHour, configuration.Sending.AccountPerDay, configuration.Sending.DomainPerHour, configuration.Sending.DomainPerDay) = (0, 0, 0, 0);
        configuration.Sending.Limits = [.. SendingLayer.Kinds.SelectMany(kind => LimitName.All.Select(name => new LimitRule(kind, name, 0, 0))), .. rules.Select(rule => LimitRule.Parse(rule, out _)!)];
    }
}
