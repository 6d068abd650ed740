using System.Diagnostics;
using System.Text;
using CsCheck;
using Sternpost.Dns;
using Sternpost.MailAuth.Canonical;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.Unit.MailAuth.Dkim;

public sealed class DkimHostileInputTests
{
    private const string Body = "\r\nSome text\r\n";
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DkimSigningKey Key = DkimSigningKey.GenerateEd25519(DomainName.Parse("example.com"), "e1");
    private static readonly byte[] Letter = Encoding.ASCII.GetBytes("From: a@example.com\r\nTo: b@example.net\r\nSubject: Hello\r\n" + Body);
    private static readonly byte[] Signed = [.. DkimSigner.Sign(Letter, Key, Now), .. Letter];

    [Fact]
    public void AChangedOctetNeverPassesUnlessCanonicalizationForgivesIt()
    {
        Gen.Select(Gen.Int[0, Signed.Length - 1], Gen.Byte).Sample((position, octet) =>
        {
            var changed = (byte[])Signed.Clone();
            changed[position] = octet;
            var results = Verify(changed, Zone());
            var same = octet == Signed[position] || IsSpace(octet) || IsSpace(Signed[position]) || (position < Signed.Length - Body.Length && (octet ^ Signed[position]) == 0x20);
            Assert.True(same || results.All(result => result.Kind != DkimKind.Pass) || IsInIgnoredPlace(position), $"octet {octet} at {position} passed");
        }, iter: 3000);
    }

    [Fact]
    public void NothingASenderWritesThrows()
    {
        var junk = Gen.Frequency((3, Gen.OneOf("a=rsa-sha256", "d=example.com", "s=e1", "v=1", "b=AAAA", "bh=", "h=from:from", "l=5", "t=1", "x=99999999999999999999", "i=@", "c=relaxed", "c=/", "q=dns/txt")), (1, Gen.String[Gen.Char[(char)1, (char)255], 0, 20]));
        junk.Array[0, 14].Sample(tags => Verify(Encoding.Latin1.GetBytes("DKIM-Signature: " + string.Join(';', tags) + "\r\nFrom: x@y.z\r\n" + Body), Zone()), iter: 3000);
        Gen.Byte.Array[0, 400].Sample(octets => Verify([.. "DKIM-Signature:"u8, .. octets], Zone()), iter: 3000);
    }

    [Fact]
    public void NothingAKeyRecordHoldsThrows()
    {
        var part = Gen.OneOf(Gen.OneOf("v=DKIM1", "k=rsa", "k=ed25519", "p=", "p=AAAA", "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ==", "t=y:s", "h=sha256", "s=*", "n=x", "\0"), Gen.String[0, 40]);
        part.Array[0, 8].Sample(parts => Verify(Signed, new ZoneResolver().Txt(Key.RecordName.Ascii, string.Join(';', parts))), iter: 3000);
    }

    [Fact]
    public void SignaturesBeyondTheBudgetAreNamedAndNotChecked()
    {
        var field = DkimSigner.Sign(Letter, Key, Now);
        byte[] message = [.. Enumerable.Repeat(field, 500).SelectMany(octets => octets), .. Letter];
        var zone = Zone();
        var results = Verify(message, zone);
        Assert.Equal(11, results.Count);
        Assert.All(results.Take(10), result => Assert.Equal(DkimKind.Pass, result.Kind));
        Assert.Equal((DkimKind.Neutral, "490 more signatures were not checked"), (results[10].Kind, results[10].Reason));
        Assert.Equal(10, zone.Asked);
    }

    [Theory]
    [InlineData(200_000, 10)]
    [InlineData(5, 2_000_000)]
    public void AHeaderWithoutMeasureIsNotChecked(int fields, int length)
    {
        var message = Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(Signed, 0, Signed.Length - Body.Length)
            + string.Concat(Enumerable.Repeat("X: " + new string('x', length) + "\r\n", fields)) + Body);
        var watch = Stopwatch.StartNew();
        var result = Assert.Single(Verify(message, Zone()));
        Assert.Equal(DkimKind.Neutral, result.Kind);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void ALimitLeavesOctetsUnsignedAndTheResultSaysHowMany()
    {
        // The field is signed by hand, because the signer never writes l=.
        var tags = new TagListWriter("DKIM-Signature").Tag("v", "1").Tag("a", "ed25519-sha256").Tag("c", "relaxed/relaxed").Tag("d", "example.com").Tag("s", "e1").Tag("l", "6")
            .Words("h", ["From"]).Base64("bh", System.Security.Cryptography.SHA256.HashData("Some t"u8));
        var field = DkimSigner.Complete(tags, Key, "from:a@example.com\r\n"u8);
        var result = Assert.Single(Verify([.. field, .. Letter], Zone()));
        Assert.Equal((DkimKind.Pass, 5L), (result.Kind, result.UnsignedOctets));
    }

    [Fact]
    public void AnExpiredAndAFutureSignatureDoNotPass()
    {
        byte[] expired = [.. DkimSigner.Sign(Letter, [Key], Now - TimeSpan.FromDays(8), TimeSpan.FromDays(7)), .. Letter];
        Assert.Equal(DkimKind.PermError, Assert.Single(Verify(expired, Zone())).Kind);
        byte[] future = [.. DkimSigner.Sign(Letter, Key, Now + TimeSpan.FromDays(3)), .. Letter];
        Assert.Equal(DkimKind.Policy, Assert.Single(Verify(future, Zone())).Kind);
    }

    private static bool IsSpace(byte octet) => octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    // Upper bits of base64's last character, and the semicolons' neighbours, may differ without meaning.
    private static bool IsInIgnoredPlace(int position) => Signed[position] is (byte)'=' || Signed[Math.Min(position + 1, Signed.Length - 1)] is (byte)'=';

    private static ZoneResolver Zone() => new ZoneResolver().Txt(Key.RecordName.Ascii, Key.RecordText);

    private static IReadOnlyList<DkimResult> Verify(byte[] message, ZoneResolver zone) =>
        DkimVerifier.VerifyAsync(message, Now, zone, default).AsTask().GetAwaiter().GetResult();
}
