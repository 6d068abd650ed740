using System.Text;
using Sternpost.Dns;
using Sternpost.MailAuth.Arc;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Signing;

namespace Sternpost.Unit.Queue;

/// <summary>Aliases that lead elsewhere: in our name, sealed, and with a way back for what bounces.</summary>
public class ForwardingTests
{
    [Theory]
    [InlineData("writer@origin.test")]
    [InlineData("a-writer-with-a-very-long-name-indeed@a-domain-with-a-long-name.test")]
    public async Task A_bounce_of_forwarded_mail_finds_its_way_to_the_sender(string sender)
    {
        await using var sink = new MailSink();
        await using var queue = await OpenAsync(sink);
        queue.Domain(EmailAddress.Parse(sender).Domain.Ascii);
        await queue.StartAsync();
        await queue.ReceiveAsync(sender, "far@example.com");
        await queue.EmptyAsync();
        var forwarded = Assert.Single(sink.Messages);
        Assert.Equal(["friend@elsewhere.test"], forwarded.Recipients);
        Assert.StartsWith("SRS0=", forwarded.From);
        Assert.EndsWith("@example.com", forwarded.From);
        Assert.True(forwarded.From.Length <= 64 + 1 + "example.com".Length);

        await queue.KillAndReopenAsync();
        await queue.StartAsync();
        await queue.ReceiveAsync(null, forwarded.From, "Undeliverable");
        await queue.EmptyAsync();
        var bounce = sink.Messages.Last();
        Assert.Equal(("", sender), (bounce.From, Assert.Single(bounce.Recipients)));
        Assert.Contains("Subject: Undeliverable", bounce.Data);
    }

    [Fact]
    public async Task A_forwarded_message_that_is_refused_is_reported_to_its_sender()
    {
        await using var sink = new MailSink { Answer = command => command.StartsWith("RCPT TO:<friend") ? "550 5.1.1 Gone" : null };
        await using var queue = await OpenAsync(sink);
        queue.Domain("origin.test");
        await queue.StartAsync();
        await queue.ReceiveAsync("writer@origin.test", "far@example.com");
        await queue.EmptyAsync();
        var notification = Assert.Single(sink.Messages);
        Assert.Equal(("", "writer@origin.test"), (notification.From, Assert.Single(notification.Recipients)));
    }

    [Fact]
    public async Task The_seal_says_what_authentication_came_to_and_passes_elsewhere()
    {
        await using var sink = new MailSink();
        await using var queue = await OpenAsync(sink);
        var keys = new DkimKeys(queue.Database, queue.Time);
        await keys.EnsureAsync(DomainName.Parse("example.com"), default);
        foreach (var key in await keys.PublishedAsync(DomainName.Parse("example.com"), default)) queue.Zone.Txt($"{key.Selector}._domainkey.example.com", key.RecordText);
        await queue.StartAsync();
        await queue.ReceiveAsync("writer@origin.test", "far@example.com", results: "spf=pass smtp.mailfrom=writer@origin.test");
        await queue.EmptyAsync();
        var chain = await ArcVerifier.VerifyAsync(Encoding.UTF8.GetBytes(Assert.Single(sink.Messages).Data), queue.Zone, default);
        var link = Assert.Single(chain.Links);
        Assert.Equal((ArcKind.Pass, "example.com"), (chain.Kind, link.Sealer.Ascii));
        Assert.Contains("mail.example.com; spf=pass smtp.mailfrom=writer@origin.test", link.AuthenticationResults);
    }

    [Theory]
    [InlineData(1.0, true)]
    [InlineData(1.6, false)]
    [InlineData(4.0, false)]
    public async Task What_looks_like_spam_is_not_passed_on(double score, bool passed)
    {
        await using var sink = new MailSink();
        await using var queue = await OpenAsync(sink);
        await queue.StartAsync();
        var answer = await queue.ReceiveAsync("writer@origin.test", "far@example.com", score: score);
        await queue.EmptyAsync();
        Assert.Equal(passed ? 1 : 0, sink.Messages.Count);
        if (!passed) Assert.Equal("550 5.7.1", answer);
    }

    [Fact]
    public async Task Where_the_alias_has_a_mailbox_here_too_that_copy_stays_and_the_trace_tells()
    {
        await using var sink = new MailSink();
        await using var queue = await OpenAsync(sink);
        await queue.Directory.AddAliasAsync("far@example.com", TestQueue.Alice, default);
        await queue.StartAsync();
        await queue.ReceiveAsync("writer@origin.test", "far@example.com", "prize", score: 2);
        await queue.EmptyAsync();
        Assert.Empty(sink.Messages);
        Assert.Single(await queue.InboxAsync());
        Assert.Contains((await queue.TrailsAsync("prize")).SelectMany(trail => trail.Steps), step => step.Step.What.StartsWith("Not passed on to friend@elsewhere.test"));
    }

    [Fact]
    public async Task A_target_that_refuses_much_gets_only_what_is_surely_wanted_for_a_day()
    {
        await using var sink = new MailSink { Answer = command => command == "." ? "550 5.7.1 This is spam" : null };
        await using var queue = await OpenAsync(sink);
        queue.Domain("origin.test");
        await queue.StartAsync();
        for (var i = 0; i < 5; i++) await queue.ReceiveAsync($"writer{i}@origin.test", "far@example.com", score: 1);
        await queue.EmptyAsync();
        sink.Answer = _ => null;
        sink.Messages.Clear();
        Assert.Equal("550 5.7.1", await queue.ReceiveAsync("writer@origin.test", "far@example.com", score: 0.5));
        await queue.ReceiveAsync("writer@origin.test", "far@example.com", score: -1);
        await queue.EmptyAsync();
        Assert.Single(sink.Messages);

        queue.Time.Advance(TimeSpan.FromHours(25));
        await queue.ReceiveAsync("writer@origin.test", "far@example.com", score: 0.5);
        await queue.EmptyAsync();
        Assert.Equal(2, sink.Messages.Count);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("alice@example.com", "alice@example.com")]
    public async Task The_null_path_and_our_own_senders_stay_as_they_are(string? from, string expected)
    {
        await using var sink = new MailSink();
        await using var queue = await OpenAsync(sink);
        await queue.StartAsync();
        await queue.ReceiveAsync(from, "far@example.com");
        await queue.EmptyAsync();
        Assert.Equal(expected, Assert.Single(sink.Messages).From);
    }

    private static async Task<TestQueue> OpenAsync(MailSink sink)
    {
        var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("elsewhere.test");
        await queue.Directory.AddAliasAsync("far@example.com", EmailAddress.Parse("friend@elsewhere.test"), default);
        return queue;
    }
}
