using Microsoft.Extensions.Time.Testing;
using Sternpost.Abuse;
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
        for (var n = 0; n < 5; n++) Assert.Null(await limits.CheckAsync(Sender(1), 20, default));
        Assert.NotNull(await limits.CheckAsync(Sender(1), 21, default));
        Assert.Null(await CountAsync(1, 20));
        Assert.NotNull(await limits.CheckAsync(Sender(1), 1, default));
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
        Assert.Null(await database.WriteAsync(sql => none.Count(sql, Sender(1), 1_000_000), default));
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
            n % 2 == 0 ? CountAsync(1, 1) : other.WriteAsync(sql => others.Count(sql, Sender(1), 1), default).AsTask())));
        Assert.Equal(20, outcomes.Count(outcome => outcome is null));
        Assert.NotNull(await others.CheckAsync(Sender(1), 1, default));
    }

    [Fact]
    public async Task Counts_survive_a_restart_and_are_undone_with_the_message_they_belong_to()
    {
        Assert.Null(await CountAsync(1, 15));
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync<int>(sql =>
        {
            Assert.Null(limits.Count(sql, Sender(1), 5));
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
        var rows = await database.ReadAsync(sql => sql.First($"select count(*) from sending_counts", row => row.GetInt64(0)), default);
        // An hour apart: at most 26 buckets for the account and as many for the domain.
        Assert.InRange(rows, 2, 52);
    }

    private static Account Sender(long id) => new(id, EmailAddress.Parse($"u{id}@example.com"), "", AccountStatus.Active, false, 0, 0, DateTimeOffset.UnixEpoch);

    private Task<LimitReached?> CountAsync(long account, int recipients) => database.WriteAsync(sql => limits.Count(sql, Sender(account), recipients), default).AsTask();
}
