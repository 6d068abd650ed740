using Sternpost.Dns;
using Sternpost.MailAuth.Dmarc;

namespace Sternpost.Unit.MailAuth.Dmarc;

/// <summary>RFC 9990 §4 and §3.5.</summary>
public sealed class ReportDestinationsTests
{
    private static readonly DomainName Blue = DomainName.Parse("blue.example.com");

    [Theory]
    [InlineData("mailto:a@example.com", "a@example.com")]
    [InlineData(" mailto:a@example.com , MAILTO:b@example.net!10m", "a@example.com b@example.net/10485760")]
    [InlineData("mailto:a%2Bb@example.com", "a+b@example.com")]
    [InlineData("mailto:a@example.com?subject=x", "a@example.com")]
    [InlineData("https://example.com/report,mailto:a@example.com", "a@example.com")]
    [InlineData("mailto:a@example.com,mailto:A@EXAMPLE.COM", "a@example.com")]
    [InlineData("mailto:, mailto:@x, mailto:a, nonsense", "")]
    [InlineData("mailto:a@x.test,mailto:b@x.test,mailto:c@x.test,mailto:d@x.test,mailto:e@x.test,mailto:f@x.test", "a@x.test b@x.test c@x.test d@x.test e@x.test")]
    public void UrisAreReadInOrderAndWhatIsMalformedIsPassedOver(string uris, string wanted) =>
        Assert.Equal(wanted, string.Join(' ', ReportDestinations.Parse(uris).Select(destination => destination.MaxOctets is { } size ? $"{destination.Address}/{size}" : $"{destination.Address}")));

    [Fact]
    public async Task TheDomainItselfNeedsNotBeAsked()
    {
        var zone = new ZoneResolver();
        Assert.Equal(DestinationState.Allowed, (await AskAsync(zone, "x@blue.example.com")).State);
        Assert.Equal(0, zone.Asked);
    }

    [Fact]
    public async Task TheSameOrganisationNeedsNotAgree() =>
        Assert.Equal(DestinationState.Allowed, (await AskAsync(new ZoneResolver().Txt("_dmarc.example.com", "v=DMARC1; p=none").Txt("_dmarc.blue.example.com", "v=DMARC1; p=none"), "x@example.com")).State);

    [Fact]
    public async Task AnotherOrganisationMustAgree()
    {
        Assert.Equal(DestinationState.Refused, (await AskAsync(Zone(), "reports@red.example.net")).State);
        var agreed = await AskAsync(Zone().Txt("blue.example.com._report._dmarc.red.example.net", "v=DMARC1"), "reports@red.example.net");
        Assert.Equal((DestinationState.Allowed, "reports@red.example.net"), (agreed.State, agreed.Destination!.Address.ToString()));
    }

    [Fact]
    public async Task WhatIsNoDmarcRecordAgreesToNothing() =>
        Assert.Equal(DestinationState.Refused, (await AskAsync(Zone().Txt("blue.example.com._report._dmarc.red.example.net", "v=spf1 -all", "nonsense"), "reports@red.example.net")).State);

    [Fact]
    public async Task TheDestinationMayNameAnotherAddressOfItsOwn() =>
        Assert.Equal("other@red.example.net", (await AskAsync(Zone().Txt("blue.example.com._report._dmarc.red.example.net", "v=DMARC1; rua=mailto:other@red.example.net"), "reports@red.example.net")).Destination!.Address.ToString());

    [Fact]
    public async Task WhoPassesItOnToOthersGetsNothing() =>
        Assert.Equal(DestinationState.Refused, (await AskAsync(Zone().Txt("blue.example.com._report._dmarc.red.example.net", "v=DMARC1; rua=mailto:victim@elsewhere.test"), "reports@red.example.net")).State);

    [Fact]
    public async Task AMalformedOverrideIsPassedOver() =>
        Assert.Equal("reports@red.example.net", (await AskAsync(Zone().Txt("blue.example.com._report._dmarc.red.example.net", "v=DMARC1; rua=nonsense"), "reports@red.example.net")).Destination!.Address.ToString());

    [Fact]
    public async Task WhereDnsDoesNotAnswerNothingIsKnown() =>
        Assert.Equal(DestinationState.Unknown, (await AskAsync(Zone().Fails("blue.example.com._report._dmarc.red.example.net"), "reports@red.example.net")).State);

    [Fact]
    public async Task ANameTooLongToAskForIsARefusal()
    {
        var longName = DomainName.Parse(string.Join('.', Enumerable.Repeat(new string('a', 60), 3)) + ".example.com");
        var answer = await ReportDestinations.VerifyAsync(longName, Assert.Single(ReportDestinations.Parse("mailto:x@" + new string('b', 60) + ".example.net")), new ZoneResolver(), default);
        Assert.Equal(DestinationState.Refused, answer.State);
    }

    private static ZoneResolver Zone() => new ZoneResolver().Txt("_dmarc.blue.example.com", "v=DMARC1; p=none");

    private static ValueTask<DestinationAnswer> AskAsync(ZoneResolver zone, string address) =>
        ReportDestinations.VerifyAsync(Blue, Assert.Single(ReportDestinations.Parse("mailto:" + address)), zone, default);
}
