using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Messages.Addresses;
using Sternpost.Queue;
using Sternpost.Queue.Reputation;
using Sternpost.Queue.Routing;

namespace Sternpost.Unit.Queue.Reputation;

/// <summary>By which address mail leaves, and by which way.</summary>
public class SourceAddressesTests
{
    private static readonly IPAddress Old = IPAddress.Parse("127.0.0.21"), Fresh = IPAddress.Parse("127.0.0.22");

    [Fact]
    public async Task A_new_address_carries_fifty_on_the_first_day_and_twice_as_many_each_day_after()
    {
        await using var queue = await TestQueue.OpenAsync(25, options => options with { SourceAddresses = [Old], WarmingAddresses = [Fresh] });
        var sources = await LoadAsync(queue);
        for (var day = 0; day < 3; day++)
        {
            for (var i = 0; i < 50 << day; i++)
            {
                Assert.Equal([Fresh], sources.For(SourcePool.Usual));
                await sources.CountAsync(Fresh, default);
            }
            Assert.Equal([Old], sources.For(SourcePool.Usual));
            // Kept across a restart.
            sources = await LoadAsync(queue);
            Assert.Equal([Old], sources.For(SourcePool.Usual));
            queue.Time.Advance(TimeSpan.FromDays(1));
        }
        queue.Time.Advance(TimeSpan.FromDays(14));
        Assert.Equal([Fresh], sources.For(SourcePool.Usual));
    }

    [Fact]
    public async Task Mail_leaves_by_the_address_of_its_pool()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { SourceAddresses = [Old], RiskySourceAddresses = [Fresh], NewSenderFor = TimeSpan.Zero });
        queue.Domain("dest.test");
        queue.Domain("elsewhere.test");
        await queue.Directory.AddAliasAsync("far@example.com", EmailAddress.Parse("friend@elsewhere.test"), default);
        await queue.StartAsync();
        await queue.SubmitAsync("bob@dest.test");
        await queue.ReceiveAsync("writer@origin.test", "far@example.com");
        await queue.EmptyAsync();
        Assert.Equal(Old, sink.Messages.Single(message => message.Recipients.Contains("bob@dest.test")).Client);
        Assert.Equal(Fresh, sink.Messages.Single(message => message.Recipients.Contains("friend@elsewhere.test")).Client);
    }

    [Fact]
    public async Task A_route_falls_back_while_its_first_target_takes_nothing()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with
        {
            Routes = new Dictionary<Sternpost.Dns.DomainName, StaticRoute>
            {
                // Nobody listens on port 9.
                [Sternpost.Dns.DomainName.Parse("dest.test")] = new StaticRoute("127.0.0.1", 9) { Fallback = new StaticRoute("127.0.0.1", sink.Port) },
            },
        });
        await queue.SubmitAsync("bob@dest.test");
        await queue.StartAsync();
        await queue.EmptyAsync();
        Assert.Equal(["bob@dest.test"], Assert.Single(sink.Messages).Recipients);
    }

    private static async Task<SourceAddresses> LoadAsync(TestQueue queue)
    {
        var sources = new SourceAddresses(queue.Database, queue.Options, queue.Time, NullLogger.Instance);
        await sources.LoadAsync(default);
        return sources;
    }
}
