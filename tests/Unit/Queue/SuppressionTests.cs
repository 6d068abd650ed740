using Sternpost.Messages.Addresses;
using Sternpost.Queue.Suppression;

namespace Sternpost.Unit.Queue;

/// <summary>Addresses that bounce for good are not written to, addresses that work are.</summary>
public class SuppressionTests
{
    private static readonly EmailAddress Gone = EmailAddress.Parse("gone@dest.test");

    [Fact]
    public async Task Two_bounces_an_hour_apart_suppress_for_a_month_and_a_delivery_forgives()
    {
        var taken = false;
        await using var sink = new MailSink { Answer = command => command.StartsWith("RCPT TO:<gone") && !taken ? "550 5.1.1 User unknown" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        var list = new SuppressionList(queue.Database, queue.Time);
        await queue.StartAsync();
        await queue.SubmitAsync(Gone.ToString());
        await queue.SubmitAsync(Gone.ToString());
        await queue.EmptyAsync();
        // Both at the same time are one bounce.
        Assert.Null(await list.FindAsync(Gone, default));
        queue.Time.Advance(TimeSpan.FromHours(2));
        await queue.SubmitAsync(Gone.ToString());
        await queue.EmptyAsync();
        var found = await list.FindAsync(Gone, default);
        Assert.Equal((2, false), (found!.Bounces, found.ByHand));
        Assert.Contains("User unknown", found.Reply);
        Assert.Equal(Gone, Assert.Single(await list.ListAsync(default)).Address);

        queue.Time.Advance(TimeSpan.FromDays(31));
        Assert.Null(await list.FindAsync(Gone, default));
        taken = true;
        await queue.SubmitAsync(Gone.ToString());
        await queue.EmptyAsync();
        taken = false;
        await queue.SubmitAsync(Gone.ToString());
        await queue.EmptyAsync();
        Assert.Null(await list.FindAsync(Gone, default));
    }

    [Theory]
    [InlineData("550 5.7.1 Message rejected as spam")]
    [InlineData("552 5.2.2 Mailbox full")]
    [InlineData("554 5.7.1 blocked using zen.spamhaus.org")]
    public async Task What_does_not_speak_of_the_address_does_not_suppress_it(string reply)
    {
        await using var sink = new MailSink { Answer = command => command.StartsWith("RCPT") ? reply : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { SuppressAfter = 1 });
        queue.Domain("dest.test");
        await queue.StartAsync();
        await queue.SubmitAsync(Gone.ToString());
        await queue.EmptyAsync();
        Assert.Null(await new SuppressionList(queue.Database, queue.Time).FindAsync(Gone, default));
    }

    [Fact]
    public async Task By_hand_it_is_put_there_and_taken_away()
    {
        await using var queue = await TestQueue.OpenAsync(25);
        var list = new SuppressionList(queue.Database, queue.Time);
        await list.AddAsync(Gone, "asked to be left alone", TimeSpan.FromDays(90), default);
        Assert.True((await list.FindAsync(EmailAddress.Parse("Gone@DEST.test"), default))!.ByHand);
        Assert.True(await list.RemoveAsync(Gone, default));
        Assert.False(await list.RemoveAsync(Gone, default));
        Assert.Null(await list.FindAsync(Gone, default));
    }
}
