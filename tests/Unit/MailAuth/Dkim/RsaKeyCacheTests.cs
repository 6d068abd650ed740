using System.Security.Cryptography;
using System.Text;
using Sternpost.Dns;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.Unit.MailAuth.Dkim;

public sealed class RsaKeyCacheTests
{
    private static readonly byte[] Message = Encoding.ASCII.GetBytes("From: ann@example.org\r\nSubject: x\r\n\r\nbody\r\n");

    [Fact]
    public async Task One_key_serves_many_checks_at_once()
    {
        using var key = DkimSigningKey.GenerateRsa(DomainName.Parse("example.org"), "s");
        byte[] signed = [.. DkimSigner.Sign(Message, key, DateTimeOffset.UtcNow), .. Message];
        var zone = new ZoneResolver().Txt(key.RecordName.Ascii, key.RecordText);
        var kinds = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () => (await DkimVerifier.VerifyAsync(signed, DateTimeOffset.UtcNow, zone, default))[0].Kind)));
        Assert.All(kinds, kind => Assert.Equal(DkimKind.Pass, kind));
    }

    [Fact]
    public void Keys_beyond_the_capacity_push_others_out()
    {
        var cache = new RsaKeyCache(capacity: 16);
        for (var i = 0; i < 100; i++)
        {
            var (key, entry) = cache.Take([(byte)i]);
            Assert.Null(key);
            entry.Give(RSA.Create());
            Assert.InRange(cache.Count, 1, 16);
        }
    }

    [Fact]
    public void A_key_that_is_lent_is_not_lent_again()
    {
        var cache = new RsaKeyCache(capacity: 16);
        using var rsa = RSA.Create();
        cache.Take([1]).Entry.Give(rsa);
        Assert.Same(rsa, cache.Take([1]).Key);
        Assert.Null(cache.Take([1]).Key);
    }

    [Fact]
    public void What_is_wrong_with_a_key_is_remembered()
    {
        var record = "v=DKIM1; k=rsa; p=" + Convert.ToBase64String("no key at all"u8);
        Assert.True(DkimKeyRecord.TryParse(record, out var key, out _));
        for (var i = 0; i < 2; i++) Assert.Equal("the published RSA key is malformed", PublicKeys.Check(key, SigningAlgorithm.RsaSha256, new byte[32], new byte[256]).Problem);
    }
}
