using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CsCheck;
using Sternpost.Dns;
using Sternpost.Smtp.Client;
using Sternpost.Unit.Queue.TransportSecurity;

namespace Sternpost.Unit.SmtpClient;

/// <summary>TLSA records against what a server shows (RFC 7672 §3, RFC 6698 §2.1).</summary>
public sealed class DaneTests : IDisposable
{
    private readonly TestAuthority authority = new();
    private readonly X509Certificate2 leaf;

    public static TheoryData<int, int> Forms => new() { { 0, 0 }, { 0, 1 }, { 0, 2 }, { 1, 1 }, { 1, 2 }, { 1, 0 } };

    public DaneTests() => leaf = authority.Leaf("mx.example");

    [Theory]
    [MemberData(nameof(Forms))]
    public void An_end_entity_record_names_the_certificate_or_its_key_in_each_form(int selector, int matching)
    {
        Assert.Null(Problem(leaf, [], Record(3, selector, matching, leaf)));
        Assert.Equal(TlsResultType.ValidationFailure, Problem(authority.Leaf("mx.example"), [], Record(3, selector, matching, leaf)));
    }

    // RFC 7672 §3.1.1: neither the name nor the dates count.
    [Fact]
    public void An_end_entity_record_is_met_by_an_expired_certificate_of_another_name()
    {
        var old = authority.Leaf("other.example", expired: true);
        Assert.Null(Problem(old, [], Record(3, 1, 1, old)));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_trust_anchor_record_is_met_by_what_the_anchor_signed(int selector, int matching) =>
        Assert.Null(Problem(leaf, [authority.Certificate], Record(2, selector, matching, authority.Certificate)));

    [Fact]
    public void A_trust_anchor_need_not_be_a_root()
    {
        using var middle = new TestAuthority("middle", authority);
        var below = middle.Leaf("mx.example");
        Assert.Null(Problem(below, [middle.Certificate], Record(2, 0, 1, middle.Certificate)));
        Assert.Null(Problem(below, [middle.Certificate, authority.Certificate], Record(2, 0, 1, authority.Certificate)));
        // The link between them is missing.
        Assert.Equal(TlsResultType.CertificateNotTrusted, Problem(below, [authority.Certificate], Record(2, 0, 1, authority.Certificate)));
    }

    [Fact]
    public void A_whole_certificate_in_the_record_need_not_be_shown() =>
        Assert.Null(Problem(leaf, [], Record(2, 0, 0, authority.Certificate)));

    [Fact]
    public void Under_a_trust_anchor_names_and_dates_count()
    {
        Assert.Equal(TlsResultType.CertificateHostMismatch, Problem(authority.Leaf("other.example"), [authority.Certificate], Record(2, 0, 1, authority.Certificate)));
        Assert.Equal(TlsResultType.CertificateExpired, Problem(authority.Leaf("mx.example", expired: true), [authority.Certificate], Record(2, 0, 1, authority.Certificate)));
        Assert.Null(Problem(authority.Leaf("example.org"), [authority.Certificate], Record(2, 0, 1, authority.Certificate)));
    }

    // Anybody can show the anchor's certificate; only its key signs.
    [Fact]
    public void A_certificate_that_only_claims_the_anchor_as_its_issuer_is_turned_down()
    {
        using var impostor = new TestAuthority();
        Assert.NotNull(Problem(impostor.Leaf("mx.example"), [authority.Certificate], Record(2, 0, 1, authority.Certificate)));
        Assert.NotNull(Problem(impostor.Leaf("mx.example"), [impostor.Certificate, authority.Certificate], Record(2, 0, 1, authority.Certificate)));
    }

    [Fact]
    public void One_record_of_several_is_enough()
    {
        var other = new TlsaRecord(3, 1, 1, new byte[32]);
        Assert.Null(DaneVerification.Problem(leaf, [], new DaneAuthentication([other, Record(3, 1, 1, leaf)], [DomainName.Parse("mx.example")]), DateTimeOffset.UtcNow));
        Assert.NotNull(DaneVerification.Problem(null, [], new DaneAuthentication([other], [DomainName.Parse("mx.example")]), DateTimeOffset.UtcNow));
    }

    [Theory]
    [InlineData(3, 1, 1, 32, true)]
    [InlineData(2, 0, 2, 64, true)]
    [InlineData(3, 0, 0, 1, true)]
    [InlineData(0, 1, 1, 32, false)]
    [InlineData(1, 1, 1, 32, false)]
    [InlineData(4, 1, 1, 32, false)]
    [InlineData(3, 2, 1, 32, false)]
    [InlineData(3, 1, 3, 32, false)]
    [InlineData(3, 1, 1, 31, false)]
    [InlineData(3, 1, 2, 32, false)]
    [InlineData(3, 1, 0, 0, false)]
    public void Records_that_cannot_be_used_are_known(int usage, int selector, int matching, int length, bool usable) =>
        Assert.Equal(usable, DaneAuthentication.IsUsable(new TlsaRecord(usage, selector, matching, new byte[length])));

    [Fact]
    public void No_record_whatever_it_holds_throws_or_is_met_by_chance() =>
        Gen.Select(Gen.Int[-1, 256], Gen.Int[-1, 256], Gen.Int[-1, 256], Gen.Byte.Array[0, 200]).Sample(parts =>
        {
            var record = new TlsaRecord(parts.Item1, parts.Item2, parts.Item3, parts.Item4);
            DaneAuthentication.IsUsable(record);
            Assert.NotNull(DaneVerification.Problem(leaf, [authority.Certificate], new DaneAuthentication([record], [DomainName.Parse("mx.example")]), DateTimeOffset.UtcNow));
        }, iter: 2000);

    public void Dispose()
    {
        leaf.Dispose();
        authority.Dispose();
    }

    private static TlsResultType? Problem(X509Certificate2 shown, X509Certificate2[] others, TlsaRecord record) =>
        DaneVerification.Problem(shown, others, new DaneAuthentication([record], [DomainName.Parse("mx.example"), DomainName.Parse("example.org")]), DateTimeOffset.UtcNow)?.Type;

    internal static TlsaRecord Record(int usage, int selector, int matching, X509Certificate2 certificate)
    {
        var data = selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return new TlsaRecord(usage, selector, matching, matching switch { 1 => SHA256.HashData(data), 2 => SHA512.HashData(data), _ => data });
    }
}
