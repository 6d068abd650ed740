using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Filter.Judges.Authentication;
using Sternpost.Filter.Verdicts;
using Sternpost.MailAuth.Arc;
using Sternpost.MailAuth.Dkim;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Unit.Filter.Judges;

public sealed class AuthenticationJudgeTests
{
    private const string Honest = "192.0.2.1", Other = "198.51.100.9";

    private static readonly DkimSigningKey Bank = DkimSigningKey.GenerateEd25519(DomainName.Parse("bank.example"), "k1");
    private static readonly DkimSigningKey List = DkimSigningKey.GenerateEd25519(DomainName.Parse("list.example"), "k1");

    [Fact]
    public async Task AProvedSenderGetsNoWeightAndNoVerdict()
    {
        var findings = await JudgeAsync(Signed(Bank, Text()), Honest);
        Assert.Equal(("DMARC_PASS", 0d, null), Only(findings));
    }

    [Fact]
    public async Task ForgeryOfADomainThatAsksForRefusalIsRefused()
    {
        var findings = await JudgeAsync(Text(), Other);
        Assert.Contains(findings, finding => finding is { Symbol: "DMARC_FAIL_REJECT", Compels: Disposition.Reject });
        Assert.Contains(findings, finding => finding.Symbol == "SPF_FAIL");
    }

    [Fact]
    public async Task ForgeryOfADomainThatAsksForQuarantineGoesToJunk()
    {
        var findings = await JudgeAsync(Text(), Other, zone => zone.Remove("_dmarc.bank.example").Txt("_dmarc.bank.example", "v=DMARC1; p=quarantine"));
        Assert.Contains(findings, finding => finding is { Symbol: "DMARC_FAIL_QUARANTINE", Compels: Disposition.Junk });
    }

    [Fact]
    public async Task ForwardedMailWithItsSignatureIsNotSuspect()
    {
        var findings = await JudgeAsync(Signed(Bank, Text()), Other);
        Assert.Equal(("DMARC_PASS", 0d, null), Only(findings));
    }

    [Fact]
    public async Task AListThatAddedItsFooterIsNotRefused()
    {
        // The author's signature is broken by the footer; the list signs anew and has its own bounce address.
        byte[] relayed = [.. Signed(Bank, Text()), .. "--\r\nleave: https://list.example\r\n"u8];
        byte[] message = Signed(List, [.. "List-Id: <talk.list.example>\r\n"u8, .. relayed]);
        var findings = await JudgeAsync(message, Other, sender: "talk-bounces@list.example");
        Assert.Contains(findings, finding => finding is { Symbol: "DMARC_FAIL_EXPLAINED", Compels: null });
        Assert.DoesNotContain(findings, finding => finding.Compels == Disposition.Reject);
    }

    [Fact]
    public async Task ListSignsAloneSaveFromRefusalButNotFromJunk()
    {
        var findings = await JudgeAsync([.. "List-Id: <talk.list.example>\r\n"u8, .. Text()], Other);
        Assert.Contains(findings, finding => finding is { Symbol: "DMARC_FAIL_QUARANTINE", Compels: Disposition.Junk });
    }

    [Fact]
    public async Task TheAdministratorMayHaveRejectHonouredWhateverExplainsIt()
    {
        var findings = await JudgeAsync([.. "List-Id: <talk.list.example>\r\n"u8, .. Text()], Other, options: new FilterOptions { HonourDmarcReject = true });
        Assert.Contains(findings, finding => finding is { Symbol: "DMARC_FAIL_REJECT", Compels: Disposition.Reject });
    }

    [Fact]
    public async Task ATrustedForwarderIsBelieved()
    {
        var findings = await JudgeAsync(Text(), Other, options: new FilterOptions { TrustedForwarders = [DomainName.Parse("alumni.example")] }, reverse: "mx1.alumni.example");
        Assert.Contains(findings, finding => finding.Symbol == "DMARC_FAIL_EXPLAINED");
    }

