using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Dns;
using Sternpost.Queue;
using Sternpost.Queue.Routing;
using Sternpost.Smtp.Client;

namespace Sternpost.Unit.Queue;

/// <summary>Which servers are tried for a domain, and in which order (RFC 5321 §5.1).</summary>
public class ServerSearchTests
{
    private static readonly QueueOptions Options = new() { HostName = DomainName.Parse("mail.example.com") };

    private const string Own = "203.0.113.1";

    private readonly ZoneResolver zone = new();
    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task Servers_come_by_preference_and_IPv6_before_IPv4()
    {
        zone.Mx("dest.test", 20, "second.dest.test").Mx("dest.test", 10, "first.dest.test")
            .Address("first.dest.test", "192.0.2.1", "2001:db8::1").Address("second.dest.test", "192.0.2.2");
        Assert.Equal("first.dest.test[2001:db8::1]:25 first.dest.test[192.0.2.1]:25 second.dest.test[192.0.2.2]:25", await SearchAsync("dest.test"));
    }

    [Fact]
    public async Task Servers_of_a_later_preference_are_not_looked_up_before_they_are_needed()
    {
        zone.Mx("dest.test", 10, "first.dest.test").Mx("dest.test", 20, "second.dest.test").Address("first.dest.test", "192.0.2.1").Address("second.dest.test", "192.0.2.2");
        var search = Servers(Options).Search(new NextHop.Exchanges(DomainName.Parse("dest.test")));
        Assert.Equal("first.dest.test", (await search.NextAsync(default))!.Name);
        Assert.Equal(3, zone.Asked);
    }

    [Fact]
    public async Task Equal_preferences_share_the_load()
    {
        for (var n = 0; n < 4; n++) zone.Mx("dest.test", 10, $"mx{n}.dest.test").Address($"mx{n}.dest.test", $"192.0.2.{n}");
        var servers = Servers(Options);
        var first = new HashSet<string>();
        for (var n = 0; n < 100; n++) first.Add((await SearchAsync(servers, "dest.test")).Split(' ')[0]);
        Assert.Equal(4, first.Count);
    }

    [Theory]
    [InlineData("implicit.test", "implicit.test[192.0.2.9]:25")]
    [InlineData("nothere.test", "5.1.2")]
    [InlineData("bare.test", "5.4.4")]
    [InlineData("sick.test", "4.4.3")]
    [InlineData("null.test", "5.1.10")]
    [InlineData("halfnull.test", "mx.halfnull.test[192.0.2.9]:25")]
    [InlineData("unusable.test", "5.4.4")]
    [InlineData("sickmx.test", "4.4.3")]
    [InlineData("alias.test", "mx.target.test[192.0.2.9]:25")]
    public async Task Each_state_of_DNS_has_its_outcome(string domain, string expected)
    {
        zone.Address("implicit.test", "192.0.2.9")
            .Exists("bare.test")
            .Fails("sick.test")
            .Mx("null.test", 0, ".")
            // RFC 7505 §3: a null MX beside others is a mistake, and the others count.
            .Mx("halfnull.test", 0, ".").Mx("halfnull.test", 10, "mx.halfnull.test").Address("mx.halfnull.test", "192.0.2.9")
            .Mx("unusable.test", 10, "mx.unusable.test").Address("mx.unusable.test", "0.0.0.0", "224.0.0.1", "255.255.255.255", "ff02::1", "::")
            .Mx("sickmx.test", 10, "mx.sick.test").Fails("mx.sick.test")
            .Cname("alias.test", "target.test").Mx("target.test", 10, "mx.target.test").Address("mx.target.test", "192.0.2.9");
        Assert.Equal(expected, await SearchAsync(domain));
    }

    // RFC 5321 §5.1: where MX records exist the domain's own address is none of a mail server.
    [Fact]
    public async Task The_domains_own_address_is_no_fallback_for_MX_records_that_lead_nowhere()
    {
        zone.Mx("dest.test", 10, "nowhere.test").Address("dest.test", "192.0.2.9");
        Assert.Equal("5.4.4", await SearchAsync("dest.test"));
    }

    [Fact]
    public async Task Where_we_are_a_backup_only_servers_preferred_to_us_are_tried()
    {
        zone.Mx("dest.test", 10, "first.dest.test").Mx("dest.test", 20, "mail.example.com").Mx("dest.test", 20, "equal.dest.test").Mx("dest.test", 30, "third.dest.test");
        foreach (var host in new[] { "first.dest.test", "mail.example.com", "equal.dest.test", "third.dest.test" }) zone.Address(host, "192.0.2.9");
        Assert.Equal("first.dest.test[192.0.2.9]:25", await SearchAsync("dest.test"));
    }

