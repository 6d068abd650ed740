using System.Net;
using System.Net.Sockets;
using Sternpost.Dns;

namespace Sternpost.Unit.Dns;

public sealed class ZoneResolverTests
{
    private static readonly ZoneResolver Zone = new ZoneResolver()
        .Txt("example.com", "v=spf1 ", "-all")
        .Address("mail.example.com", "192.0.2.1", "2001:db8::1")
        .Mx("example.com", 20, "b.example.com").Mx("example.com", 10, "a.example.com").Mx("null.example.com", 0, ".")
        .Reverse("192.0.2.1", "mail.example.com").Reverse("2001:db8::1", "mail.example.com")
        .Cname("alias.example.com", "mail.example.com").Cname("loop.example.com", "loop.example.com")
        .Fails("broken.example.com");

    [Fact]
    public async Task CharacterStringsAreJoinedWithoutASpace() =>
        Assert.Equal(["v=spf1 -all"], (await Zone.TxtAsync(DomainName.Parse("example.com"), default)).Records);

    [Theory]
    [InlineData("mail.example.com", DnsStatus.Success)]
    [InlineData("alias.example.com", DnsStatus.Success)]
    [InlineData("example.com", DnsStatus.NoData)]
    [InlineData("com", DnsStatus.NoData)]
    [InlineData("nowhere.example.com", DnsStatus.NameError)]
    [InlineData("broken.example.com", DnsStatus.TemporaryFailure)]
    [InlineData("loop.example.com", DnsStatus.TemporaryFailure)]
    public async Task EachOutcome(string name, DnsStatus status) =>
        Assert.Equal(status, (await Zone.AddressesAsync(DomainName.Parse(name), AddressFamily.InterNetwork, default)).Status);

    [Fact]
    public async Task ExchangesComeByPreferenceAndANullMxHasNone()
    {
        Assert.Equal(["a.example.com", "b.example.com"], (await Zone.MxAsync(DomainName.Parse("example.com"), default)).Records.Select(mx => mx.Exchange!.Ascii));
        Assert.Null((await Zone.MxAsync(DomainName.Parse("null.example.com"), default)).Records[0].Exchange);
    }

    [Theory]
    [InlineData("192.0.2.1", "1.2.0.192.in-addr.arpa")]
    [InlineData("::ffff:192.0.2.1", "1.2.0.192.in-addr.arpa")]
    [InlineData("2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")]
    public void AddressesAreReversed(string address, string name) => Assert.Equal(name, ReverseName.Of(IPAddress.Parse(address)).Ascii);

    [Fact]
    public async Task ReverseNamesOfBothFamilies()
    {
        Assert.Equal("mail.example.com", (await Zone.PtrAsync(IPAddress.Parse("192.0.2.1"), default)).Records[0].Ascii);
        Assert.Equal("mail.example.com", (await Zone.PtrAsync(IPAddress.Parse("2001:db8::1"), default)).Records[0].Ascii);
    }
}