    [Theory]
    [InlineData("list.example", "DMARC_FAIL_EXPLAINED")]
    [InlineData("other.example", "DMARC_FAIL_REJECT")]
    public async Task AnArcChainIsBelievedOnlyOfTrustedSealers(string trusted, string symbol)
    {
        byte[] fields = ArcSealer.Seal(Text(), new ArcResult(ArcKind.None, ""), "mx.list.example", "dmarc=pass header.from=bank.example", List, Letter.Arrived);
        var findings = await JudgeAsync([.. fields, .. Text()], Other, options: new FilterOptions { TrustedSealers = [DomainName.Parse(trusted)] });
        Assert.Contains(findings, finding => finding.Symbol == symbol);
    }

    [Fact]
    public async Task WhatDnsCannotSayNowDecidesNothing()
    {
        var findings = await JudgeAsync(Text(), Other, zone => zone.Remove("_dmarc.bank.example").Fails("_dmarc.bank.example"));
        Assert.DoesNotContain(findings, finding => finding.Compels is not null || finding.Symbol.StartsWith("DMARC", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AStrangerInTheNameOfOurDomainIsNoticed()
    {
        var findings = await JudgeAsync(Text("ceo@home.example"), Other, sender: "x@list.example");
        Assert.Contains(findings, finding => finding.Symbol == "OWN_DOMAIN_FORGED");
        Assert.DoesNotContain(await JudgeAsync(Text("ceo@home.example"), Honest, zone => zone.Txt("home.example", "v=spf1 ip4:192.0.2.1 -all"), sender: "ceo@home.example"),
            finding => finding.Symbol == "OWN_DOMAIN_FORGED");
    }

    [Fact]
    public async Task SeveralAuthorsGoToJunk()
    {
        var findings = await JudgeAsync(Text("ann@bank.example>, <x@evil.example"), Other);
        Assert.Contains(findings, finding => finding is { Symbol: "FROM_AMBIGUOUS", Compels: Disposition.Junk });
    }

    [Fact]
    public async Task WithoutAClientNothingIsSaid()
    {
        Assert.Empty(await JudgeAsync(Text(), "0.0.0.0"));
    }

    private static (string, double, Disposition?) Only(IReadOnlyList<Finding> findings) => Assert.Single(findings) is var one ? (one.Symbol, one.Weight, one.Compels) : default;

    private static byte[] Text(string from = "ann@bank.example") =>
        Encoding.ASCII.GetBytes($"From: <{from}>\r\nTo: b@example.net\r\nSubject: Hello\r\nDate: Mon, 4 May 2026 12:00:00 +0000\r\n\r\nText\r\n");

    private static byte[] Signed(DkimSigningKey key, byte[] message) => [.. DkimSigner.Sign(message, key, Letter.Arrived), .. message];

    private static async Task<IReadOnlyList<Finding>> JudgeAsync(
        byte[] raw, string client, Action<ZoneResolver>? change = null, string sender = "ann@bank.example", FilterOptions? options = null, string? reverse = null)
    {
        var zone = new ZoneResolver()
            .Txt("bank.example", "v=spf1 ip4:192.0.2.1 -all").Txt("_dmarc.bank.example", "v=DMARC1; p=reject").Txt(Bank.RecordName.Ascii, Bank.RecordText)
            .Txt("list.example", "v=spf1 ip4:198.51.100.9 -all").Txt(List.RecordName.Ascii, List.RecordText);
        change?.Invoke(zone);
        var judge = new AuthenticationJudge(options ?? new FilterOptions(), zone, (domain, _) => ValueTask.FromResult(domain.Ascii == "home.example"), new FakeTimeProvider(Letter.Arrived));
        var session = Letter.Session(client, "mx.example.org") with { ReverseName = reverse is null ? null : DomainName.Parse(reverse) };
        var message = new MessageUnderJudgement(session, new Envelope(EmailAddress.Parse(sender), [new EnvelopeRecipient(Letter.Address("reader@example.com"))]), raw);
        return await judge.JudgeAsync(message, default);
    }
}
