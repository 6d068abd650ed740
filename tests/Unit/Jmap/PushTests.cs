using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sternpost.Jmap.Push;
using Sternpost.Network;

namespace Sternpost.Unit.Jmap;

public sealed class PushTests
{
    [Fact]
    public void What_is_pushed_can_be_read_by_who_gave_the_keys_alone()
    {
        using var receiver = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var point = Point(receiver);
        var secret = RandomNumberGenerator.GetBytes(16);
        var body = PushEncryption.Encrypt("{\"@type\":\"StateChange\"}"u8, Base64Url.EncodeToString(point), Base64Url.EncodeToString(secret));
        Assert.Equal("{\"@type\":\"StateChange\"}", Decrypt(receiver, point, secret, body));
        Assert.ThrowsAny<CryptographicException>(() => Decrypt(receiver, point, RandomNumberGenerator.GetBytes(16), body));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("AAAA", "AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("not base64!", "x")]
    public void What_are_no_keys_are_refused(string point, string secret) => Assert.False(PushEncryption.AreKeys(point, secret));

    [Theory]
    [InlineData("1.1.1.1", true)]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("64:ff9b::10.1.2.3", false)]
    [InlineData("64:ff9b::8.8.8.8", true)]
    [InlineData("64:ff9b:1::8.8.8.8", false)]
    [InlineData("2002:a01:203::1", false)]
    [InlineData("2002:808:808::1", true)]
    [InlineData("2001:0:808:808::1", false)]
    public void Only_public_addresses_are_connected_to(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));

    [Fact]
    public void A_change_tells_what_differs_and_is_wanted()
    {
        var (before, now) = (States.Read("Email=1,Mailbox=2"), States.Read("Email=3,Mailbox=2,Thread=4"));
        Assert.Equal("{\"@type\":\"StateChange\",\"changed\":{\"A1\":{\"Email\":\"3\",\"Thread\":\"4\"}}}", States.Change("A1", before, now, null)!.ToJsonString());
        Assert.Equal("{\"@type\":\"StateChange\",\"changed\":{\"A1\":{\"Thread\":\"4\"}}}", States.Change("A1", before, now, ["Thread"])!.ToJsonString());
        Assert.Null(States.Change("A1", before, now, ["Mailbox"]));
        Assert.Equal("Email=3,Mailbox=2,Thread=4", States.Mark(now));
    }

    // The receiver's side, written from RFC 8291 §3.4 and RFC 8188 §2 alone.
    private static string Decrypt(ECDiffieHellman receiver, byte[] point, byte[] secret, byte[] body)
    {
        var (salt, sender) = (body[..16], body[21..86]);
        using var theirs = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = sender[1..33], Y = sender[33..] } });
        byte[] info = [.. "WebPush: info\0"u8, .. point, .. sender];
        var input = HKDF.DeriveKey(HashAlgorithmName.SHA256, receiver.DeriveRawSecretAgreement(theirs.PublicKey), 32, secret, info);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 16, salt, "Content-Encoding: aes128gcm\0"u8.ToArray());
        var nonce = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 12, salt, "Content-Encoding: nonce\0"u8.ToArray());
        var plain = new byte[body.Length - 86 - 16];
        using var cipher = new AesGcm(key, 16);
        cipher.Decrypt(nonce, body.AsSpan(86, plain.Length), body.AsSpan(86 + plain.Length), plain);
        Assert.Equal(2, plain[^1]);
        return Encoding.UTF8.GetString(plain[..^1]);
    }

    private static byte[] Point(ECDiffieHellman key)
    {
        var q = key.ExportParameters(false).Q;
        return [4, .. q.X!, .. q.Y!];
    }
}
