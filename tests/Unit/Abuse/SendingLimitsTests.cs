using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Abuse.Limits;
using Sternpost.Accounts;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Unit.Abuse;

/// <summary>The boundary is exact: never one recipient more, and none less.</summary>
public sealed class SendingLimitsTests : IAsyncLifetime
{
    private static readonly SendingLimitOptions Options = new() { AccountPerHour = 20, AccountPerDay = 50, DomainPerHour = 70, DomainPerDay = 100 };

    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-limits-").FullName;
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 5, 1, 12, 2, 0, TimeSpan.Zero));
    private Database database = null!;
    private SendingLimits limits = null!;

    public async ValueTask InitializeAsync()
    {
        database = await Database.OpenAsync(folder, time, default);
        limits = new SendingLimits(database, Options, time);
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_hourly_limit_of_an_account_is_reached_exactly()
    {
        Assert.Null(await CountAsync(1, 19));
        Assert.NotNull(await CountAsync(1, 2));
        Assert.Null(await CountAsync(1, 1));
        var reached = await CountAsync(1, 1);
        Assert.Equal(("hourly limit of u1@example.com", 20), (reached!.Limit, reached.Allowed));
        Assert.Contains("20 have been written to; there is room again at 2026-05-01 13:05 UTC", reached.Explanation);
    }

    [Fact]
    public async Task What_is_refused_is_not_counted_and_what_is_asked_is_not_either()
    {
        Assert.NotNull(await CountAsync(1, 21));
        for (var n = 0; n < 5; n++) Assert.Null(await limits.CheckAsync(Sender(1), 0, 20, default));
        Assert.NotNull(await limits.CheckAsync(Sender(1), 0, 21, default));
        Assert.Null(await CountAsync(1, 20));
        Assert.NotNull(await limits.CheckAsync(Sender(1), 0, 1, default));
        Assert.Null(await CountAsync(1, 0));
    }

    [Fact]
    public async Task More_than_the_limit_at_once_never_fits()
    {
        var reached = await CountAsync(1, 21);
        Assert.Equal(DateTimeOffset.MaxValue, reached!.RoomAt);
        Assert.Contains("fewer recipients at once", reached.Explanation);
    }

    [Fact]
    public async Task No_true_hour_ever_holds_more_and_room_comes_at_most_five_minutes_late()
    {
        Assert.Null(await CountAsync(1, 20));
        var reached = await CountAsync(1, 20);
        time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await CountAsync(1, 1));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(time.GetUtcNow() >= reached!.RoomAt);
        Assert.Null(await CountAsync(1, 20));
    }

    [Fact]
    public async Task The_day_counts_beside_the_hour()
    {
        foreach (var hour in new[] { 20, 20, 10 })
        {
            Assert.Null(await CountAsync(1, hour));
            time.Advance(TimeSpan.FromHours(2));
        }
        Assert.Equal("daily limit of u1@example.com", (await CountAsync(1, 1))!.Limit);
        time.Advance(TimeSpan.FromHours(18) + TimeSpan.FromMinutes(5));
        Assert.Null(await CountAsync(1, 20));
    }

    [Fact]
    public async Task All_accounts_of_a_domain_share_its_limit()
    {
        for (var account = 1; account <= 3; account++) Assert.Null(await CountAsync(account, 20));
        Assert.Null(await CountAsync(4, 10));
        var reached = await CountAsync(5, 1);
        Assert.Equal(("hourly limit of example.com", 70), (reached!.Limit, reached.Allowed));
        // An account refused for its domain has not used up its own.
        time.Advance(TimeSpan.FromMinutes(66));
        Assert.Null(await CountAsync(5, 20));
    }

    [Fact]
    public async Task Zero_is_no_limit()
    {
        var none = new SendingLimits(database, new SendingLimitOptions { AccountPerHour = 0, AccountPerDay = 0, DomainPerHour = 0, DomainPerDay = 0 }, time);
        Assert.Null(await database.WriteAsync(sql => none.Count(sql, Sender(1), To(10_000)).Refusal, default));
    }

    [Fact]
    public async Task Fifty_at_once_get_exactly_what_is_allowed()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => CountAsync(1, 1))));
        Assert.Equal(20, outcomes.Count(outcome => outcome is null));
    }

    [Fact]
    public async Task Two_processes_share_the_limit_exactly()
    {
        await using var other = await Database.OpenAsync(folder, time, default);
        var others = new SendingLimits(other, Options, time);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => Task.Run(() =>
            n % 2 == 0 ? CountAsync(1, 1) : other.WriteAsync(sql => others.Count(sql, Sender(1), To(1)).Refusal, default).AsTask())));
        Assert.Equal(20, outcomes.Count(outcome => outcome is null));
        Assert.NotNull(await others.CheckAsync(Sender(1), 0, 1, default));
    }

    [Fact]
    public async Task Counts_survive_a_restart_and_are_undone_with_the_message_they_belong_to()
    {
        Assert.Null(await CountAsync(1, 15));
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync<int>(sql =>
        {
            Assert.Null(limits.Count(sql, Sender(1), To(5)).Refusal);
            throw new InvalidOperationException("The message could not be stored.");
        }, default).AsTask());
        await database.DisposeAsync();
        await InitializeAsync();
        Assert.Null(await CountAsync(1, 5));
        Assert.NotNull(await CountAsync(1, 1));
    }

    [Fact]
    public async Task Old_counts_are_swept_out()
    {
        for (var n = 0; n < 40; n++)
        {
            Assert.Null(await CountAsync(1, 1));
            time.Advance(TimeSpan.FromHours(1));
        }
        var rows = await database.ReadAsync(sql => sql.First($"select count(*) from sending_totals", row => row.GetInt64(0)), default);
        // An hour apart: at most 27 buckets for the account, and as many for its domain, its address and the server.
        Assert.InRange(rows, 4, 4 * 27);
    }

    [Fact]
    public async Task Whoever_is_over_a_soft_limit_is_held_and_counted()
    {
        var soft = Limits("account external-per-hour soft 5 hard 8", "account recipients-per-message soft 3");
        Assert.Null((await CountAsync(soft, To(3))).Hold);
        Assert.Equal("hourly limit of u1@example.com", (await CountAsync(soft, To(3, 100))).Hold!.Limit);
        var both = await CountAsync(soft, To(3, 200));
        Assert.Equal(8, both.Refusal!.Allowed);
        time.Advance(TimeSpan.FromHours(2));
        var one = (await CountAsync(soft, To(4))).Hold!;
        Assert.Equal(("per-message limit of u1@example.com on recipients", true), (one.Limit, one.IsForGood));
    }

    [Fact]
    public async Task Only_those_never_written_to_are_new()
    {
        var few = Limits("account new-per-hour hard 5");
        Assert.Equal(5, (await CountAsync(few, To(5))).New.Count);
        Assert.Empty((await CountAsync(few, To(5))).New);
        var reached = (await CountAsync(few, To(6))).Refusal!;
        Assert.Contains("on outside recipients never written to before is 5", reached.Explanation);
        // What was refused has not made an acquaintance.
        time.Advance(TimeSpan.FromHours(2));
        Assert.Single((await CountAsync(few, To(6))).New);
        few.Acquainted = (_, _, address) => address.LocalPart.StartsWith('r');
        Assert.Empty((await CountAsync(few, To(1, 900))).New);
    }

    [Fact]
    public async Task Mail_that_stays_here_and_automatic_replies_count_apart()
    {
        var all = Limits("account external-per-hour hard 5", "account internal-per-hour hard 7", "account automatic-per-hour hard 2", "account messages-per-hour hard 4", "account recipients-per-day hard 11");
        Assert.Null((await CountAsync(all, new OutgoingCount(7, [], false))).Refusal);
        Assert.Contains("on recipients on this server is 7", (await CountAsync(all, new OutgoingCount(1, [], false))).Refusal!.Explanation);
        Assert.Null((await CountAsync(all, To(4))).Refusal);
        Assert.Contains("on recipients is 11", (await CountAsync(all, To(1, 50))).Refusal!.Explanation);
        for (var n = 0; n < 2; n++) Assert.Null((await CountAsync(all, new OutgoingCount(0, To(1, 60 + n).External, true))).Refusal);
        Assert.Contains("automatic replies is 2", (await CountAsync(all, new OutgoingCount(0, To(1, 70).External, true))).Refusal!.Explanation);
    }

    [Fact]
    public async Task Each_layer_counts_by_itself()
    {
        var all = Limits("app-password external-per-hour hard 3", "source external-per-hour hard 5", "server external-per-hour hard 7");
        Sternpost.Accounts.AppPasswords.AppPassword phone = new(7, 1, "phone", DateTimeOffset.UnixEpoch, null, null);
        SendingIdentity From(long account, string source, bool withPhone = false) => SendingIdentity.Of(Account(account), withPhone ? phone : null, IPAddress.Parse(source));
        async Task<string> TryAsync(SendingIdentity sender) => (await database.WriteAsync(sql => all.Count(sql, sender, To(1)), default)).Refusal?.Limit ?? "";
        for (var n = 0; n < 3; n++) Assert.Equal("", await TryAsync(From(1, "192.0.2.1", withPhone: true)));
        Assert.Equal("hourly limit of the app password 'phone' of u1@example.com", await TryAsync(From(1, "192.0.2.1", withPhone: true)));
        Assert.Equal("", await TryAsync(From(1, "192.0.2.1")));
        Assert.Equal("", await TryAsync(From(2, "192.0.2.1")));
        Assert.Equal("hourly limit of 192.0.2.1", await TryAsync(From(3, "192.0.2.1")));
        // A household has a whole /64.
        Assert.Equal("", await TryAsync(From(3, "2001:db8::1")));
        Assert.Equal("", await TryAsync(From(3, "2001:db8::2")));
        Assert.Equal("hourly limit of this server", await TryAsync(From(3, "198.51.100.1")));
    }

    [Fact]
    public async Task What_a_domain_lays_down_its_accounts_inherit_and_may_override()
    {
        var overrides = new LimitOverrides(database);
        var name = new LimitName(Measure.External, Span.Hour);
        await overrides.SetAsync(new LimitOverride("accounts:example.com", name, null, 3), default);
        await overrides.SetAsync(new LimitOverride("account:2", name, 2, null), default);
        await overrides.SetAsync(new LimitOverride("account:3", name, null, 0), default);
        Assert.NotNull(await CountAsync(1, 4));
        Assert.Null(await CountAsync(1, 3));
        // A soft limit of its own, the hard one of its domain.
        Assert.NotNull((await database.WriteAsync(sql => limits.Count(sql, Sender(2), To(3)), default)).Hold);
        Assert.NotNull(await CountAsync(2, 1));
        Assert.Null(await CountAsync(3, 40));
        Assert.Equal(1, await overrides.ClearAsync("accounts:example.com", null, default));
        Assert.Null(await CountAsync(1, 17));
        var states = await limits.StatesAsync([SendingLayer.Of(Account(3))], default);
        Assert.Equal((40L, 0L, "account:3"), states.Where(state => state.Name == name).Select(state => (state.Used, state.Bounds.Hard, state.From)).Single());
    }

    [Fact]
    public async Task A_clock_set_back_loses_no_count()
    {
        Assert.Null(await CountAsync(1, 15));
        time.AdjustTime(time.GetUtcNow() - TimeSpan.FromMinutes(30));
        Assert.Null(await CountAsync(1, 5));
        Assert.NotNull(await CountAsync(1, 1));
    }

    [Fact]
    public async Task Layers_that_send_no_more_are_forgotten()
    {
        Assert.Null(await CountAsync(1, 1));
        time.Advance(TimeSpan.FromDays(3));
        while (await limits.ForgetAsync(default))
        {
            // A page at a time.
        }
        Assert.Equal(0, await database.ReadAsync(sql => sql.First($"select count(*) from sending_totals", row => row.GetInt64(0)), default));
        Assert.Null(await CountAsync(1, 20));
    }

    [Theory]
    [InlineData("account external-per-hour hard 5")]
    [InlineData("site new-per-day soft 1 hard 2")]
    [InlineData("server recipients-per-message soft 0")]
    public void A_rule_is_read(string rule) => Assert.NotNull(LimitRule.Parse(rule, out _));

    [Theory]
    [InlineData("account external-per-hour", "'soft' or 'hard' with a number")]
    [InlineData("alice external-per-hour hard 5", "is not one of the layers account")]
    [InlineData("account external-per-year hard 5", "is not one of the limits messages-per-hour")]
    [InlineData("account external-per-hour hard -5", "not a number from 0")]
    [InlineData("account external-per-hour hard 5 hard 6", "once each")]
    [InlineData("account internal-per-hour soft 5", "only be hard")]
    public void What_is_no_rule_is_explained(string rule, string why)
    {
        Assert.Null(LimitRule.Parse(rule, out var problem));
        Assert.Contains(why, problem);
    }

    [Fact]
    public void The_standard_rules_are_rules() => Assert.All(SendingLimitOptions.StandardRules, rule => Assert.NotNull(LimitRule.Parse(rule, out _)));

    private SendingLimits Limits(params string[] rules) => new(
        database, new SendingLimitOptions { AccountPerHour = 0, AccountPerDay = 0, DomainPerHour = 0, DomainPerDay = 0, Rules = [.. rules.Select(rule => LimitRule.Parse(rule, out _)!)] }, time);

    private Task<CountOutcome> CountAsync(SendingLimits counting, OutgoingCount message) => database.WriteAsync(sql => counting.Count(sql, Sender(1), message), default).AsTask();

    private static Account Account(long id) => new(id, EmailAddress.Parse($"u{id}@example.com"), "", AccountStatus.Active, false, 0, 0, DateTimeOffset.UnixEpoch);

    private static SendingIdentity Sender(long id) => SendingIdentity.Of(Account(id), null, IPAddress.Loopback);

    private static OutgoingCount To(int recipients, int first = 0) => new(0, [.. Enumerable.Range(first, recipients).Select(n => EmailAddress.Parse($"r{n}@outside.test"))], false);

    private Task<LimitReached?> CountAsync(long account, int recipients) => database.WriteAsync(sql => limits.Count(sql, Sender(account), To(recipients)).Refusal, default).AsTask();
}
