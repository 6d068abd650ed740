using CsCheck;
using Sternpost.Dns;
using Sternpost.Queue.TransportSecurity;

namespace Sternpost.Unit.Queue.TransportSecurity;

/// <summary>The policy document and the record that announces it (RFC 8461 §3).</summary>
public class StsPolicyTests
{
    private const string Usual = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n";

    [Fact]
    public void The_example_of_the_RFC_is_read()
    {
        Assert.True(StsPolicy.TryParse(Usual, out var policy, out _));
        Assert.Equal((StsMode.Enforce, TimeSpan.FromDays(7)), (policy.Mode, policy.MaxAge));
        Assert.Equal(["mail.example.com", "*.example.net"], policy.Hosts);
    }

    // RFC 8461 §4.1: the star stands for exactly one label, the leftmost.
    [Theory]
    [InlineData("mail.example.com", true)]
    [InlineData("a.example.net", true)]
    [InlineData("example.net", false)]
    [InlineData("a.b.example.net", false)]
    [InlineData("mail.example.com.evil.test", false)]
    [InlineData("other.example.com", false)]
    public void A_policy_names_hosts(string host, bool named)
    {
        Assert.True(StsPolicy.TryParse(Usual, out var policy, out _));
        Assert.Equal(named, policy.Names(DomainName.Parse(host)));
    }

    [Theory]
    [InlineData("version: STSv1\nmode: testing\nmx: MX.Example.COM\nmax_age: 86400", "Testing 1 mx.example.com")]
    [InlineData("version: STSv1\nmode: none\nmax_age: 86400", "None 1 ")]
    [InlineData("version:STSv1\nmode:enforce\nmx:a.test\nmax_age:99999999999", null)]
    [InlineData("version:STSv1\nmode:enforce\nmx:a.test\nmax_age:9999999999", "Enforce 365 a.test")]
    [InlineData("mode: enforce\nversion: STSv1\nmx: a.test\nmax_age: 86400\nmode: none\nunknown: thing\n\n", "Enforce 1 a.test")]
    [InlineData("version: STSv2\nmode: enforce\nmx: a.test\nmax_age: 86400", null)]
    [InlineData("version: STSv1\nmode: strict\nmx: a.test\nmax_age: 86400", null)]
    [InlineData("version: STSv1\nmode: enforce\nmax_age: 86400", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.test\nmax_age: -1", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.test", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: *\nmax_age: 86400", null)]
    [InlineData("<html><body>Not found</body></html>", null)]
    [InlineData("", null)]
    public void Documents_are_read_or_refused(string text, string? expected) =>
        Assert.Equal(expected, StsPolicy.TryParse(text, out var policy, out var problem) ? $"{policy.Mode} {(int)policy.MaxAge.TotalDays} {string.Join(' ', policy.Hosts)}" : problem.Length > 0 ? null : "no reason");

    [Fact]
    public void What_is_written_for_our_domains_reads_back()
    {
        var text = StsPolicy.Write(StsMode.Enforce, DomainName.Parse("mail.example.com"), TimeSpan.FromDays(14));
        Assert.True(StsPolicy.TryParse(text, out var policy, out _));
        Assert.Equal((StsMode.Enforce, TimeSpan.FromDays(14), "mail.example.com"), (policy.Mode, policy.MaxAge, Assert.Single(policy.Hosts)));
        Assert.NotNull(StsRecord.IdOf([StsRecord.Of(text)]));
        Assert.NotEqual(StsRecord.Of(text), StsRecord.Of(StsPolicy.Write(StsMode.Testing, DomainName.Parse("mail.example.com"), TimeSpan.FromDays(14))));
    }

    [Theory]
    [InlineData("20160831085700Z", "v=STSv1; id=20160831085700Z;")]
    [InlineData("a1", "unrelated", "v=STSv1;id=a1")]
    [InlineData("a1", "v=STSv1; extra=x; id=a1")]
    [InlineData(null, "v=STSv1; id=a1", "v=STSv1; id=a2")]
    [InlineData(null, "v=STSv1; id=not-alphanumeric")]
    [InlineData(null, "v=STSv1; id=")]
    [InlineData(null, "v=STSv1")]
    [InlineData(null, "id=a1; v=STSv1")]
    [InlineData(null, "v=STSv10; id=a1")]
    [InlineData(null)]
    public void The_record_gives_an_id_or_nothing(string? id, params string[] texts) => Assert.Equal(id, StsRecord.IdOf(texts));

    private static readonly string[] Lines = ["version: STSv1", "mode: enforce", "mode: none", "mx: a.test", "mx: *.b.test", "mx: ..", "max_age: 86400", "max_age: 99999999999999999999", ":", "mx:", "\r", "x: y"];

    [Fact]
    public void No_document_throws_and_what_is_read_is_within_its_bounds() =>
        Gen.OneOf(
            Gen.String,
            Gen.Select(Gen.Int[0, Lines.Length - 1].Array[0, 12], Gen.Int[0, 2]).Select((lines, end) => string.Join(end switch { 0 => "\n", 1 => "\r\n", _ => "\r" }, lines.Select(line => Lines[line]))))
        .Sample(text =>
        {
            StsRecord.IdOf([text, "v=STSv1; " + text]);
            if (!StsPolicy.TryParse(text, out var policy, out var problem)) Assert.NotEmpty(problem);
            else Assert.True(policy.MaxAge >= TimeSpan.Zero && policy.MaxAge < TimeSpan.FromDays(366) && policy.Hosts.All(host => host.Length is > 0 and < 260));
        }, iter: 20_000);
}
