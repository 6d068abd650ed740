using System.Net;
using Sternpost.Dns;
using Sternpost.MailAuth.Published;

namespace Sternpost.Unit.MailAuth;

/// <summary>What 'dns check' says of each record: as wanted, missing, or doing harm, and in which words.</summary>
public sealed class DnsComparisonTests
{
    private const string Key = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    private const string Raw = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    private const string Pin = "3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static readonly PublishedFacts Facts = new(
        DomainName.Parse("example.com"), DomainName.Parse("mail.example.com"), [IPAddress.Parse("192.0.2.1")], [new PublishedKey("r1", "rsa", Key), new PublishedKey("e1", "ed25519", Raw)])
    {
        StsRecord = "v=STSv1; id=abc123",
        Tlsa = Pin,
        CertificateAuthority = "letsencrypt.org",
    };

    [Fact]
    public async Task WhatIsShownIsInOrderOncePublished()
    {
        var checks = await CheckAsync(Sound());
        Assert.Empty(checks.Where(check => check.State != PublishedState.Published).Select(check => $"{check.Record.Name} {check.Record.Type} {check.State}: {string.Join(' ', check.Remarks)}"));
        Assert.Equal(19, checks.Count);
        Assert.DoesNotContain(checks, check => check.IsFailure);
    }

    [Fact]
    public async Task WithoutAnyRecordTheEssentialOnesFail()
    {
        var checks = await CheckAsync(new ZoneResolver());
        Assert.All(checks, check => Assert.Equal(PublishedState.Missing, check.State));
        Assert.All(checks, check => Assert.NotEmpty(check.Remarks));
        Assert.Equal(["A mail.example.com", "MX example.com", "PTR 1.2.0.192.in-addr.arpa", "TXT _dmarc.example.com", "TXT example.com", "TXT r1._domainkey.example.com"],
            checks.Where(check => check.IsFailure).Select(check => $"{check.Record.Type} {check.Record.Name}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task WhereDnsDoesNotAnswerNothingIsSaid()
    {
        var zone = new ZoneResolver();
        foreach (var record in DnsRecords.For(Facts)) zone.Fails(record.Name);
        zone.Fails("_dmarc.com").Fails("example.com").Fails("com");
        Assert.All(await CheckAsync(zone), check => Assert.Equal(PublishedState.Unknown, check.State));
    }

    [Theory]
    [InlineData("v=spf1 a:mail.example.com ~all", PublishedState.Published, "")]
    [InlineData("v=spf1 ip4:192.0.2.0/24 -all", PublishedState.Published, "")]
    [InlineData("v=spf1 ip4:203.0.113.1 -all", PublishedState.Different, "comes out as \"fail\"")]
    [InlineData("v=spf1 mx +all", PublishedState.Different, "whole world")]
    [InlineData("v=spf1 mx", PublishedState.Published, "says nothing about other senders")]
    [InlineData("v=spf1 mx ptr -all", PublishedState.Published, "should not be used")]
    [InlineData("v=spf1 mx ip4:nonsense -all", PublishedState.Different, "cannot be understood")]
    [InlineData("v=spf1 mx include:nothing.test -all", PublishedState.Different, "leads to no SPF record")]
    [InlineData("v=spf1 mx include:broken.test -all", PublishedState.Different, "cannot be understood")]
    [InlineData("v=spf1 mx include:many.test -all", PublishedState.Different, "12 DNS lookups and 10 are allowed")]
    [InlineData("v=spf1 mx include:some.test -all", PublishedState.Published, "8 of the 10")]
    public async Task SpfIsJudgedByWhatItDoes(string record, PublishedState state, string words)
    {
        var zone = Sound(without: "example.com").Mx("example.com", 10, "mail.example.com").Txt("example.com", record)
            .Txt("broken.test", "v=spf1 nonsense -all")
            .Txt("many.test", "v=spf1 " + string.Join(' ', Enumerable.Range(0, 10).Select(number => $"a:h{number}.test")) + " -all")
            .Txt("some.test", "v=spf1 " + string.Join(' ', Enumerable.Range(0, 6).Select(number => $"a:h{number}.test")) + " -all");
        await ExpectAsync(zone, "TXT", "example.com", state, words);
    }

    [Fact]
    public Task ASecondSpfRecordIsNoticed() =>
        ExpectAsync(Sound().Txt("example.com", "v=spf1 include:other.test -all"), "TXT", "example.com", PublishedState.Different, "several SPF records");

    [Fact]
    public Task ARecordOfAnotherKindIsNoSecondSpf() => ExpectAsync(Sound().Txt("example.com", "site-verification=1"), "TXT", "example.com", PublishedState.Published, "");

    [Theory]
    [InlineData("k=ed25519; p=" + Raw, PublishedState.Published, "")]
    [InlineData("v=DKIM1; k=ed25519; t=y; p=" + Raw, PublishedState.Published, "being tested")]
    [InlineData("v=DKIM1; k=ed25519; p=", PublishedState.Different, "revokes the key")]
    [InlineData("v=DKIM1; k=ed25519; p=AAAA", PublishedState.Different, "another key")]
    [InlineData("v=DKIM1; p=" + Raw, PublishedState.Different, "k=rsa")]
    [InlineData("v=DKIM1; k=ed25519; h=sha1; p=" + Raw, PublishedState.Different, "SHA-256")]
    [InlineData("v=DKIM1; k=ed25519; s=tlsrpt; p=" + Raw, PublishedState.Different, "not for email")]
    [InlineData("v=DKIM1; k=ed25519", PublishedState.Different, "no p=")]
    public Task DkimRecordsAreReadAsReceiversReadThem(string record, PublishedState state, string words) =>
        ExpectAsync(Sound(without: "e1._domainkey.example.com").Txt("e1._domainkey.example.com", record), "TXT", "e1._domainkey.example.com", state, words);

    [Fact]
    public Task SeveralKeysAtASelectorAreChance() =>
        ExpectAsync(Sound().Txt("e1._domainkey.example.com", "v=DKIM1; p=AAAA"), "TXT", "e1._domainkey.example.com", PublishedState.Different, "several TXT records");

    [Theory]
    [InlineData("v=DMARC1; p=reject; rua=mailto:postmaster@example.com", PublishedState.Published, "")]
    [InlineData("v=DMARC1; p=none; rua=mailto:postmaster@example.com", PublishedState.Published, "p=none")]
    [InlineData("v=DMARC1; p=reject", PublishedState.Published, "no reports")]
    [InlineData("v=DMARC1; p=reject; t=y; rua=mailto:postmaster@example.com", PublishedState.Published, "being tested")]
    [InlineData("v=DMARC1; p=reject; rua=mailto:x@reader.test", PublishedState.Published, "not agreed")]
    [InlineData("v=DMARC1; p=nonsense", PublishedState.Different, "makes no sense")]
    [InlineData("v=dmarc1; p=reject", PublishedState.Different, "exactly")]
    public Task DmarcIsLeftToTheAdministratorWhereItWorks(string record, PublishedState state, string words) =>
        ExpectAsync(Sound(without: "_dmarc.example.com").Txt("_dmarc.example.com", record), "TXT", "_dmarc.example.com", state, words);

    [Fact]
    public Task SeveralDmarcRecordsCountAsNone() =>
        ExpectAsync(Sound().Txt("_dmarc.example.com", "v=DMARC1; p=none"), "TXT", "_dmarc.example.com", PublishedState.Different, "several DMARC records");

    [Fact]
    public async Task TheDmarcRecordOfADomainAboveCounts()
    {
        var facts = Facts with { Domain = DomainName.Parse("branch.example.com") };
        var checks = await DnsComparison.CheckAsync(facts, new ZoneResolver().Txt("_dmarc.example.com", "v=DMARC1; p=reject; sp=quarantine"), TimeProvider.System, default);
        var check = checks.Single(check => check.Record.Name == "_dmarc.branch.example.com");
        Assert.Equal(PublishedState.Published, check.State);
        Assert.Contains("sp=quarantine", Assert.Single(check.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public Task ANullMxIsToldFromAnother() =>
        ExpectAsync(Sound(without: "example.com").Mx("example.com", 0, "."), "MX", "example.com", PublishedState.Different, "no mail at all");

    [Fact]
    public Task MailThatGoesElsewhereIsNoticed() =>
        ExpectAsync(Sound(without: "example.com").Mx("example.com", 10, "mx.other.test"), "MX", "example.com", PublishedState.Different, "mx.other.test, and not to this server");

    [Fact]
    public Task ABackDoorIsRemarkedOn() =>
        ExpectAsync(Sound().Mx("example.com", 20, "backup.other.test"), "MX", "example.com", PublishedState.Published, "back doors");

    [Fact]
    public Task AnAddressOfAnotherIsNoticed() =>
        ExpectAsync(Sound(without: "mail.example.com").Address("mail.example.com", "203.0.113.7"), "A", "mail.example.com", PublishedState.Different, "203.0.113.7");

    [Fact]
    public Task AnotherReverseNameIsNoticed() =>
        ExpectAsync(Sound(without: "1.2.0.192.in-addr.arpa").Reverse("192.0.2.1", "host1.provider.test"), "PTR", "1.2.0.192.in-addr.arpa", PublishedState.Different, "host1.provider.test");

    [Theory]
    [InlineData("v=STSv1; id=old", PublishedState.Different, "not that of the policy served now")]
    [InlineData("v=STSv1;", PublishedState.Different, "no id")]
    [InlineData("v=STSv1; id=abc123;", PublishedState.Published, "")]
    public Task TheIdOfMtaStsIsCompared(string record, PublishedState state, string words) =>
        ExpectAsync(Sound(without: "_mta-sts.example.com").Txt("_mta-sts.example.com", record), "TXT", "_mta-sts.example.com", state, words);

    [Theory]
    [InlineData("v=TLSRPTv1; rua=mailto:x@reader.test", PublishedState.Published, "x@reader.test")]
    [InlineData("v=TLSRPTv1", PublishedState.Different, "names no address")]
    public Task TlsReportRecordsAreRead(string record, PublishedState state, string words) =>
        ExpectAsync(Sound(without: "_smtp._tls.example.com").Txt("_smtp._tls.example.com", record), "TXT", "_smtp._tls.example.com", state, words);

    [Theory]
    [InlineData(3, 1, 1, "00", PublishedState.Different, "do not deliver")]
    [InlineData(2, 0, 1, "00", PublishedState.Published, "cannot be told")]
    [InlineData(1, 1, 1, "00", PublishedState.Different, "count for nothing")]
    public Task AWrongPinKeepsMailAway(int usage, int selector, int matching, string data, PublishedState state, string words) =>
        ExpectAsync(Sound(without: "_25._tcp.mail.example.com").Tlsa("_25._tcp.mail.example.com", usage, selector, matching, data), "TLSA", "_25._tcp.mail.example.com", state, words);

    [Fact]
    public async Task WhatAProviderBeforeHasLeftForOutlookIsNoticed()
    {
        var checks = await CheckAsync(Sound().Cname("autodiscover.example.com", "autodiscover.provider.test").Srv("_autodiscover._tcp.example.com", 0, 0, 443, "old.provider.test"));
        Assert.Equal(["CNAME autodiscover.provider.test", "SRV old.provider.test"], checks.Where(check => check.IsFailure).Select(check => $"{check.Record.Type} {Assert.Single(check.Found)}"));
        Assert.DoesNotContain(await CheckAsync(Sound().Cname("autodiscover.example.com", "mail.example.com").Srv("_autodiscover._tcp.example.com", 0, 0, 443, "mail.example.com")), check => check.IsFailure);
    }

    [Fact]
    public Task APinInAnUnsignedZoneDoesNothing() =>
        ExpectAsync(Sound(signed: false), "TLSA", "_25._tcp.mail.example.com", PublishedState.Published, "not validated");

    [Fact]
    public Task AnotherAuthorityInCaaIsNoticed() =>
        ExpectAsync(Sound(without: "mail.example.com").Address("mail.example.com", "192.0.2.1").Txt("mail.example.com", "v=spf1 a -all").Caa("example.com", 0, "issue", "digicert.com"), "CAA", "mail.example.com", PublishedState.Different, "will be refused");

    [Fact]
    public Task AnAliasMayBeAddressesOfTheServer() =>
        ExpectAsync(Sound(without: "mta-sts.example.com").Address("mta-sts.example.com", "192.0.2.1"), "CNAME", "mta-sts.example.com", PublishedState.Published, "");

    [Fact]
    public Task AServiceElsewhereIsNoticed() =>
        ExpectAsync(Sound(without: "_imaps._tcp.example.com").Srv("_imaps._tcp.example.com", 0, 1, 993, "imap.other.test"), "SRV", "_imaps._tcp.example.com", PublishedState.Different, "imap.other.test");

    [Fact]
    public void TheFormHasHostsWithoutTheDomainAndThePriorityApart()
    {
        var table = DnsRecords.ToTable(DnsRecords.For(Facts), Facts.Domain);
        Assert.Matches("(?m)^@ +MX +3600 +10 +mail\\.example\\.com$", table);
        Assert.Matches("(?m)^_dmarc +TXT +3600 +v=DMARC1;", table);
        Assert.Matches("(?m)^1\\.2\\.0\\.192\\.in-addr\\.arpa\\. +PTR", table);
        Assert.Matches("(?m)^_imaps\\._tcp +SRV +3600 +0 +1 993 mail\\.example\\.com$", table);
    }

    [Fact]
    public void TheZoneFileQuotesTextsAndEndsNames()
    {
        var zone = DnsRecords.ToZoneFile(DnsRecords.For(Facts));
        Assert.Contains("mta-sts.example.com.\t3600\tIN\tCNAME\tmail.example.com.\n", zone, StringComparison.Ordinal);
        Assert.Contains("mail.example.com.\t3600\tIN\tCAA\t0 issue \"letsencrypt.org\"\n", zone, StringComparison.Ordinal);
        Assert.Contains("; 1.2.0.192.in-addr.arpa.\t3600\tIN\tPTR\tmail.example.com.\n", zone, StringComparison.Ordinal);
        Assert.Contains("_smtp._tls.example.com.\t3600\tIN\tTXT\t\"v=TLSRPTv1; rua=mailto:postmaster@example.com\"\n", zone, StringComparison.Ordinal);
    }

    // A zone as 'dns show' asks for it.
    private static ZoneResolver Sound(string without = "", bool signed = true)
    {
        var zone = new ZoneResolver();
        foreach (var record in DnsRecords.For(Facts).Where(record => record.Name != without))
        {
            var words = record.Value.Split(' ');
            _ = record.Type switch
            {
                "A" => zone.Address(record.Name, record.Value),
                "PTR" => zone.ReverseAt(record.Name, record.Value),
                "MX" => zone.Mx(record.Name, int.Parse(words[0]), words[1]),
                "SRV" => zone.Srv(record.Name, int.Parse(words[0]), int.Parse(words[1]), int.Parse(words[2]), words[3]),
                "CNAME" => zone.Cname(record.Name, record.Value),
                "TLSA" => zone.Tlsa(record.Name, int.Parse(words[0]), int.Parse(words[1]), int.Parse(words[2]), words[3]),
                "CAA" => zone.Caa(record.Name, int.Parse(words[0]), words[1], words[2].Trim('"')),
                _ => zone.Txt(record.Name, record.Value),
            };
        }
        return signed ? zone.Secure("example.com") : zone;
    }

    private static async Task ExpectAsync(ZoneResolver zone, string type, string name, PublishedState state, string words)
    {
        var check = (await CheckAsync(zone)).Single(check => check.Record.Type == type && check.Record.Name == name);
        Assert.Equal(state, check.State);
        if (words.Length == 0) Assert.DoesNotContain(check.Remarks, remark => !remark.Contains("p=", StringComparison.Ordinal));
        else Assert.Contains(words, string.Join(' ', check.Remarks), StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<DnsRecordCheck>> CheckAsync(ZoneResolver zone) => DnsComparison.CheckAsync(Facts, zone, TimeProvider.System, default);
}
