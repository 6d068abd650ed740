using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Tracing;

namespace Sternpost.Unit.Queue;

/// <summary>What <c>trace</c> can tell of mail that goes through the queue.</summary>
public class TrailTests
{
    [Fact]
    public async Task A_delivery_names_the_server_that_took_it_and_how_it_was_protected()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        var id = await queue.SubmitAsync("b@dest.test");
        await queue.EmptyAsync();
        var trail = Assert.Single(await queue.TrailsAsync(id));
        Assert.Equal([StepKind.Accepted, StepKind.Queued, StepKind.Delivered], trail.Steps.Select(step => step.Step.Kind));
        Assert.Contains("alice@example.com", trail.Steps[0].Step.What);
        Assert.Contains("mx.dest.test", trail.Steps[2].Step.What);
        Assert.Contains("cleartext", trail.Steps[2].Step.What);
        Assert.Equal(id, Sternpost.Queue.QueueId.Format(Assert.Single(await queue.TrailsAsync("b@dest.test hello")).Id));
    }

    [Fact]
    public async Task Attempts_that_fail_say_why_when_the_next_is_and_what_it_means_and_the_bounce_is_found_with_them()
    {
        await using var sink = new MailSink { Answer = command => command.StartsWith("RCPT") ? "451 4.3.0 Later" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        var id = await queue.SubmitAsync("b@dest.test");
        await TestQueue.UntilAsync(async () => (await queue.QueueAsync())[0].Recipients[0].Attempts == 1, "a first attempt");
        sink.Answer = command => command.StartsWith("RCPT") ? "550 5.1.1 No such user" : null;
        await queue.AdvanceUntilAsync(TimeSpan.FromMinutes(1), queue.IsEmptyAsync, "the end of it");
        var trails = await queue.TrailsAsync(id);
        Assert.Equal(2, trails.Count);
        var steps = trails[1].Steps.Select(step => step.Step).ToList();
        Assert.Equal([StepKind.Accepted, StepKind.Queued, StepKind.Deferred, StepKind.Failed], steps.Select(step => step.Kind));
        Assert.Contains("451 4.3.0 Later", steps[2].What);
        Assert.Contains("Next try", steps[2].What);
        Assert.Contains("550 5.1.1 No such user", steps[3].What);
        Assert.Contains("there is no mailbox with that name at dest.test", steps[3].Advice);
        Assert.Equal([StepKind.Written, StepKind.Filed], trails[0].Steps.Select(step => step.Step.Kind));
        Assert.Contains(id, trails[0].Steps[0].Step.What);
    }

    [Fact]
    public async Task A_failure_that_the_sender_did_not_want_to_hear_of_says_so()
    {
        await using var sink = new MailSink { Answer = command => command.StartsWith("RCPT") ? "550 5.1.1 No such user" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        var id = await queue.SubmitAsync("hello", [new EnvelopeRecipient(EmailAddress.Parse("b@dest.test"), DsnNotify.Never)]);
        await queue.EmptyAsync();
        var trail = Assert.Single(await queue.TrailsAsync(id));
        Assert.Contains("had asked not to be told", trail.Steps[^1].Step.What);
    }

    [Fact]
    public async Task Mail_from_outside_says_who_brought_it_what_was_proved_and_where_it_lies()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        await queue.ReceiveAsync("carol@far.test", "alice@example.com", "Lunch on Friday");
        var steps = Assert.Single(await queue.TrailsAsync("friday carol@far.test")).Steps.Select(step => step.Step).ToList();
        Assert.Contains("192.0.2.1", steps[0].What);
        Assert.Contains("spf=pass", steps[0].What);
        Assert.Equal(StepKind.Filed, steps[1].Kind);
        Assert.Contains("inbox of alice@example.com: accept, score -2.0", steps[1].What);
    }
}
