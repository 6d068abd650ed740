using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sternpost.Dns;
using Sternpost.MailAuth.Published;
using Sternpost.Unit.Queue.TransportSecurity;

namespace Sternpost.Unit.MailAuth;

/// <summary>TLSA records of every usage against the certificates the server really shows.</summary>
public sealed class TlsaComparisonTests
{
    private const string Name = "_25._tcp.mail.example.com";

    [Theory]
    [InlineData(3, 0, 0)]
    [InlineData(3, 0, 1)]
    [InlineData(3, 0, 2)]
    [InlineData(3, 1, 0)]
    [InlineData(3, 1, 1)]
    [InlineData(3, 1, 2)]
    [InlineData(2, 0, 0)]
    [InlineData(2, 0, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(2, 1, 2)]
    public async Task A_record_that_fits_is_in_order_and_one_of_another_certificate_is_not(int usage, int selector, int matching)
    {
        using var authority = new TestAuthority();
        using var other = new TestAuthority();
        using var leaf = authority.Leaf("mail.example.com");
        using var stranger = other.Leaf("mail.example.com");

        var right = await CheckAsync(new ZoneResolver().Tlsa(Name, usage, selector, matching, Data(usage == 2 ? authority.Certificate : leaf, selector, matching)).Secure("example.com"), leaf, authority.Certificate);
        Assert.Equal((PublishedState.Published, ""), (right.State, string.Join(' ', right.Remarks)));

        var wrong = await CheckAsync(new ZoneResolver().Tlsa(Name, usage, selector, matching, Data(usage == 2 ? other.Certificate : stranger, selector, matching)).Secure("example.com"), leaf, authority.Certificate);
        Assert.True(wrong.IsFailure);
        Assert.Contains("do not deliver", string.Join(' ', wrong.Remarks));
        Assert.Contains(usage == 2 ? "not among the certificates the server shows" : selector == 0 ? "not of the certificate" : "not of the key", string.Join(' ', wrong.Remarks));
    }

    [Fact]
    public async Task The_record_of_the_next_key_beside_that_of_the_present_one_is_named_and_does_no_harm()
    {
        using var authority = new TestAuthority();
        using var leaf = authority.Leaf("mail.example.com");
        using var next = authority.Leaf("mail.example.com");
        var check = await CheckAsync(new ZoneResolver().Tlsa(Name, 3, 1, 1, Data(leaf, 1, 1)).Tlsa(Name, 3, 1, 1, Data(next, 1, 1)).Secure("example.com"), leaf);
        Assert.Equal(PublishedState.Published, check.State);
        Assert.Contains("Right for the next one", Assert.Single(check.Remarks));
    }

    private static string Data(X509Certificate2 certificate, int selector, int matching)
    {
        var part = selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return Convert.ToHexString(matching switch { 1 => SHA256.HashData(part), 2 => SHA512.HashData(part), _ => part });
    }

    private static async Task<DnsRecordCheck> CheckAsync(ZoneResolver zone, params X509Certificate2[] shown)
    {
        var facts = new PublishedFacts(DomainName.Parse("example.com"), DomainName.Parse("mail.example.com"), [IPAddress.Parse("192.0.2.1")], [])
        {
            Tlsa = "3 1 1 " + Data(shown[0], 1, 1).ToLowerInvariant(),
            Certificates = shown,
        };
        return (await DnsComparison.CheckAsync(facts, zone, TimeProvider.System, default)).Single(check => check.Record.Type == "TLSA");
    }
}
