using Sternpost.Dns;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.Unit.MailAuth.Peers;

/// <summary>What we sign, others verify; what others sign, we verify; and what is changed on the way all of us refuse alike.</summary>
public sealed class DkimPeersAgreeTests : IDisposable
{
    private const int Messages = 200;

    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly DkimSigningKey Rsa = DkimSigningKey.GenerateRsa(DomainName.Parse("example.com"), "r1");
    private static readonly DkimSigningKey Ed = DkimSigningKey.GenerateEd25519(DomainName.Parse("example.com"), "e1");

    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-dkim").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("opendkim")]
    [InlineData("dkimpy")]
    [InlineData("mailauth")]
    public async Task WhatWeSignVerifiesThere(string name)
    {
        var peer = await RequireAsync(name);
        var mail = await WriteAsync(message => [.. DkimSigner.Sign(message, [Rsa, Ed], Now), .. message]);
        var results = await peer.VerifyAsync(mail, [Rsa, Ed]);
        Assert.Equal(Messages, results.Count);
        Assert.DoesNotContain(results, result => result.Value != "pass pass");
    }

    [Theory]
    [InlineData("dkimpy", "relaxed", "relaxed", "rsa")]
    [InlineData("dkimpy", "relaxed", "simple", "rsa")]
    [InlineData("dkimpy", "simple", "relaxed", "rsa")]
    [InlineData("dkimpy", "simple", "simple", "rsa")]
    [InlineData("dkimpy", "simple", "simple", "ed25519")]
    [InlineData("mailauth", "relaxed", "relaxed", "rsa")]
    [InlineData("mailauth", "simple", "simple", "rsa")]
    [InlineData("mailauth", "simple", "relaxed", "ed25519")]
    public async Task WhatTheySignVerifiesHere(string name, string header, string body, string kind)
    {
        var peer = await RequireAsync(name);
        var mail = await WriteAsync(message => message);
        await peer.SignAsync(mail, kind == "rsa" ? Rsa : Ed, header, body);
        var results = await VerifyAsync(mail);
        Assert.Equal(Messages, results.Count);
        // About one message in a thousand mailauth signs in a way that neither itself nor anybody else verifies: then all must say so.
        Assert.InRange(results.Count(result => result.Value == "pass"), Messages - 2, Messages);
        Assert.Equal((await peer.VerifyAsync(mail, [Rsa, Ed])).OrderBy(result => result.Key), results.OrderBy(result => result.Key));
    }

    [Theory]
    [InlineData("opendkim")]
    [InlineData("dkimpy")]
    [InlineData("mailauth")]
    public async Task OfChangedMessagesAllThinkAlike(string name)
    {
        var peer = await RequireAsync(name);
        var random = new Random(12);
        var mail = await WriteAsync(message => Change([.. DkimSigner.Sign(message, [Rsa, Ed], Now), .. message], random));
        var ours = await VerifyAsync(mail);
        Assert.InRange(ours.Count(result => result.Value == "fail fail"), Messages / 3, Messages);
        Assert.Equal(ours.OrderBy(result => result.Key), (await peer.VerifyAsync(mail, [Rsa, Ed])).OrderBy(result => result.Key));
    }

    // A letter becomes another one anywhere below the signatures, or a field comes in.
    private static byte[] Change(byte[] message, Random random)
    {
        var start = message.AsSpan().IndexOf("\r\nReceived"u8) is var received and > 0 ? received : message.AsSpan().IndexOf("@example.net"u8);
        if (random.Next(4) == 0) return [.. "Reply-To: x@evil.example\r\n"u8, .. message];
        for (var i = start + random.Next(message.Length - start); i < message.Length; i++)
        {
            if (message[i] is < (byte)'a' or > (byte)'y' || IsInName(message, i)) continue;
            message[i]++;
            break;
        }
        return message;
    }

    // Without its From field opendkim says one thing of all signatures, and not one of each.
    private static bool IsInName(byte[] message, int position)
    {
        var line = message.AsSpan(0, position).LastIndexOf((byte)'\n') + 1;
        return message[line] is not ((byte)' ' or (byte)'\t') && !message.AsSpan(line, position - line).Contains((byte)':');
    }

    private static async Task<DkimPeer> RequireAsync(string name)
    {
        var peer = DkimPeer.Of(name);
        if (await peer.MissingAsync() is { } missing) Assert.Skip($"{missing} is not installed; ./test installs it where it may.");
        return peer;
    }

    private async Task<string> WriteAsync(Func<byte[], byte[]> finish)
    {
        var mail = Directory.CreateDirectory(Path.Combine(folder, "mail")).FullName;
        var number = 0;
        foreach (var message in GeneratedMessages.Make(Messages)) await File.WriteAllBytesAsync(Path.Combine(mail, $"{number++:000}.eml"), finish(message));
        return mail;
    }

    private static async Task<IReadOnlyDictionary<string, string>> VerifyAsync(string mail)
    {
        var zone = new ZoneResolver().Txt(Rsa.RecordName.Ascii, Rsa.RecordText).Txt(Ed.RecordName.Ascii, Ed.RecordText);
        var results = new Dictionary<string, string>();
        foreach (var file in Directory.EnumerateFiles(mail))
        {
            var found = await DkimVerifier.VerifyAsync(await File.ReadAllBytesAsync(file), DateTimeOffset.UtcNow.AddMinutes(1), zone, default);
            results[Path.GetFileName(file)] = string.Join(' ', found.Select(result => result.Kind == DkimKind.Pass ? "pass" : "fail"));
        }
        return results;
    }
}
