using System.Net;
using Sternpost.Abuse.Signs;
using Sternpost.Storage;
using Sternpost.Unit.Abuse.Harness;

namespace Sternpost.Unit.Abuse;

/// <summary>One password tried on many accounts, slowly and from many addresses, with the server started anew in between.</summary>
public sealed class SprayTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sternpost-spray-");

    public void Dispose() => folder.Delete(recursive: true);

    private const uint Tag = 0x80000001;

    [Fact]
    public async Task A_slow_spray_is_seen_across_restarts()
    {
        var clock = new JumpingClock(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000));
        for (var n = 1; n < SprayCounts.NamesOfSpray; n++)
        {
            await using var database = await Database.OpenAsync(folder.FullName, clock, default);
            var counts = await StartAsync(database, clock);
            // Nobody is written down for one slip: until three names share the password, only what runs remembers.
            if (n <= SprayCounts.NamesWritten)
            {
                for (var earlier = 1; earlier < n; earlier++) await counts.FailedAsync(Tag, $"user{earlier}@here.test", Address(earlier), default);
            }
            Assert.Empty(await counts.FailedAsync(Tag, $"user{n}@here.test", Address(n), default));
            Assert.False(counts.IsSprayed(Tag));
            clock.Advance(TimeSpan.FromHours(12));
        }
        await using var last = await Database.OpenAsync(folder.FullName, clock, default);
        var again = await StartAsync(last, clock);
        var sources = await again.FailedAsync(Tag, "user99@here.test", Address(99), default);
        Assert.Equal(SprayCounts.NamesOfSpray, sources.Count);
        Assert.True(again.IsSprayed(Tag));
        Assert.True((await StartAsync(last, clock)).IsSprayed(Tag));
        clock.Advance(TimeSpan.FromDays(8));
        Assert.False((await StartAsync(last, clock)).IsSprayed(Tag));
    }

    [Fact]
    public async Task What_was_tried_on_two_accounts_is_written_nowhere()
    {
        var clock = new JumpingClock(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000));
        await using var database = await Database.OpenAsync(folder.FullName, clock, default);
        var counts = await StartAsync(database, clock);
        foreach (var name in (string[])["a@here.test", "A@here.test", "b@here.test", "b@here.test"]) await counts.FailedAsync(Tag, name, Address(1), default);
        Assert.Equal(0, await CountAsync(database));
        await counts.FailedAsync(Tag, "c@here.test", Address(2), default);
        Assert.Equal(3, await CountAsync(database));
    }

    private static async Task<SprayCounts> StartAsync(Database database, TimeProvider clock)
    {
        var counts = new SprayCounts(database, clock);
        await counts.LoadAsync(default);
        return counts;
    }

    private static ValueTask<long> CountAsync(Database database) => database.ReadAsync(sql => sql.First($"select count(*) from sprayed_passwords", row => row.GetInt64(0)), default);

    private static IPAddress Address(int n) => IPAddress.Parse($"198.51.{n}.7");
}
