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

    [Fact]
    public async Task The_server_signs_with_one_key_that_outlives_a_restart()
    {
        await using var folder = await Accounts.AccountsFolder.CreateAsync();
        var (first, again) = (Make(), Make());
        var key = await first.PublicKeyAsync(default);
        Assert.Equal(key, await again.PublicKeyAsync(default));
        var field = await again.AuthorizationAsync(new Uri("https://push.example:8443/send/abc?x=y"), default);
        Assert.EndsWith(", k=" + key, field);
        var parts = field["vapid t=".Length..field.IndexOf(',', StringComparison.Ordinal)].Split('.');
        var point = Base64Url.DecodeFromChars(key);
        using var verifier = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..] } });
        Assert.True(verifier.VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        // RFC 8292 §2: the origin alone, and at most a day.
        Assert.Equal("{\"aud\":\"https://push.example:8443\",\"exp\":" + (folder.Time.GetUtcNow().ToUnixTimeSeconds() + 43200) + ",\"sub\":\"mailto:postmaster@mail.example\"}", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])));

        Vapid Make() => new(new Sternpost.Accounts.Forwarding.DirectorySecret(folder.Database, "web push"), "mail.example", folder.Time);
    }

    [Fact]
    public async Task What_a_browser_subscribed_ends_with_its_sign_in()
    {
        await using var folder = await Accounts.AccountsFolder.CreateAsync("alice@example.com");
        var alice = (await folder.Directory.FindAccountAsync(Accounts.AccountsFolder.Address("alice@example.com"), default))!;
        var sessions = new Sternpost.Accounts.Sessions.WebSessions(folder.Database, folder.Directory, folder.Time);
        var store = new Sternpost.Jmap.Stores.PushStore(folder.Database);
        var credentials = new List<string> { "password" };
        for (var i = 0; i < 2; i++) credentials.Add(Sternpost.Jmap.Protocol.RequestScope.OfSession((await sessions.FindAsync(await sessions.BeginAsync(alice, "a browser", IPAddress.Loopback, default), default))!.Value.SessionId));
        foreach (var credential in credentials)
            await store.WriteAsync(sql => { Sternpost.Jmap.Stores.PushStore.Put(sql, new(store.NewId(), alice.Id, credential, "d", "https://push.example/", null, null, "v", true, folder.Time.GetUtcNow().AddDays(7), null)); return true; }, default);
        Assert.Equal(credentials, await CredentialsAsync());
        await sessions.EndAsync(alice.Id, (await sessions.OfAsync(alice.Id, default)).First(session => credentials[1].EndsWith(session.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)).Id, default);
        Assert.Equal([credentials[0], credentials[2]], await CredentialsAsync());
        folder.Time.Advance(TimeSpan.FromSeconds(5));
        await folder.Directory.SetPasswordAsync(alice.Address, "another horse battery", default);
        Assert.Equal(["password"], await CredentialsAsync());

        async Task<List<string>> CredentialsAsync() => [.. (await store.AllAsync(folder.Time.GetUtcNow(), default)).Select(target => target.Credential)];
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
