using System.Net;
using Sternpost.Dns;
using Sternpost.MailAuth.Published;
using Sternpost.Queue.TransportSecurity;

namespace Sternpost.Unit.Queue.TransportSecurity;

/// <summary><c>dns check</c> fetches the policy as senders do and compares it.</summary>
public sealed class ServedPolicyTests
{
    private const string Meant = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n";

    [Theory]
    [InlineData(Meant, true, "")]
    [InlineData("version: STSv1\nmode: testing\nmx: mail.example.com\nmax_age: 604800\n", false, "says \"mode: testing\", and this server's configuration says \"enforce\"")]
    [InlineData("version: STSv1\nmode: enforce\nmx: old.example.com\nmax_age: 604800\n", false, "do not deliver here")]
    [InlineData("version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: two.example.com\nmax_age: 604800\n", false, "also names two.example.com")]
    [InlineData("version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 60\n", false, "kept for 60 seconds")]
    [InlineData("nonsense", false, "cannot be used")]
    [InlineData(null, false, "answered 404")]
    public async Task What_is_served_is_compared_with_what_is_meant(string? served, bool sound, string words)
    {
        using var authority = new TestAuthority();
        await using var host = new PolicyHost(authority, "example.com") { Policy = served };
        var zone = new ZoneResolver().Address("mta-sts.example.com", "127.0.0.1");
        var finding = await new ServedPolicy(zone, TimeProvider.System, host.Port, [authority.Certificate]).CheckAsync(DomainName.Parse("example.com"), DomainName.Parse("mail.example.com"), Meant, default);
        Assert.Equal(sound, finding.IsSound);
        Assert.Contains(words, string.Join(' ', finding.Remarks));
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_what_senders_see_as_well()
    {
        using var authority = new TestAuthority();
        await using var host = new PolicyHost(authority, "other.example") { Policy = Meant };
        var zone = new ZoneResolver().Cname("mta-sts.example.com", "mail.example.com").Address("mail.example.com", "127.0.0.1");
        var policy = new ServedPolicy(zone, TimeProvider.System, host.Port, [authority.Certificate]);
        var facts = new PublishedFacts(DomainName.Parse("example.com"), DomainName.Parse("mail.example.com"), [IPAddress.Loopback], [])
        {
            StsRecord = "v=STSv1; id=1",
            ServedPolicy = stopping => policy.CheckAsync(DomainName.Parse("example.com"), DomainName.Parse("mail.example.com"), Meant, stopping),
        };
        var check = (await DnsComparison.CheckAsync(facts, zone, TimeProvider.System, default)).Single(check => check.Record.Name == "mta-sts.example.com");
        Assert.True(check.IsFailure);
        Assert.Contains("does not prove it", Assert.Single(check.Remarks));
    }
}
