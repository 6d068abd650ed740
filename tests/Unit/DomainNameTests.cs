using Sternpost.Dns;
using Sternpost.Messages.Addresses;

namespace Sternpost.Unit;

public class DomainNameTests
{
    [Theory]
    [InlineData("Example.COM.", "example.com")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("_dmarc.example.com", "_dmarc.example.com")]
    public void Parses_to_lower_case_A_labels(string text, string ascii)
    {
        Assert.True(DomainName.TryParse(text, out var name));
        Assert.Equal(ascii, name.Ascii);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData("-a.example")]
    [InlineData("a b.example")]
    public void Refuses_what_is_no_host_name(string text) => Assert.False(DomainName.TryParse(text, out _));

    [Fact]
    public void Within_means_equal_or_below_not_a_mere_suffix()
    {
        Assert.True(DomainName.Parse("a.example.com").IsWithin(DomainName.Parse("example.com")));
        Assert.False(DomainName.Parse("badexample.com").IsWithin(DomainName.Parse("example.com")));
    }

    [Theory]
    [InlineData("alice@example.com", "alice@example.com")]
    [InlineData("\"a b\"@example.com", "\"a b\"@example.com")]
    [InlineData("\"alice\"@example.com", "alice@example.com")]
    public void Addresses_print_quoted_only_where_they_must(string text, string printed)
    {
        Assert.True(EmailAddress.TryParse(text, out var address));
        Assert.Equal(printed, address.ToString());
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("@example.com")]
    [InlineData("a..b@example.com")]
    [InlineData("a b@example.com")]
    public void Refuses_what_is_no_address(string text) => Assert.False(EmailAddress.TryParse(text, out _));
}
