using Microsoft.Extensions.Time.Testing;
using Sternpost.Network;

namespace Sternpost.Unit.Network;

public sealed class CommandRateTests
{
    [Fact]
    public async Task Bursts_pass_and_what_is_beyond_them_waits_for_its_cost()
    {
        var time = new FakeTimeProvider();
        var rate = new CommandRate(20, time);
        for (var i = 0; i < 35; i++) await rate.WaitAsync(default);
        // 100 at the beginning: what is left is just enough for this one.
        Assert.True(rate.WaitAsync(default, 65).AsTask().IsCompletedSuccessfully);
        var next = rate.WaitAsync(default, 40).AsTask();
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        await next;
        time.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 100; i++) Assert.True(rate.WaitAsync(default).AsTask().IsCompletedSuccessfully);
        Assert.False(rate.WaitAsync(default).AsTask().IsCompleted);
    }
}
