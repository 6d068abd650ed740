using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Queue.Reputation;

namespace Sternpost.Unit.Queue.Reputation;

/// <summary>Port 25 that somebody on the way keeps shut is told from servers that are down.</summary>
public class OutboundWayTests
{
    [Fact]
    public async Task Many_silent_servers_of_several_destinations_and_none_that_answers_mean_that_the_way_is_closed()
    {
        await using var queue = await TestQueue.OpenAsync(25);
        var way = new OutboundWay(queue.Database, queue.Time, NullLogger.Instance);
        // One destination may have many servers and be down.
        for (var i = 1; i <= 10; i++) await way.SilentAsync("one.test", IPAddress.Parse($"192.0.2.{i}"), default);
        Assert.False((await queue.Inspection.OutboundAsync(default)).Closed);
        await way.SilentAsync("two.test", IPAddress.Parse("198.51.100.1"), default);
        await way.SilentAsync("three.test", IPAddress.Parse("203.0.113.1"), default);
        var state = await queue.Inspection.OutboundAsync(default);
        Assert.True(state.Closed);
        Assert.Contains("queue.smarthost", state.Explanation);

        await way.ReachedAsync(default);
        Assert.False((await queue.Inspection.OutboundAsync(default)).Closed);
    }

    [Fact]
    public async Task One_that_answers_now_and_then_keeps_it_open()
    {
        await using var queue = await TestQueue.OpenAsync(25);
        var way = new OutboundWay(queue.Database, queue.Time, NullLogger.Instance);
        for (var i = 1; i <= 20; i++)
        {
            await way.SilentAsync($"d{i}.test", IPAddress.Parse($"192.0.2.{i}"), default);
            if (i % 5 == 0) await way.ReachedAsync(default);
        }
        Assert.False((await queue.Inspection.OutboundAsync(default)).Closed);
    }
}
