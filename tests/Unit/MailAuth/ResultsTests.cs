using CsCheck;
using Sternpost.Dns;
using Sternpost.MailAuth.Arc;
using Sternpost.MailAuth.Results;

namespace Sternpost.Unit.MailAuth;

public sealed class ResultsTests
{
    [Fact]
    public void FieldsOfOtherServersAreRead()
    {
        var results = ResultsReader.Read("mx.example.org 1; spf=pass (a (nested) comment; with=signs) smtp.mailfrom=a@example.com;\r\n\tdkim=fail reason=\"bad \\\"key\" header.d=example.com; dmarc/1=Pass header.from=\"example.com\"; arc=none");
        Assert.Equal(["spf", "dkim", "dmarc", "arc"], results.Select(result => result.Method));
        Assert.Equal(["pass", "fail", "pass", "none"], results.Select(result => result.Result));
        Assert.Equal("a@example.com", results[0]["smtp.mailfrom"]);
        Assert.Equal("bad \"key", results[1]["reason"]);
        Assert.Equal("example.com", results[2]["Header.From"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("mx.example.org")]
    [InlineData("mx.example.org; none")]
    [InlineData("mx.example.org; (unclosed dmarc=pass")]
    [InlineData("mx.example.org; \"dmarc=pass\"")]
    public void WhatIsNoResultIsNone(string value) => Assert.Empty(ResultsReader.Read(value));

    [Fact]
    public void NothingThrows()
    {
        var part = Gen.OneOf("a", ";", "=", "(", ")", "\"", "\\", " ", "dmarc", "pass", "header.from", "\r\n\t", "/1");
        part.Array[0, 60].Sample(parts => ResultsReader.Read(string.Concat(parts)), iter: 5000);
        Gen.String[0, 200].Sample(text => ResultsReader.Read(text), iter: 3000);
    }

    [Fact]
    public void OnlyTrustedSealersExplain()
    {
        var author = DomainName.Parse("example.com");
        DomainName list = DomainName.Parse("list.example"), relay = DomainName.Parse("relay.example");
        var chain = new ArcResult(ArcKind.Pass, "")
        {
            Links = [new ArcLink(1, list, "mx.list.example; dmarc=pass header.from=example.com"), new ArcLink(2, relay, "relay.example; dmarc=fail header.from=example.com")],
        };
        Assert.Equal(1, ArcTrust.Explains(chain, author, [list, relay])?.Instance);
        Assert.Null(ArcTrust.Explains(chain, author, [list]));
        Assert.Null(ArcTrust.Explains(chain, author, []));
        Assert.Null(ArcTrust.Explains(chain, DomainName.Parse("other.example"), [list, relay]));
        Assert.Null(ArcTrust.Explains(chain with { Kind = ArcKind.Fail }, author, [list, relay]));
    }
}
