using System.Net;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Judges.DnsLists;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Unit.Filter.Judges;

public sealed class DnsListTests
{
    private const string Text = "From: Offers <offers@shop.sender.example>\nReply-To: Collector <fraud@mailbox.example>\nSubject: x\nDate: Mon, 4 May 2026 12:00:00 +0000\nMessage-ID: <1@x.example>\n\nSee http://www.target.example/a and http://other.example/b\n";

    [Fact]
    public async Task An_address_list_weighs_by_what_its_code_means()
    {
        var zone = new ZoneResolver().Address("7.100.51.198.zen.spamhaus.org", "127.0.0.10");
        var policy = Assert.Single(await FindAsync(zone, new FilterOptions { AddressLists = [new DnsListOptions("zen.spamhaus.org")] }), finding => finding.Symbol == "DNS_LISTED");
        Assert.Equal(2.1, policy.Weight, 6);
        Assert.Contains("should send no mail directly", policy.Explanation, StringComparison.Ordinal);
        zone.Address("7.100.51.198.list.dnswl.org", "127.0.5.2");
        var good = Assert.Single(await FindAsync(zone, new FilterOptions { AddressLists = [new DnsListOptions("list.dnswl.org")] }), finding => finding.Symbol == "DNS_LISTED_GOOD");
        Assert.True(good.Weight < 0);
    }

    [Fact]
    public async Task A_list_that_complains_about_the_questioner_or_is_parked_counts_for_nothing()
    {
        foreach (var code in (string[])["127.255.255.254", "127.0.0.1", "203.0.113.1"])
        {
            var zone = new ZoneResolver().Address("7.100.51.198.zen.spamhaus.org", code);
            Assert.DoesNotContain(await FindAsync(zone, new FilterOptions { AddressLists = [new DnsListOptions("zen.spamhaus.org")] }), finding => finding.Symbol == "DNS_LISTED");
        }
    }

    [Fact]
    public async Task A_key_is_asked_with_and_never_shown()
    {
        var zone = new ZoneResolver().Address("7.100.51.198.sesamekey.zen.dq.spamhaus.net", "127.0.0.2");
        var findings = await FindAsync(zone, new FilterOptions { AddressLists = [new DnsListOptions("zen.dq.spamhaus.net") { Key = "sesamekey" }] });
        var found = Assert.Single(findings, finding => finding.Symbol == "DNS_LISTED");
        Assert.Contains("zen.dq.spamhaus.net", found.Explanation, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", found.Explanation + string.Concat(found.Data!.Values), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_domain_list_is_asked_in_the_form_it_wants_about_links_and_sender()
    {
        var surbl = new ZoneResolver().Address("target.example.multi.surbl.org", "127.0.0.72");
        var link = Assert.Single(await FindAsync(surbl, new FilterOptions { DomainLists = [new DnsListOptions("multi.surbl.org", 3)] }), finding => finding.Symbol == "URL_LISTED");
        Assert.Contains("phishers", link.Explanation, StringComparison.Ordinal);
        var dbl = new ZoneResolver().Address("shop.sender.example.dbl.spamhaus.org", "127.0.1.2").Address("www.target.example.dbl.spamhaus.org", "127.0.1.102");
        var sender = Assert.Single(await FindAsync(dbl, new FilterOptions { DomainLists = [new DnsListOptions("dbl.spamhaus.org", 3)] }), finding => finding.Symbol is "URL_LISTED" or "SENDER_DOMAIN_LISTED");
        Assert.Equal("SENDER_DOMAIN_LISTED", sender.Symbol);
        // The complaint that an address was asked is no listing.
        var error = new ZoneResolver().Address("www.target.example.dbl.spamhaus.org", "127.0.1.255");
        Assert.DoesNotContain(await FindAsync(error, new FilterOptions { DomainLists = [new DnsListOptions("dbl.spamhaus.org", 3)] }), finding => finding.Symbol == "URL_LISTED");
    }

    [Fact]
    public async Task A_hash_list_is_asked_about_the_address_that_answers_go_to()
    {
        // SHA-1 of fraud@mailbox.example.
        var entry = Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData("fraud@mailbox.example"u8));
        var zone = new ZoneResolver().Address(entry + ".ebl.msbl.org", "127.0.0.2");
        var found = Assert.Single(await FindAsync(zone, new FilterOptions { HashLists = [new DnsListOptions("ebl.msbl.org")] }), finding => finding.Symbol == "ADDRESS_LISTED");
        Assert.Contains("fraud@mailbox.example", found.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Hashes_are_written_as_each_vendor_wants_them()
    {
        // RFC 4648 §10 has base32 of short texts; a digest is 32 octets, so 52 characters without padding.
        var entry = HashListJudge.EntryOf("hbl.dq.spamhaus.net", "a@b.example");
        Assert.Equal(52, entry.IndexOf('.', StringComparison.Ordinal));
        Assert.EndsWith("._email", entry, StringComparison.Ordinal);
        Assert.Equal(40, HashListJudge.EntryOf("ebl.msbl.org", "a@b.example").Length);
    }

    [Fact]
    public void An_unknown_list_or_code_is_a_plain_listing()
    {
        Assert.Equal(1, ListMeanings.Of("bl.example.org", [IPAddress.Parse("127.0.0.44")]).Factor);
        Assert.Equal(1.5, ListMeanings.Of("zen.spamhaus.org", [IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.9")]).Factor);
        Assert.Equal(1, ListMeanings.Of("notspamhaus.org", [IPAddress.Parse("127.0.0.10")]).Factor);
    }

    private static async Task<IReadOnlyList<Finding>> FindAsync(ZoneResolver zone, FilterOptions options)
    {
        var panel = new JudgePanel(options, StandardJudges.All(options, zone, new StatisticalClassifier(null)), null, TimeProvider.System);
        return (await panel.JudgeAsync(Letter.Judged(Text, Letter.Session("198.51.100.7", "mail.sender.example")), TestContext.Current.CancellationToken)).Verdict.Findings;
    }
}
