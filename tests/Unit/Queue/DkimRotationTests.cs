using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Dns;
using Sternpost.MailAuth.Published;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Signing;

namespace Sternpost.Unit.Queue;

/// <summary>Keys change without a moment in which receivers cannot find the one that signs.</summary>
public sealed class DkimRotationTests
{
    private static readonly DomainName Example = DomainName.Parse("example.com");

    [Fact]
    public async Task AKeyIsPublishedBeforeItSignsAndTheOldOneIsRevokedLater()
    {
        await using var queue = await TestQueue.OpenAsync(25);
        var keys = new DkimKeys(queue.Database, queue.Time);
        await keys.EnsureAsync(Example, default);
        await PublishAsync(queue, keys);
        var (first, signer, rotation) = (await SelectorsAsync(keys, KeyUse.Signing), new DkimMessageSigner(queue.Database, queue.Time), Rotation(queue, keys));

        // Not yet due.
        await rotation.RoundAsync(default);
        Assert.Empty(await SelectorsAsync(keys, KeyUse.Next));

        queue.Time.Advance(TimeSpan.FromDays(180));
        await rotation.RoundAsync(default);
        var next = await SelectorsAsync(keys, KeyUse.Next);
        Assert.Equal(2, next.Count);

        // As long as nobody publishes them, the old ones sign, however long that is.
        queue.Time.Advance(TimeSpan.FromDays(30));
        await rotation.RoundAsync(default);
        Assert.Equal(first, await SignedByAsync(signer));

        await PublishAsync(queue, keys);
        await rotation.RoundAsync(default);
        queue.Time.Advance(TimeSpan.FromDays(1.9));
        await rotation.RoundAsync(default);
        Assert.Equal(first, await SignedByAsync(signer));

        queue.Time.Advance(TimeSpan.FromDays(0.2));
        await rotation.RoundAsync(default);
        queue.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(next, await SignedByAsync(signer));
        Assert.Equal(first, await SelectorsAsync(keys, KeyUse.Retired));

        queue.Time.Advance(TimeSpan.FromDays(31));
        await rotation.RoundAsync(default);
        Assert.Equal(first, await SelectorsAsync(keys, KeyUse.Revoked));
        Assert.All(await keys.PublishedAsync(Example, default), key => Assert.Equal(key.Use == KeyUse.Revoked, key.PublicKey.Length == 0));
        Assert.Equal(2, await queue.Database.ReadAsync(sql => sql.First($"select count(*) from dkim_keys where length(private_key) = 0", row => row.GetInt32(0)), default));

        queue.Time.Advance(TimeSpan.FromDays(61));
        await rotation.RoundAsync(default);
        Assert.Equal(next, (await keys.PublishedAsync(Example, default)).Select(key => key.Selector).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ARecordThatIsWrongOrGoesAwayStartsTheWaitingAnew()
    {
        await using var queue = await TestQueue.OpenAsync(25);
        var keys = new DkimKeys(queue.Database, queue.Time);
        await keys.EnsureAsync(Example, default);
        var first = await SelectorsAsync(keys, KeyUse.Signing);
        queue.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(2, await keys.PrepareAsync(Example, default));
        Assert.Equal(0, await keys.PrepareAsync(Example, default));
        var rotation = Rotation(queue, keys);

        foreach (var selector in await SelectorsAsync(keys, KeyUse.Next)) queue.Zone.Txt($"{selector}._domainkey.example.com", "v=DKIM1; p=AAAA");
        await RoundsAsync(3);
        Assert.Equal(first, await SelectorsAsync(keys, KeyUse.Signing));

        foreach (var selector in await SelectorsAsync(keys, KeyUse.Next)) queue.Zone.Remove($"{selector}._domainkey.example.com");
        await PublishAsync(queue, keys);
        await RoundsAsync(1);
        foreach (var selector in await SelectorsAsync(keys, KeyUse.Next)) queue.Zone.Remove($"{selector}._domainkey.example.com");
        await RoundsAsync(1);
        await PublishAsync(queue, keys);
        await RoundsAsync(2);
        Assert.Equal(first, await SelectorsAsync(keys, KeyUse.Signing));
        await RoundsAsync(2);
        Assert.NotEqual(first, await SelectorsAsync(keys, KeyUse.Signing));

        async Task RoundsAsync(int days)
        {
            for (var day = 0; day < days; day++)
            {
                await rotation.RoundAsync(default);
                queue.Time.Advance(TimeSpan.FromDays(1));
            }
        }
    }

    [Fact]
    public async Task WhereDnsDoesNotAnswerNothingChanges()
    {
        await using var queue = await TestQueue.OpenAsync(25);
        var keys = new DkimKeys(queue.Database, queue.Time);
        await keys.EnsureAsync(Example, default);
        queue.Time.Advance(TimeSpan.FromDays(1));
        await keys.PrepareAsync(Example, default);
        var next = await SelectorsAsync(keys, KeyUse.Next);
        await PublishAsync(queue, keys);
        var rotation = Rotation(queue, keys);
        await rotation.RoundAsync(default);
        foreach (var selector in next) queue.Zone.Remove($"{selector}._domainkey.example.com").Fails($"{selector}._domainkey.example.com");
        queue.Time.Advance(TimeSpan.FromDays(3));
        await rotation.RoundAsync(default);
        Assert.Equal(next, await SelectorsAsync(keys, KeyUse.Next));
        // Once it answers again, what was seen before still counts.
        foreach (var selector in next) queue.Zone.Remove($"{selector}._domainkey.example.com");
        await PublishAsync(queue, keys);
        await rotation.RoundAsync(default);
        Assert.Equal(next, await SelectorsAsync(keys, KeyUse.Signing));
    }

    [Fact]
    public async Task NeverMeansNever()
    {
        await using var queue = await TestQueue.OpenAsync(25);
        var keys = new DkimKeys(queue.Database, queue.Time);
        await keys.EnsureAsync(Example, default);
        queue.Time.Advance(TimeSpan.FromDays(10_000));
        await Rotation(queue, keys, TimeSpan.Zero).RoundAsync(default);
        Assert.Empty(await SelectorsAsync(keys, KeyUse.Next));
    }

    private static DkimRotation Rotation(TestQueue queue, DkimKeys keys, TimeSpan? after = null) =>
        new(queue.Database, queue.Directory, keys, queue.Zone, new RotationOptions { RotateAfter = after ?? TimeSpan.FromDays(180) }, queue.Time, NullLogger<DkimRotation>.Instance);

    private static async Task PublishAsync(TestQueue queue, DkimKeys keys)
    {
        foreach (var key in await keys.PublishedAsync(Example, default)) queue.Zone.Remove($"{key.Selector}._domainkey.example.com").Txt($"{key.Selector}._domainkey.example.com", key.RecordText);
    }

    private static async Task<List<string>> SelectorsAsync(DkimKeys keys, KeyUse use) =>
        [.. (await keys.PublishedAsync(Example, default)).Where(key => key.Use == use).Select(key => key.Selector).Order(StringComparer.Ordinal)];

    private static async Task<List<string>> SignedByAsync(DkimMessageSigner signer)
    {
        var letter = "From: alice@example.com\r\nSubject: s\r\n\r\nHello\r\n"u8.ToArray();
        var signatures = Encoding.ASCII.GetString((await signer.SignAsync(EmailAddress.Parse("alice@example.com"), letter, default)).Span);
        return [.. System.Text.RegularExpressions.Regex.Matches(signatures, @"\bs=([a-z0-9]+)").Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];
    }
}
