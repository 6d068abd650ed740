using System.Diagnostics;
using System.Text;
using CsCheck;
using Sternpost.Dns;
using Sternpost.MailAuth.Arc;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.Unit.MailAuth.Arc;

public sealed class ArcChainTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DkimSigningKey First = DkimSigningKey.GenerateRsa(DomainName.Parse("one.example"), "a");
    private static readonly DkimSigningKey Second = DkimSigningKey.GenerateEd25519(DomainName.Parse("two.example"), "b");
    private static readonly byte[] Letter = Encoding.ASCII.GetBytes("From: a@example.com\r\nTo: b@example.net\r\nSubject: Hello\r\n\r\nText\r\n");

    [Fact]
    public async Task ListsMayChangeTheBodyBetweenSealsAndTheChainHolds()
    {
        var once = await SealAsync(Letter, First);
        byte[] footer = [.. once, .. "-- \r\nthe list\r\n"u8];
        // The list's change breaks the first message signature, which nobody looks at again; the chain itself passed on arrival.
        var chain = await VerifyAsync(once);
        byte[] twice = [.. ArcSealer.Seal(footer, chain, "two.example", "dmarc=fail header.from=example.com", Second, Now), .. footer];
        var result = await VerifyAsync(twice);
        Assert.Equal((ArcKind.Pass, ""), (result.Kind, result.Reason));
        Assert.Equal(["one.example", "two.example"], result.Links.Select(link => link.Sealer.Ascii));
        Assert.Equal("one.example; dmarc=pass header.from=example.com", result.Links[0].AuthenticationResults);
    }

    [Theory]
    [InlineData("Subject: Hello", "Subject: Hallo")]
    [InlineData("\r\n\r\nText", "\r\n\r\nTexts")]
    [InlineData("dmarc=pass", "dmarc=fail")]
    [InlineData("cv=none", "cv=pass")]
    public async Task AChangeAfterTheLastSealBreaksTheChain(string old, string changed)
    {
        var message = Encoding.ASCII.GetString(await SealAsync(Letter, First)).Replace(old, changed, StringComparison.Ordinal);
        var result = await VerifyAsync(Encoding.ASCII.GetBytes(message));
        Assert.Equal(ArcKind.Fail, result.Kind);
        Assert.NotEqual("", result.Reason);
        Assert.Empty(result.Links);
    }

    [Fact]
    public async Task ABrokenChainIsSealedAsFailedOnceAndNeverAgain()
    {
        var broken = Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(await SealAsync(Letter, First)).Replace("Hello", "Hallo", StringComparison.Ordinal));
        var chain = await VerifyAsync(broken);
        byte[] failed = [.. ArcSealer.Seal(broken, chain, "two.example", "arc=fail", Second, Now), .. broken];
        Assert.Contains("cv=fail", Encoding.ASCII.GetString(failed), StringComparison.Ordinal);
        var again = await VerifyAsync(failed);
        Assert.Equal((ArcKind.Fail, true), (again.Kind, again.WasSealedAsFailed));
        Assert.Empty(ArcSealer.Seal(failed, again, "three.example", "arc=fail", First, Now));
    }

    [Fact]
    public async Task AKeyThatCannotBeFetchedNowMakesAFailureThatMayPass()
    {
        var message = await SealAsync(Letter, First);
        var result = await ArcVerifier.VerifyAsync(message, new ZoneResolver().Fails(First.RecordName.Ascii), default);
        Assert.Equal((ArcKind.Fail, true), (result.Kind, result.IsTemporary));
    }

    [Fact]
    public async Task FiftyLinksAreTheMostAndCostLittle()
    {
        var message = Letter;
        for (var i = 0; i < 50; i++) message = await SealAsync(message, i % 2 == 0 ? First : Second);
        var watch = Stopwatch.StartNew();
        var result = await VerifyAsync(message);
        Assert.Equal((ArcKind.Pass, 50), (result.Kind, result.Links.Count));
        Assert.Empty(ArcSealer.Seal(message, result, "x.example", "none", First, Now));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void NothingInTheFieldsThrows()
    {
        var tag = Gen.OneOf("i=1", "i=2", "i=0", "i=51", "i=", "a=rsa-sha256", "cv=none", "cv=pass", "d=one.example", "s=a", "b=AAAA", "bh=AAAA", "h=from", "lists.example.org", "dmarc=pass", "", "=");
        var field = Gen.Select(Gen.OneOf("ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results"), tag.Array[0, 9], (name, tags) => name + ": " + string.Join(';', tags) + "\r\n");
        field.Array[0, 8].Sample(fields => VerifyAsync(Encoding.ASCII.GetBytes(string.Concat(fields) + "From: a@b.c\r\n\r\n")).AsTask().GetAwaiter().GetResult(), iter: 3000);
        Gen.Byte.Array[0, 300].Sample(octets => VerifyAsync([.. "ARC-Seal:"u8, .. octets, 13, 10, .. "ARC-Authentication-Results:"u8, .. octets]).AsTask().GetAwaiter().GetResult(), iter: 3000);
    }

    private static async Task<byte[]> SealAsync(byte[] message, DkimSigningKey key) =>
        [.. ArcSealer.Seal(message, await VerifyAsync(message), key.Domain.Ascii, "dmarc=pass header.from=example.com", key, Now), .. message];

    private static ValueTask<ArcResult> VerifyAsync(byte[] message) =>
        ArcVerifier.VerifyAsync(message, new ZoneResolver().Txt(First.RecordName.Ascii, First.RecordText).Txt(Second.RecordName.Ascii, Second.RecordText), default);
}
