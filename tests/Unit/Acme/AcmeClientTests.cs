using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CsCheck;
using Sternpost.Acme;

namespace Sternpost.Unit.Acme;

/// <summary>The protocol of certificate authorities; that every step of it is right shows pebble, in the scenario tests.</summary>
public class AcmeClientTests
{
    [Fact]
    public void A_certificate_is_named_to_the_authority_as_RFC_9773_does()
    {
        // RFC 9773 §4.1: the example's key identifier and serial number, the latter with a zero in front.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a.example", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(Convert.FromHexString("69885B6B87464041E1B37B847BA0AE2CDE01C8D4")));
        using var certificate = request.Create(new X500DistinguishedName("CN=issuer"), X509SignatureGenerator.CreateForECDsa(key), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1), Convert.FromHexString("0087654321"));
        Assert.Equal("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", RenewalInfo.IdOf(certificate));
    }

    [Fact]
    public async Task A_renewal_says_what_it_replaces_and_does_without_where_that_is_refused()
    {
        await using var authority = await FakeAuthority.StartAsync();
        using var client = Client(authority);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var first = await client.IssueAsync(new IssuanceRequest([AcmeIdentifier.Of("Mail.Example.com"), AcmeIdentifier.Of("192.0.2.1")], key, []), TestContext.Current.CancellationToken);
        using var made = X509Certificate2.CreateFromPem(first.Chain);
        Assert.True(made.MatchesHostname("mail.example.com"));
        Assert.True(made.MatchesHostname("192.0.2.1"));
        Assert.Equal("ip", Assert.Single(authority.Orders).GetProperty("identifiers")[1].GetProperty("type").GetString());

        authority.Refuse = order => order.TryGetProperty("replaces", out _) ? (409, """{"type":"urn:ietf:params:acme:error:alreadyReplaced","detail":"It was."}""", null) : null;
        Assert.NotNull((await client.IssueAsync(new IssuanceRequest([AcmeIdentifier.Of("mail.example.com")], key, []) { Replaces = made }, TestContext.Current.CancellationToken)).Chain);
        Assert.Equal([false, true, false], authority.Orders.Select(order => order.TryGetProperty("replaces", out _)));
    }

    [Fact]
    public async Task Complaints_about_single_names_name_them()
    {
        await using var authority = await FakeAuthority.StartAsync();
        using var client = Client(authority);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        authority.Refuse = _ => (403, """{"type":"urn:ietf:params:acme:error:malformed","detail":"Some names.","subproblems":[{"type":"urn:ietf:params:acme:error:rejectedIdentifier","detail":"Not that one","identifier":{"type":"dns","value":"b.example"}}]}""", null);
        var failure = Assert.Single((await client.IssueAsync(new IssuanceRequest([AcmeIdentifier.Of("a.example"), AcmeIdentifier.Of("b.example")], key, []), TestContext.Current.CancellationToken)).Failures);
        Assert.Equal("b.example", failure.Name.Value);
        Assert.Contains("issues nothing for b.example", Explanation.Of(failure).What);
    }

    [Theory]
    [InlineData("connection", "http-01", "port 80")]
    [InlineData("connection", "tls-alpn-01", "port 443")]
    [InlineData("unauthorized", "http-01", "somebody else answers")]
    [InlineData("unauthorized", "dns-01", "_acme-challenge.mail.example.com")]
    [InlineData("dns", "http-01", "cannot be looked up")]
    [InlineData("caa", "dns-01", "CAA")]
    [InlineData("neverHeardOf", "http-01", "neverHeardOf")]
    public void Complaints_are_said_in_plain_words_on_one_line(string type, string way, string words)
    {
        var (what, advice) = Explanation.Of(new NameFailure(AcmeIdentifier.Of("mail.example.com"), way, new AcmeProblem(type, "Their words\r\nand more.", 0)));
        Assert.Contains(words, what);
        Assert.Contains("Their words  and more", what);
        Assert.DoesNotContain('\n', what);
        Assert.NotEqual("", advice);
    }

    [Fact]
    public void The_certificate_of_a_challenge_by_TLS_is_as_RFC_8737_asks()
    {
        using var certificate = TlsAlpnChallenge.Certificate(AcmeIdentifier.Of("mail.example.com"), "token.thumbprint", DateTimeOffset.UtcNow);
        var extension = certificate.Extensions["1.3.6.1.5.5.7.1.31"];
        Assert.True(extension!.Critical);
        Assert.Equal((byte[])[4, 32, .. SHA256.HashData("token.thumbprint"u8)], extension.RawData);
        Assert.Equal("mail.example.com", Assert.Single(certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames()));
        Assert.Equal("1.2.0.192.in-addr.arpa", TlsAlpnChallenge.ServerName(AcmeIdentifier.Of("192.0.2.1")));
        Assert.Equal("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", TlsAlpnChallenge.ServerName(AcmeIdentifier.Of("2001:db8::1")));
    }

    [Fact]
    public void An_account_key_survives_its_file_and_no_other_key_is_taken()
    {
        using var key = AccountKey.Create();
        using var again = AccountKey.FromPem(key.ToPem());
        Assert.Equal(key.Thumbprint, again.Thumbprint);
        using var rsa = RSA.Create(2048);
        Assert.Throws<CryptographicException>(() => AccountKey.FromPem(rsa.ExportPkcs8PrivateKeyPem()));
        Assert.Throws<CryptographicException>(() => AccountKey.FromPem("nothing"));
    }

    // What a hostile or broken authority sends is read as something or as nothing, never as an error of ours.
    [Fact]
    public void Any_JSON_is_read_as_an_order_an_authorization_a_directory_or_a_problem()
    {
        var url = new Uri("https://ca.example/1");
        var value = Gen.OneOf("null", "1", "true", "\"\"", "\"pending\"", "\"https://ca.example/x\"", "\"http://ca.example/x\"", "[]", "{}", "[1,\"https://ca.example/x\",null]", "{\"type\":1,\"value\":[]}", "[{\"identifier\":7}]", "[{\"identifier\":{}}]", "\"../../etc\"", "\"2026-99-99\"", "{\"start\":\"2026-01-02T00:00:00Z\",\"end\":\"2026-01-01T00:00:00Z\"}");
        var name = Gen.OneOf("status", "identifier", "identifiers", "authorizations", "challenges", "url", "token", "type", "error", "subproblems", "finalize", "certificate", "newNonce", "newAccount", "newOrder", "renewalInfo", "meta", "suggestedWindow", "explanationURL", "detail");
        Gen.Select(name, value).Array[0, 8].Sample(members =>
        {
            using var document = JsonDocument.Parse("{" + string.Join(',', members.Select(member => $"\"{member.Item1}\":{member.Item2}")) + "}");
            AcmeOrder.Of(url, document.RootElement);
            AcmeAuthorization.Of(url, document.RootElement);
            AcmeProblem.Of(document.RootElement, 400);
            RenewalInfo.Of(document.RootElement, TimeSpan.MaxValue);
            try
            {
                AcmeDirectory.Of(document.RootElement);
            }
            catch (AcmeException)
            {
                // Said to be none.
            }
        }, iter: 5000);
    }

    private static AcmeClient Client(FakeAuthority authority) =>
        new(new AcmeOptions { Directory = new Uri(authority.Base + "/dir"), Roots = [authority.Root] }, AccountKey.Create(), TimeProvider.System);
}
