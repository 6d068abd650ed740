using Sternpost.Accounts;
using Sternpost.Messages.Addresses;
using Sternpost.Queue;
using Sternpost.Queue.Bounces;

namespace Sternpost.Unit.Queue;

/// <summary>Tags on reverse-paths: bounces of our own mail come in, bounces of what others forged do not.</summary>
public class BounceTagTests
{
    [Fact]
    public async Task Mail_leaves_with_a_tag_and_its_bounce_reaches_the_sender()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { BounceTags = BounceTagging.Refuse, NoBounceTagsTo = [Sternpost.Dns.DomainName.Parse("list.test")] });
        queue.Domain("dest.test");
        queue.Domain("list.test");
        await queue.StartAsync();
        var rule = new BounceTagRule(queue.Database, queue.Directory, queue.Options, queue.Time, ["reports"]);
        await queue.SubmitAsync("bob@dest.test");
        await queue.SubmitAsync("members@list.test");
        await queue.EmptyAsync();
        var path = sink.Messages.Single(message => message.Recipients.Contains("bob@dest.test")).From;
        Assert.Matches("^prvs=0[0-9]{3}[0-9a-f]{6}=alice@example.com$", path);
        Assert.Equal("alice@example.com", sink.Messages.Single(message => message.Recipients.Contains("members@list.test")).From);
        // The queue and its notices show the sender as he is.
        var tagged = EmailAddress.Parse(path);
        Assert.IsType<RecipientResolution.Deliver>(await queue.Directory.ResolveAsync(tagged, default));

        // Not before every message that left without a tag has had its time to bounce.
        Assert.False(await rule.IsForeignAsync(TestQueue.Alice, default));
        queue.Time.Advance(TimeSpan.FromDays(11));
        Assert.True(await rule.IsForeignAsync(TestQueue.Alice, default));
        Assert.False(await rule.IsForeignAsync(EmailAddress.Parse("postmaster@example.com"), default));
        Assert.False(await rule.IsForeignAsync(EmailAddress.Parse("reports@example.com"), default));
        // Eleven days old.
        Assert.True(await rule.IsForeignAsync(tagged, default));
        var fresh = await queue.Directory.BounceTagAsync(TestQueue.Alice, default);
        Assert.False(await rule.IsForeignAsync(fresh, default));
        // Some servers change the case of what they bounce to.
        Assert.False(await rule.IsForeignAsync(EmailAddress.Parse(fresh.ToString().Replace("prvs", "PRVS")), default));
        var forged = EmailAddress.Parse(fresh.ToString().Replace("=alice", "=boss"));
        Assert.True(await rule.IsForeignAsync(forged, default));
    }

    [Fact]
    public async Task Off_nothing_is_tagged_and_nothing_refused()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        await queue.SubmitAsync("bob@dest.test");
        await queue.EmptyAsync();
        Assert.Equal("alice@example.com", Assert.Single(sink.Messages).From);
        queue.Time.Advance(TimeSpan.FromDays(30));
        Assert.False(await new BounceTagRule(queue.Database, queue.Directory, queue.Options, queue.Time, []).IsForeignAsync(TestQueue.Alice, default));
    }
}