    [Theory]
    [InlineData("mail.example.com", "192.0.2.9")]
    [InlineData("other.test", "127.0.0.1")]
    [InlineData("other.test", "::1")]
    [InlineData("other.test", Own)]
    public async Task Mail_that_would_come_back_to_us_is_not_sent(string exchange, string address)
    {
        zone.Mx("dest.test", 10, exchange).Address(exchange, address);
        Assert.Equal("5.4.6", await SearchAsync("dest.test"));
    }

    [Fact]
    public async Task An_own_address_ends_the_list_at_its_preference()
    {
        zone.Mx("dest.test", 10, "first.dest.test").Mx("dest.test", 20, "us.dest.test").Mx("dest.test", 30, "third.dest.test")
            .Address("first.dest.test", "192.0.2.1").Address("us.dest.test", "127.0.0.1").Address("third.dest.test", "192.0.2.3");
        Assert.Equal("first.dest.test[192.0.2.1]:25", await SearchAsync("dest.test"));
    }

    [Fact]
    public async Task An_address_that_failed_lately_is_tried_last_of_its_preference()
    {
        zone.Mx("dest.test", 10, "mx.dest.test").Address("mx.dest.test", "2001:db8::1", "192.0.2.1");
        var servers = Servers(Options);
        servers.Failed(IPAddress.Parse("2001:db8::1"));
        Assert.Equal("mx.dest.test[192.0.2.1]:25 mx.dest.test[2001:db8::1]:25", await SearchAsync(servers, "dest.test"));
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.StartsWith("mx.dest.test[2001:db8::1]", await SearchAsync(servers, "dest.test"));
        servers.Failed(IPAddress.Parse("2001:db8::1"));
        servers.Reached(IPAddress.Parse("2001:db8::1"));
        Assert.StartsWith("mx.dest.test[2001:db8::1]", await SearchAsync(servers, "dest.test"));
    }

    [Fact]
    public async Task A_zone_with_a_hundred_servers_costs_no_more_than_ten_attempts()
    {
        for (var n = 0; n < 100; n++) zone.Mx("dest.test", n, $"mx{n}.dest.test").Address($"mx{n}.dest.test", $"192.0.2.{n}", $"198.51.100.{n}");
        Assert.Equal(10, (await SearchAsync("dest.test")).Split(' ').Length);
    }

    [Fact]
    public async Task The_smarthost_is_found_by_address_records_or_by_its_address_and_may_be_on_this_computer()
    {
        zone.Address("relay.test", "192.0.2.5");
        Assert.Equal("relay.test[192.0.2.5]:587", await SearchAsync(Servers(Options), new NextHop.Relay("relay.test", 587, OutboundTls.Verified, null)));
        Assert.Equal("127.0.0.1[127.0.0.1]:2525", await SearchAsync(Servers(Options), new NextHop.Relay("127.0.0.1", 2525, OutboundTls.None, null)));
        Assert.Equal("5.4.4", await SearchAsync(Servers(Options), new NextHop.Relay("gone.test", 25, OutboundTls.None, null)));
    }

    [Theory]
    [InlineData("192.0.2.1", "5.3.2")]
    [InlineData("relay.test", "5.3.2")]
    [InlineData("127.0.0.5", "127.0.0.5[127.0.0.5]:25")]
    [InlineData("localhost", "localhost[::1]:25 localhost[127.0.0.1]:25")]
    public async Task The_demonstration_reaches_only_this_computer(string relay, string expected)
    {
        zone.Address("relay.test", "127.0.0.1");
        var servers = Servers(Options with { LoopbackOnly = true });
        Assert.Equal(expected, await SearchAsync(servers, new NextHop.Relay(relay, 25, OutboundTls.None, null)));
        Assert.Equal("5.3.2", await SearchAsync(servers, "dest.test"));
        Assert.Equal(0, zone.Asked);
    }

    private MailServers Servers(QueueOptions options) => new(zone, options, time, new Random(1), () => [IPAddress.Parse(Own)]);

    private Task<string> SearchAsync(string domain) => SearchAsync(Servers(Options), domain);

    private static Task<string> SearchAsync(MailServers servers, string domain) => SearchAsync(servers, new NextHop.Exchanges(DomainName.Parse(domain)));

    private static async Task<string> SearchAsync(MailServers servers, NextHop hop)
    {
        var search = servers.Search(hop);
        List<string> found = [];
        while (await search.NextAsync(default) is { } server) found.Add($"{server.Name}[{server.EndPoint.Address}]:{server.EndPoint.Port}");
        if (found.Count > 0) return string.Join(' ', found);
        Assert.Equal(search.Failure!.Status[0] == '5', search.Failure.IsPermanent);
        return search.Failure.Status;
    }
}
