using System.Text;
using CsCheck;
using Sternpost.Dns;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.Unit.MailAuth.Dkim;

public sealed class DkimSignerTests
{
    private const string Letter = "From: a@example.com\r\nTo: b@example.net\r\nSubject: Hello\r\n there\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n\r\nText  with spaces \r\n\r\nand more\r\n";

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DkimSigningKey Rsa = DkimSigningKey.GenerateRsa(DomainName.Parse("example.com"), "r1");
    private static readonly DkimSigningKey Ed = DkimSigningKey.GenerateEd25519(DomainName.Parse("example.com"), "e1");
    private static readonly ZoneResolver Zone = new ZoneResolver().Txt(Rsa.RecordName.Ascii, Rsa.RecordText).Txt(Ed.RecordName.Ascii, Ed.RecordText);

    [Fact]
    public async Task BothKindsOfSignatureVerify()
    {
        var results = await VerifyAsync(Signed(Letter));
        Assert.Equal(["rsa-sha256", "ed25519-sha256"], results.Select(result => result.Algorithm));
        Assert.All(results, result => Assert.Equal((DkimKind.Pass, "", "@example.com"), (result.Kind, result.Reason, result.Identity)));
        Assert.Equal([2048, 256], results.Select(result => result.KeyBits));
    }

    [Fact]
    public async Task KeysSurviveTheirExport()
    {
        foreach (var key in new[] { Rsa, Ed })
        {
            using var again = DkimSigningKey.Import(key.Domain, key.Selector, key.ExportPrivateKey());
            Assert.Equal(key.RecordText, again.RecordText);
            var message = Encoding.ASCII.GetBytes(Letter);
            Assert.Equal(DkimKind.Pass, Assert.Single(await VerifyAsync([.. DkimSigner.Sign(message, again, Now), .. message])).Kind);
        }
    }

    [Theory]
    [InlineData("From: a@example.com", "From: c@example.com", "signed field")]
    [InlineData("and more", "and less", "body")]
    [InlineData("\r\n\r\nText", "\r\nFrom: x@example.com\r\n\r\nText", "signed field")]
    [InlineData("\r\n\r\nText", "\r\nReply-To: x@example.com\r\n\r\nText", "signed field")]
    [InlineData("\r\n\r\nText", "\r\nContent-Type: text/html\r\n\r\nText", "signed field")]
    public async Task AnyChangeOfWhatIsShownBreaksBoth(string old, string changed, string reason)
    {
        var message = Signed(Letter);
        var results = await VerifyAsync(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(message).Replace(old, changed, StringComparison.Ordinal)));
        Assert.Equal(2, results.Count);
        Assert.All(results, result =>
        {
            Assert.Equal(DkimKind.Fail, result.Kind);
            Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
        });
    }

    [Theory]
    // What mailing lists add without touching the rest, and what relays do to white space.
    [InlineData("From: a@example.com", "List-Id: <l.example.org>\r\nSender: list@example.org\r\nFrom: a@example.com")]
    [InlineData("Subject: Hello\r\n there", "SUBJECT:   Hello there")]
    [InlineData("Text  with spaces ", "Text with\t spaces")]
    [InlineData("and more\r\n", "and more\r\n\r\n\r\n")]
    public async Task WhatRelaysMayChangeDoesNotMatter(string old, string changed)
    {
        var message = Encoding.ASCII.GetString(Signed(Letter)).Replace(old, changed, StringComparison.Ordinal);
        Assert.All(await VerifyAsync(Encoding.ASCII.GetBytes(message)), result => Assert.Equal(DkimKind.Pass, result.Kind));
        Assert.All(await VerifyAsync(Encoding.ASCII.GetBytes(message.Replace("\r\n", "\n", StringComparison.Ordinal))), result => Assert.Equal(DkimKind.Pass, result.Kind));
    }

    [Fact]
    public void LinesStayShortAndAsciiWhateverTheDomain()
    {
        var domain = DomainName.Parse(string.Join('.', Enumerable.Repeat("a-rather-long-label", 10)));
        using var key = DkimSigningKey.GenerateEd25519(domain, "selector-of-some-length");
        var field = Encoding.ASCII.GetString(DkimSigner.Sign(Encoding.ASCII.GetBytes(Letter), key, Now));
        Assert.EndsWith("\r\n", field, StringComparison.Ordinal);
        var lines = field[..^2].Split("\r\n");
        Assert.All(lines.Skip(1), line => Assert.StartsWith("\t", line, StringComparison.Ordinal));
        Assert.All(lines.Where(line => !line.Contains(domain.Ascii, StringComparison.Ordinal)), line => Assert.InRange(line.Length, 1, 78));
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 300));
    }

    [Fact]
    public void AnySignedMessageVerifies()
    {
        var octet = Gen.Frequency((6, Gen.Byte[(byte)'a', (byte)'z']), (2, Gen.Const((byte)' ')), (1, Gen.Const((byte)'\t')), (1, Gen.Byte), (1, Gen.Const((byte)'\r')), (2, Gen.Const((byte)'\n')));
        var name = Gen.OneOf("From", "Subject", "X-Any", "to", "DATE", "List-Id", "Content-Type");
        var field = Gen.Select(name, octet.Array[0, 60]).Select((n, v) => n + ": " + Encoding.Latin1.GetString(v).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "\r\n ", StringComparison.Ordinal) + "\r\n");
        Gen.Select(field.Array[0, 8], octet.Array[0, 300]).Sample((fields, body) =>
        {
            byte[] message = [.. Encoding.Latin1.GetBytes(string.Concat(fields)), 13, 10, .. body];
            byte[] signed = [.. DkimSigner.Sign(message, Ed, Now), .. message];
            var result = Assert.Single(VerifyAsync(signed).AsTask().GetAwaiter().GetResult());
            Assert.Equal("", result.Reason);
        }, iter: 300);
    }

    private static byte[] Signed(string message)
    {
        var octets = Encoding.ASCII.GetBytes(message);
        return [.. DkimSigner.Sign(octets, [Rsa, Ed], Now), .. octets];
    }

    private static ValueTask<IReadOnlyList<DkimResult>> VerifyAsync(byte[] message) => DkimVerifier.VerifyAsync(message, Now, Zone, default);
}
