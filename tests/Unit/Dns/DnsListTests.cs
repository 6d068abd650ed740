using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Dns;
using Sternpost.Dns.Lists;

namespace Sternpost.Unit.Dns;

public sealed class DnsListTests
{
    private static readonly ZoneResolver Zone = new ZoneResolver()
        .Address("2.0.0.127.list.test", "127.0.0.2")
        .Address("3.0.0.127.list.test", "203.0.113.9")
        .Address("4.0.0.127.list.test", "127.255.255.254")
        .Address("evil.test.list.test", "127.0.1.2", "127.0.1.4")
        .Address("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.list.test", "127.0.0.3")
        .Fails("5.0.0.127.list.test");

    private readonly DnsList list = new(Zone, DomainName.Parse("list.test"), NullLogger.Instance);

    [Theory]
    [InlineData("127.0.0.2", DnsListOutcome.Listed)]
    [InlineData("2001:db8::1", DnsListOutcome.Listed)]
    [InlineData("127.0.0.1", DnsListOutcome.NotListed)]
    [InlineData("127.0.0.3", DnsListOutcome.NotListed)]
    [InlineData("127.0.0.4", DnsListOutcome.Refused)]
    [InlineData("127.0.0.5", DnsListOutcome.Unavailable)]
    public async Task OnlyProperListingsCount(string address, DnsListOutcome outcome) =>
        Assert.Equal(outcome, (await list.AskAsync(IPAddress.Parse(address), default)).Outcome);

    [Fact]
    public async Task DomainsKeepTheirOrderAndCodesTellTheClass()
    {
        var answer = await list.AskAsync(DomainName.Parse("evil.test"), default);
        Assert.True(answer.Has(octet => octet == 4));
        Assert.False(answer.Has(octet => octet == 2 && answer.Codes.Count == 1));
    }
}
