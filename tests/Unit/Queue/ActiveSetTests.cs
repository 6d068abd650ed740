using Microsoft.Extensions.Time.Testing;
using Sternpost.Dns;
using Sternpost.Queue;
using Sternpost.Queue.Routing;
using Sternpost.Queue.Schedule;

namespace Sternpost.Unit.Queue;

/// <summary>Who may have a connection, and how many.</summary>
public class ActiveSetTests
{
    private static readonly QueueOptions Options = new() { HostName = DomainName.Parse("mail.example.com"), Connections = 10, ConnectionsPerDestination = 5 };

    private readonly FakeTimeProvider time = new();
    private readonly ActiveSet active;

    public ActiveSetTests() => active = new ActiveSet(new RouteTable(Options), Options, time);

    [Fact]
    public void A_new_destination_begins_with_two_connections_and_gets_more_as_they_succeed()
    {
        var destination = Begin("dest.test", messages: 100);
        Assert.Equal(2, StartAll("dest.test"));
        Assert.Null(active.Start());
        active.Succeeded(destination);
        Assert.Null(active.Start());
        active.Succeeded(destination);
        active.Succeeded(destination);
        Assert.Equal(3, StartAll("dest.test"));
        for (var n = 0; n < 100; n++) active.Succeeded(destination);
        Assert.Equal(5, StartAll("dest.test"));
    }

    [Fact]
    public void Trouble_halves_and_the_last_connections_trouble_brings_rest()
    {
        var destination = Begin("dest.test", messages: 100);
        for (var n = 0; n < 100; n++) active.Succeeded(destination);
        Assert.Equal(5, StartAll("dest.test"));
        active.Troubled(destination);
        Assert.False(active.MayGoOn(destination));
        for (var n = 0; n < 3; n++) active.End(destination);
        Assert.True(active.MayGoOn(destination));
        active.Troubled(destination);
        active.Troubled(destination);
        while (destination.Workers > 0) active.End(destination);
        Assert.Null(active.Start());
        Assert.Equal(time.GetUtcNow() + Options.RestAfterFailure, active.NextWake);
        time.Advance(Options.RestAfterFailure);
        Assert.Same(destination, active.Start());
        Assert.Null(active.Start());
    }

    [Fact]
    public void Messages_put_off_by_policy_narrow_and_several_in_a_row_bring_rest()
    {
        var destination = Begin("dest.test", messages: 100);
        for (var n = 0; n < 100; n++) active.Succeeded(destination);
        active.Slowed(destination);
        active.Slowed(destination);
        Assert.Null(active.Start());
        Assert.True(active.MayGoOn(destination));
        active.Slowed(destination);
        Assert.False(active.MayGoOn(destination));
        active.End(destination);
        Assert.Null(active.Start());
        time.Advance(Options.RestAfterFailure);
        Assert.Same(destination, active.Start());
    }

    [Fact]
    public void A_connection_turned_away_beside_others_is_not_the_failure_of_the_destination()
    {
        var destination = Begin("dest.test", messages: 100);
        Assert.Equal(2, StartAll("dest.test"));
        Assert.False(active.Failed(destination, rest: true));
        active.End(destination);
        Assert.True(active.MayGoOn(destination));
        Assert.True(active.Failed(destination, rest: true));
        active.End(destination);
        Assert.Null(active.Start());
    }

    [Fact]
    public void Destinations_take_turns()
    {
        var first = Begin("a.test", messages: 100);
        active.End(first);
        active.Notice(["b.test", "c.test"]);
        Assert.Equal(["a.test", "b.test", "c.test", "a.test"], new[] { active.Start(), active.Start(), active.Start(), active.Start() }.Select(destination => destination!.Hop.Name));
    }

    [Fact]
    public void There_are_never_more_workers_than_places_but_those_who_only_wait_give_theirs_up()
    {
        active.Notice(Enumerable.Range(0, 100).Select(n => $"d{n}.test"));
        List<DestinationState> started = [];
        while (active.Start() is { } destination) started.Add(destination);
        Assert.Equal(10, started.Count);
        Assert.True(active.Stall());
        Assert.NotNull(active.Start());
        Assert.Null(active.Start());
        // It goes on at once, and the place comes back when somebody ends.
        active.Resume();
        active.End(started[0]);
        Assert.Null(active.Start());
        active.End(started[1]);
        Assert.NotNull(active.Start());
    }

    [Fact]
    public void Only_so_many_give_their_place_up()
    {
        active.Notice(Enumerable.Range(0, 100).Select(n => $"d{n}.test"));
        var stalled = 0;
        while (active.Start() is not null && active.Stall()) stalled++;
        Assert.Equal(4 * Options.Connections, stalled);
    }

    [Fact]
    public void A_message_is_with_one_worker_at_a_time_however_often_it_is_read()
    {
        active.Notice(["dest.test"]);
        var destination = active.Start()!;
        Assert.Null(active.Claim(destination, out var domain, out var from));
        Assert.Equal("dest.test", domain);
        active.Loaded(destination, "dest.test", from, [new DueRecipient(1, 1, 7), new DueRecipient(1, 2, 7), new DueRecipient(1, 3, 8)], more: false);
        Assert.Equal(7, active.Claim(destination, out _, out _));
        active.Notice(["dest.test"]);
        Assert.Equal(8, active.Claim(destination, out _, out _));
        Assert.Null(active.Claim(destination, out domain, out from));
        active.Loaded(destination, "dest.test", from, [new DueRecipient(1, 1, 7), new DueRecipient(1, 3, 8)], more: false);
        Assert.Null(active.Claim(destination, out domain, out _));
        Assert.Null(domain);
        active.Release(destination, 7);
        active.Notice(["dest.test"]);
        Assert.Null(active.Claim(destination, out _, out from));
        active.Loaded(destination, "dest.test", from, [new DueRecipient(1, 1, 7)], more: false);
        Assert.Equal(7, active.Claim(destination, out _, out _));
    }

    [Fact]
    public void A_page_read_twice_counts_once()
    {
        active.Notice(["dest.test"]);
        var destination = active.Start()!;
        active.Claim(destination, out _, out var from);
        active.Loaded(destination, "dest.test", from, [new DueRecipient(5, 5, 1)], more: true);
        active.Loaded(destination, "dest.test", from, [new DueRecipient(5, 5, 1)], more: false);
        Assert.Equal(1, active.Claim(destination, out _, out _));
        Assert.Null(active.Claim(destination, out var domain, out from));
        Assert.Equal(("dest.test", new DueCursor(5, 5)), (domain, from));
    }

    [Fact]
    public void What_has_no_work_is_forgotten_after_a_while()
    {
        var destination = Begin("dest.test", messages: 0);
        active.End(destination);
        time.Advance(TimeSpan.FromMinutes(11));
        active.Forget();
        active.Notice(["dest.test"]);
        Assert.NotSame(destination, active.Start());
    }

    private DestinationState Begin(string domain, int messages)
    {
        active.Notice([domain]);
        var destination = active.Start()!;
        active.Claim(destination, out var toRead, out var from);
        active.Loaded(destination, toRead!, from, [.. Enumerable.Range(1, messages).Select(n => new DueRecipient(n, n, n))], more: false);
        return destination;
    }

    // With what was started before: how many workers the destination has when nothing more can be started.
    private int StartAll(string domain)
    {
        DestinationState? destination = null;
        while (active.Start() is { } started) destination = started;
        Assert.Equal(domain, destination!.Hop.Name);
        return destination.Workers;
    }
}
