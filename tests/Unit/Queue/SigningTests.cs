using System.Text;
using Sternpost.Dns;
using Sternpost.MailAuth.Dkim;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Signing;

namespace Sternpost.Unit.Queue;

/// <summary>Keys are made once, published as they are, and what leaves is signed with them.</summary>
public class SigningTests
{
    private static readonly DomainName Example = DomainName.Parse("example.com");

    [Fact]
    public async Task Keys_are_made_once_however_many_ask_at_a_time()
    {
        await using var queue = await TestQueue.OpenAsync(25);
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new DkimKeys(queue.Database, queue.Time).EnsureAsync(Example, default).AsTask())));
        Assert.Single(made, true);
        var keys = await new DkimKeys(queue.Database, queue.Time).PublishedAsync(Example, default);
        Assert.Equal([("r20260501", "rsa"), ("e20260501", "ed25519")], keys.Select(key => (key.Selector, key.Algorithm)));
    }

    [Fact]
    public async Task What_leaves_is_signed_so_that_the_published_keys_prove_it()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        var keys = new DkimKeys(queue.Database, queue.Time);
        await keys.EnsureAsync(Example, default);
        foreach (var key in await keys.PublishedAsync(Example, default)) queue.Zone.Txt($"{key.Selector}._domainkey.example.com", key.RecordText);
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await queue.EmptyAsync();

        var results = await DkimVerifier.VerifyAsync(Encoding.UTF8.GetBytes(Assert.Single(sink.Messages).Data), queue.Time.GetUtcNow(), queue.Zone, default);
        Assert.Equal(2, results.Count);
        Assert.All(results, result => Assert.Equal((DkimKind.Pass, Example), (result.Kind, result.Domain)));
    }

    [Fact]
    public async Task A_name_below_a_domain_with_keys_is_signed_for_by_them_and_others_are_not()
    {
        await using var queue = await TestQueue.OpenAsync(25);
        await new DkimKeys(queue.Database, queue.Time).EnsureAsync(Example, default);
        var signer = new DkimMessageSigner(queue.Database, queue.Time);
        Assert.Contains("d=example.com", await SignAsync(signer, "mailer-daemon@mail.example.com"));
        Assert.Equal("", await SignAsync(signer, "x@example.org"));
        Assert.Equal("", await SignAsync(signer, null));
    }

    [Fact]
    public async Task A_key_made_by_a_command_counts_without_a_restart()
    {
        await using var queue = await TestQueue.OpenAsync(25);
        var signer = new DkimMessageSigner(queue.Database, queue.Time);
        Assert.Equal("", await SignAsync(signer, "alice@example.com"));
        await using var other = await queue.OpenAsOtherProcessAsync();
        await new DkimKeys(other, queue.Time).EnsureAsync(Example, default);
        queue.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Contains("d=example.com", await SignAsync(signer, "alice@example.com"));
        await new DkimKeys(other, queue.Time).RemoveAsync(Example, default);
        queue.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("", await SignAsync(signer, "alice@example.com"));
    }

    private static async Task<string> SignAsync(DkimMessageSigner signer, string? from) =>
        Encoding.ASCII.GetString((await signer.SignAsync(from is null ? null : EmailAddress.Parse(from), "From: x\r\n\r\nx\r\n"u8.ToArray(), default)).Span);
}
