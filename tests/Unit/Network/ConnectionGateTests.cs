using System.Net;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Network;

namespace Sternpost.Unit.Network;

/// <summary>How many connections one peer, one network and everybody may have.</summary>
public sealed class ConnectionGateTests
{
    private static readonly ConnectionLimits Limits = new() { Total = 100, PerAddress = 3, PerNetwork = 5, PerAddressPerMinute = 1000 };

    private readonly FakeTimeProvider time = new();

    [Theory]
    // The limit of one address, then of its network.
    [InlineData(3, "192.0.2.1")]
    [InlineData(5, "192.0.2.1", "192.0.2.2", "192.0.2.3")]
    // An IPv6 /64 is one address, a /48 one network.
    [InlineData(3, "2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1:ffff::3")]
    [InlineData(5, "2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:0:3::1")]
    [InlineData(6, "192.0.2.1", "192.0.3.1")]
    [InlineData(6, "2001:db8:0:1::1", "2001:db8:1:1::1")]
    public void Open_connections_are_counted(int expected, params string[] addresses)
    {
        var gate = new ConnectionGate(Limits, time);
        var entered = Enumerable.Range(0, 30).Count(i => gate.Enter(IPAddress.Parse(addresses[i % addresses.Length])) is not null);
        Assert.Equal(expected, entered);
    }

    [Fact]
    public void A_place_given_back_twice_is_one_place()
    {
        var gate = new ConnectionGate(Limits with { PerAddress = 1 }, time);
        var address = IPAddress.Parse("192.0.2.1");
        var place = gate.Enter(address)!;
        Assert.Null(gate.Enter(address));
        place.Dispose();
        place.Dispose();
        Assert.NotNull(gate.Enter(address));
        Assert.Null(gate.Enter(address));
    }

    [Fact]
    public void New_connections_are_counted_by_the_minute()
    {
        var gate = new ConnectionGate(Limits with { PerAddressPerMinute = 4 }, time);
        var address = IPAddress.Parse("192.0.2.1");
        for (var minute = 0; minute < 3; minute++)
        {
            for (var i = 0; i < 4; i++) gate.Enter(address)!.Dispose();
            Assert.Null(gate.Enter(address));
            Assert.NotNull(gate.Enter(IPAddress.Parse("192.0.2.2")));
            time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public void Exempt_networks_have_only_the_total()
    {
        var gate = new ConnectionGate(Limits with { Exempt = [IPNetwork.Parse("192.0.2.0/24")] }, time);
        Assert.Equal(100, Enumerable.Range(0, 200).Count(_ => gate.Enter(IPAddress.Parse("192.0.2.1")) is not null));
        Assert.Null(gate.Enter(IPAddress.Parse("203.0.113.1")));
    }

    [Fact]
    public void Whatever_the_order_the_limits_hold_and_in_the_end_nothing_is_left() =>
        Gen.Select(Gen.Int[0, 7], Gen.Bool).Array[1, 200].Sample(steps =>
        {
            var gate = new ConnectionGate(Limits, new FakeTimeProvider());
            var open = new List<(IPAddress Address, IDisposable Place)>();
            foreach (var (host, enter) in steps)
            {
                var address = IPAddress.Parse($"192.0.{host % 2}.{host}");
                if (enter && gate.Enter(address) is { } place) open.Add((address, place));
                else if (!enter && open.Count > 0)
                {
                    open[host % open.Count].Place.Dispose();
                    open.RemoveAt(host % open.Count);
                }
                Assert.All(open.GroupBy(one => one.Address), group => Assert.InRange(group.Count(), 1, Limits.PerAddress));
                Assert.All(open.GroupBy(one => one.Address.GetAddressBytes()[2]), group => Assert.InRange(group.Count(), 1, Limits.PerNetwork));
            }
            foreach (var (_, place) in open) place.Dispose();
            for (var i = 0; i < Limits.PerAddress; i++) Assert.NotNull(gate.Enter(IPAddress.Parse("192.0.0.0")));
        }, iter: 300);
}
