using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Smtp.Server;

namespace Sternpost.Unit.Smtp;

/// <summary>Who is asked to come back later, and for how long; who is known.</summary>
public sealed class OffendersTests
{
    private readonly FakeTimeProvider time = new();

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8::1", "2001:db8::2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    public void A_peer_is_an_address_or_a_64(string offender, string other, bool barred)
    {
        var offenders = new Offenders(3, time);
        for (var i = 0; i < 3; i++) offenders.Add(IPAddress.Parse(offender));
        Assert.True(offenders.IsBarred(IPAddress.Parse(offender)));
        Assert.Equal(barred, offenders.IsBarred(IPAddress.Parse(other)));
    }

    [Fact]
    public void A_network_that_offends_from_many_addresses_is_barred_whole()
    {
        var offenders = new Offenders(3, time);
        for (var i = 1; i <= 12; i++)
        {
            Assert.False(offenders.IsBarred(IPAddress.Parse("192.0.2.200")));
            offenders.Add(IPAddress.Parse($"192.0.2.{i}"));
        }
        Assert.True(offenders.IsBarred(IPAddress.Parse("192.0.2.200")));
        Assert.False(offenders.IsBarred(IPAddress.Parse("192.0.3.1")));
    }

    [Fact]
    public void After_an_hour_all_is_forgiven()
    {
        var offenders = new Offenders(1, time);
        offenders.Add(IPAddress.Parse("192.0.2.1"));
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.True(offenders.IsBarred(IPAddress.Parse("192.0.2.1")));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.False(offenders.IsBarred(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void A_limit_of_zero_bars_nobody()
    {
        var offenders = new Offenders(0, time);
        offenders.Add(IPAddress.Parse("192.0.2.1"));
        Assert.False(offenders.IsBarred(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void A_known_client_is_forgotten_after_a_week()
    {
        var known = new KnownClients(time);
        known.Add(IPAddress.Parse("2001:db8::1"));
        Assert.True(known.Contains(IPAddress.Parse("2001:db8::2")));
        Assert.False(known.Contains(IPAddress.Parse("2001:db8:1::1")));
        time.Advance(TimeSpan.FromDays(8));
        Assert.False(known.Contains(IPAddress.Parse("2001:db8::1")));
    }
}
