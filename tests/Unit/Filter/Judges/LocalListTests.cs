using System.Net;
using CsCheck;
using Sternpost.Filter.Judges.LocalLists;

namespace Sternpost.Unit.Filter.Judges;

public sealed class LocalListTests
{
    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.77", true)]
    [InlineData("192.0.2.0/24", "192.0.3.77", false)]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("2001:db8::/32", "2001:db8:1::5", true)]
    [InlineData("2001:db8::/32", "2001:db9::5", false)]
    [InlineData("0.0.0.0/0", "203.0.113.9", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    public void A_network_holds_its_addresses(string entry, string client, bool holds)
    {
        var list = new LocalList();
        Assert.True(list.TryAdd(entry));
        Assert.Equal(holds, list.Has(IPAddress.Parse(client)));
    }

    [Fact]
    public void Networks_agree_with_the_systems_own_arithmetic()
    {
        Gen.Select(Gen.UInt, Gen.Int[0, 32], Gen.UInt).Sample((given, length, other) =>
        {
            var mask = length == 0 ? 0 : uint.MaxValue << (32 - length);
            var network = new IPNetwork(Address(given & mask), length);
            var list = new LocalList();
            Assert.True(list.TryAdd(network.ToString()));
            Assert.Equal(network.Contains(Address(other)), list.Has(Address(other)));
            Assert.True(list.Has(Address(given)));
        });

        static IPAddress Address(uint bits) => new([(byte)(bits >> 24), (byte)(bits >> 16), (byte)(bits >> 8), (byte)bits]);
    }

    [Theory]
    [InlineData("example.com", "a@example.com", true)]
    [InlineData("example.com", "a@mail.example.com", true)]
    [InlineData("example.com", "a@badexample.com", false)]
    [InlineData("a@example.com", "A@Example.com", true)]
    [InlineData("a@example.com", "b@example.com", false)]
    public void A_domain_holds_its_addresses_and_subdomains(string entry, string address, bool holds)
    {
        var list = new LocalList();
        Assert.True(list.TryAdd(entry));
        Assert.Equal(holds, list.Find(address) is not null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("192.0.2.0/99")]
    [InlineData("@")]
    public void What_is_nothing_of_these_is_refused(string entry) => Assert.False(new LocalList().TryAdd(entry));
}
