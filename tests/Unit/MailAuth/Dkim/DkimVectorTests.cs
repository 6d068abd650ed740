using System.Text;
using System.Text.Json;
using Sternpost.Dns;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.Unit.MailAuth.Dkim;

/// <summary>Signed messages of other projects, with the keys they came with.</summary>
public sealed class DkimVectorTests
{
    // The key at 20120113._domainkey.gmail.com when the message of 2013 was signed; the vector's folder does not hold it.
    private const string GmailKey =
        "k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1Kd87/UeJjenpabgbFwh+eBCsSTrqmwIYYvywlbhbqoo2DymndFkbjOVIPIldNs/m40KF+yzMn1skyoxcTUGCQs8g3FgD2Ap3ZB5DekAo5wMmk4wimDO+U8QzI3SD07y2+07wlNWwIt8svnxgdxGkVbbhzY8i+RQ9DpSVpPbF7ykQxtKXkv/ahW3KjViiAH+ghvvIhkx4xYSIc9oSwVmAl5OctMEeWUwg8Istjqz8BZeTWbf41fbNhte7Y+YqZOwq1Sd0DbvYAD9NOZK9vlfuac0598HY+vtSBczUiKERHv1yRbcaQtZFh5wtiRrN04BLUTD21MycBX5jYchHjPY/wIDAQAB";

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, string> MailAuthCases => new()
    {
        { "001.txt", "pass pass" },
        { "002.txt", "pass" },
        { "003.txt", "pass pass" },
        { "004.txt", "pass" },
        // Signed with x= of 2022.
        { "005.txt", "permerror" },
        { "006.txt", "pass" },
    };

    [Theory]
    [MemberData(nameof(MailAuthCases))]
    public async Task MailAuth(string file, string expected)
    {
        var text = await File.ReadAllBytesAsync(Suites.Require("dkim/mail-auth/" + file));
        var end = text.AsSpan().IndexOf("\n\n"u8);
        var zone = new ZoneResolver();
        foreach (var line in Encoding.ASCII.GetString(text, 0, end).Split('\n'))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            zone.Txt(line[..space], line[(space + 1)..]);
        }
        var raw = text.AsMemory(end + 2);
        Assert.Equal(expected, Words(await DkimVerifier.VerifyAsync(raw, Now, zone, default)));
    }

    [Fact]
    public async Task AMessageCountsAsArrivedBeforeItsSignatureExpiredWhenItDid()
    {
        var text = await File.ReadAllBytesAsync(Suites.Require("dkim/mail-auth/005.txt"));
        var end = text.AsSpan().IndexOf("\n\n"u8);
        var line = Encoding.ASCII.GetString(text, 0, end);
        var zone = new ZoneResolver().Txt(line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        var results = await DkimVerifier.VerifyAsync(text.AsMemory(end + 2), DateTimeOffset.FromUnixTimeSeconds(1667843700), zone, default);
        Assert.Equal("pass", Words(results));
    }

    [Fact]
    public async Task Rfc8463ExampleOfMailauth()
    {
        var zone = new ZoneResolver();
        using var dns = JsonDocument.Parse(await File.ReadAllTextAsync(Suites.Require("dkim/mailauth/dns.json")));
        foreach (var name in dns.RootElement.EnumerateObject())
        {
            foreach (var record in name.Value.GetProperty("TXT").EnumerateArray()) zone.Txt(name.Name, [.. record.EnumerateArray().Select(part => part.GetString()!)]);
        }
        var raw = await File.ReadAllBytesAsync(Suites.Require("dkim/mailauth/signed.eml"));
        Assert.Equal("pass pass", Words(await DkimVerifier.VerifyAsync(raw, Now, zone, default)));
    }

    [Theory]
    [InlineData("rfc6376.signed.msg", "pass pass")]
    [InlineData("ed25519test2.msg", "pass")]
    [InlineData("test2.message", "pass")]
    [InlineData("test.message", "")]
    public async Task Dkimpy(string file, string expected)
    {
        var zone = new ZoneResolver()
            .Txt("brisbane._domainkey.football.example.com", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
            .Txt("test._domainkey.football.example.com", Text("test.txt"))
            .Txt("sed._domainkey.test.ex", Text("eximtest.dns"))
            .Txt("20120113._domainkey.gmail.com", GmailKey);
        var raw = await File.ReadAllBytesAsync(Suites.Require("dkim/dkimpy/" + file));
        Assert.Equal(expected, Words(await DkimVerifier.VerifyAsync(raw, Now, zone, default)));
    }

    [Theory]
    [InlineData("test.txt", DkimKind.Pass, "")]
    [InlineData("test2.txt", DkimKind.Pass, "")]
    [InlineData("badk.txt", DkimKind.PermError, "kind")]
    [InlineData("badversion.txt", DkimKind.PermError, "version")]
    [InlineData("test_bad.txt", DkimKind.PermError, "malformed")]
    [InlineData("test_tlsrpt.txt", DkimKind.PermError, "not for mail")]
    public async Task KeyRecordsOfDkimpy(string record, DkimKind expected, string reason)
    {
        using var rsa = System.Security.Cryptography.RSA.Create();
        rsa.ImportFromPem(Text("test.private"));
        using var key = DkimSigningKey.Import(DomainName.Parse("example.com"), "test", rsa.ExportPkcs8PrivateKey());
        var message = await File.ReadAllBytesAsync(Suites.Require("dkim/dkimpy/test.message"));
        byte[] signed = [.. DkimSigner.Sign(message, key, Now), .. message];
        var result = Assert.Single(await DkimVerifier.VerifyAsync(signed, Now, new ZoneResolver().Txt("test._domainkey.example.com", Text(record)), default));
        Assert.Equal(expected, result.Kind);
        Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
    }

    private static string Text(string file) => File.ReadAllText(Suites.Require("dkim/dkimpy/" + file)).Trim();

    private static string Words(IReadOnlyList<DkimResult> results) => string.Join(' ', results.Select(result => result.Word));
}
