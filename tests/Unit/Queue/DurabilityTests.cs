using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Composition;
using Sternpost.Queue;
using Sternpost.Queue.Delivery;
using Sternpost.Smtp.Client.Wires;
using Sternpost.Tracing;

namespace Sternpost.Unit.Queue;

/// <summary>What a crash may do: send again what was not written down, and nothing else. What commands beside the runner do.</summary>
public class DurabilityTests
{
    [Fact]
    public async Task A_message_whose_reply_was_not_written_down_is_sent_again_after_a_crash()
    {
        await using var sink = new MailSink { Answer = command => command == "." ? "HANG" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await TestQueue.UntilAsync(() => sink.Messages.Count == 1, "the message at the sink");
        await queue.KillAndReopenAsync();
        sink.Answer = _ => null;
        await queue.StartAsync();
        await queue.EmptyAsync();
        Assert.Equal(2, sink.Messages.Count);
        Assert.Single(sink.Messages.Select(message => message.Header("Message-ID")).Distinct());
    }

    [Fact]
    public async Task A_reply_that_comes_after_a_crash_is_heard_by_the_keeper_of_the_connection()
    {
        var arrived = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await using var sink = new MailSink();
        sink.Answer = command =>
        {
            if (command != ".") return null;
            arrived.TrySetResult();
            goOn.Task.Wait(TimeSpan.FromSeconds(30));
            return null;
        };
        string[] keeper = ["dotnet", typeof(WireKeeperProgram).Assembly.Location, .. WireKeeperProgram.Command.TakeLast(1)];
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { WireKeeper = keeper });
        queue.Domain("dest.test");
        await queue.StartAsync();
        var id = await queue.SubmitAsync("a@dest.test", "b@dest.test");
        await arrived.Task;
        await queue.KillAndReopenAsync();
        Assert.Single(KeptWires.NotesIn(queue.Folder));
        await File.WriteAllTextAsync(Path.Combine(queue.Folder, "wires.1.1.sock"), "the socket of a keeper that was killed");
        await queue.StartAsync();
        // Other mail goes its way meanwhile.
        sink.Answer = _ => null;
        await queue.SubmitAsync("c@dest.test");
        await TestQueue.UntilAsync(async () => (await queue.QueueAsync()).Count == 1, "the other message on its way");
        Assert.Equal(["c@dest.test"], sink.RecipientsTaken);
        Assert.Equal(["a@dest.test", "b@dest.test"], Assert.Single(await queue.QueueAsync()).Recipients.Select(one => one.Recipient.Address.ToString()).Order());
        goOn.SetResult();
        await queue.EmptyAsync();
        Assert.Equal(["a@dest.test", "b@dest.test", "c@dest.test"], sink.RecipientsTaken.Order());
        var trail = Assert.Single(await queue.TrailsAsync(id));
        Assert.Equal(["a@dest.test", "b@dest.test"], trail.Steps.Where(step => step.Step.Kind == StepKind.Delivered).Select(step => step.Step.Recipient).Order());
        await TestQueue.UntilAsync(() => KeptWires.NotesIn(queue.Folder).Count == 1, "only the notes of the keeper that runs");
        Assert.Single(Directory.EnumerateFiles(queue.Folder, "wires.*.sock"));
    }

    [Fact]
    public async Task A_reply_that_was_read_but_not_written_down_is_known_after_a_crash()
    {
        await using var sink = new MailSink { Answer = command => command == "." ? "HANG" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { RecipientsPerTransaction = 2 });
        queue.Domain("dest.test");
        await queue.StartAsync();
        var id = await queue.SubmitAsync("a@dest.test", "b@dest.test", "c@dest.test");
        await TestQueue.UntilAsync(() => sink.Messages.Count == 1, "the message at the sink");
        var owed = Assert.Single(await queue.QueueAsync());
        await queue.KillAndReopenAsync();
        // As the moment between the reply and the commit leaves it.
        using (var journal = new HandoverJournal(queue.Folder, NullLogger.Instance))
            journal.Write(new Handover(owed.Message.Id, "mx.dest.test", "{}", [.. owed.Recipients.Take(2).Select(one => new TakenRecipient(one.Id, "2.0.0", "250 2.0.0 Taken", false))]));
        await File.AppendAllTextAsync(Path.Combine(queue.Folder, "handover.0"), "{\"MessageId\":12,\"Ho");
        sink.Answer = _ => null;
        await queue.StartAsync();
        await queue.EmptyAsync();
        Assert.Equal(["a@dest.test b@dest.test", "c@dest.test"], sink.Messages.Select(message => string.Join(' ', message.Recipients.Order())));
        var trail = Assert.Single(await queue.TrailsAsync(id));
        Assert.Equal(["a@dest.test", "b@dest.test", "c@dest.test"], trail.Steps.Where(step => step.Step.Kind == StepKind.Delivered).Select(step => step.Step.Recipient).Order());
    }

    [Fact]
    public async Task What_servers_take_is_in_the_journal_until_the_next_start_and_its_files_stay_small()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        await queue.SubmitAsync("a@dest.test", "b@dest.test");
        await queue.EmptyAsync();
        await queue.StopAsync();
        using var journal = new HandoverJournal(queue.Folder, NullLogger.Instance);
        var line = Assert.Single(journal.Read());
        Assert.Equal(("mx.dest.test", 2), (line.Host, line.Recipients.Count));
        await queue.StartAsync();
        Assert.Empty(journal.Read());

        var kept = journal.Write(line with { Host = "first" });
        for (var n = 0; n < 10_000; n++) journal.Write(line).Settled();
        Assert.Contains(journal.Read(), found => found.Host == "first");
        kept.Settled();
        for (var n = 0; n < 10_000; n++) journal.Write(line).Settled();
        Assert.DoesNotContain(journal.Read(), found => found.Host == "first");
        Assert.InRange(new[] { "handover.0", "handover.1" }.Sum(name => new FileInfo(Path.Combine(queue.Folder, name)).Length), 1, 3 * HandoverJournal.TurnAt);
    }

    [Fact]
    public async Task Killed_again_and_again_every_message_arrives_and_every_refusal_is_told_once()
    {
        const int Messages = 120;
        await using var sink = new MailSink { Answer = command => command.Contains("nobody") ? "550 5.1.1 No" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        for (var n = 0; n < 10; n++) queue.Domain($"d{n}.test");
        for (var n = 0; n < Messages; n++) await queue.SubmitAsync($"u{n}@d{n % 10}.test", $"nobody{n}@d{n % 10}.test");
        var kills = 0;
        var random = new Random(3);
        while (!await queue.IsEmptyAsync())
        {
            await queue.StartAsync();
            // At random moments of a run that is a little longer each time, so that on any machine there is an end.
            await Task.Delay(random.Next(20 + (kills * 4)));
            await queue.KillAndReopenAsync();
            Assert.True(++kills < 1000, "no progress");
        }
        Assert.Equal(Messages, sink.RecipientsTaken.Distinct().Count());
        // A duplicate needs a kill between the sink's reply and our commit: at most one for each connection and kill.
        Assert.InRange(sink.Messages.Count - Messages, 0, kills * queue.Options.Connections);
        var told = (await queue.InboxAsync()).Select(message => message.Subject).ToList();
        Assert.Equal(Messages, told.Count);
        Assert.Equal(Messages, told.Distinct().Count());
    }

    [Fact]
    public async Task Stopping_lets_a_delivery_under_way_finish_and_begins_no_other()
    {
        var arrived = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await using var sink = new MailSink();
        sink.Answer = command =>
        {
            if (command != ".") return null;
            arrived.TrySetResult();
            goOn.Task.Wait();
            return null;
        };
        await using var queue = await TestQueue.OpenAsync(sink.Port, options => options with { ConnectionsPerDestination = 1 });
        queue.Domain("dest.test");
        await queue.SubmitAsync("a@dest.test");
        await queue.SubmitAsync("b@dest.test");
        await queue.StartAsync();
        await arrived.Task;
        var stopping = queue.Runner!.StopAsync();
        goOn.SetResult();
        await stopping;
        Assert.Equal(["a@dest.test"], sink.RecipientsTaken);
        Assert.Equal("b@dest.test", Assert.Single(await queue.QueueAsync()).Recipients[0].Recipient.Address.ToString());
    }

    [Fact]
    public async Task Results_that_came_in_time_are_written_down_even_when_patience_ends()
    {
        var arrived = new TaskCompletionSource();
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        sink.Answer = command =>
        {
            if (command != ".") return null;
            arrived.TrySetResult();
            // The stop's patience is over by the time this is answered, or nearly.
            queue.Time.Advance(queue.Options.DrainTimeout);
            return null;
        };
        queue.Domain("dest.test");
        await queue.StartAsync();
        await queue.SubmitAsync("b@dest.test");
        await arrived.Task;
        await queue.StopAsync();
        var left = (await queue.Inspection.CountAsync(default)).Recipients;
        sink.Answer = _ => null;
        await queue.StartAsync();
        await queue.EmptyAsync();
        // Either the reply was heard and written down, or neither: never a second copy of what was written down.
        Assert.Equal(1 + left, sink.Messages.Count);
    }

    [Fact]
    public async Task A_message_whose_content_is_gone_stands_in_nobodys_way_and_is_returned_in_the_end()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.SubmitAsync("lost@dest.test");
        await queue.Database.WriteAsync(sql => sql.Execute($"delete from blobs"), default);
        await queue.SubmitAsync("b@dest.test");
        await queue.StartAsync();
        await queue.AdvanceUntilAsync(TimeSpan.FromSeconds(5), () => Task.FromResult(sink.Messages.Count == 1), "the other");
        Assert.Equal(["b@dest.test"], sink.RecipientsTaken);
        await queue.AdvanceUntilAsync(TimeSpan.FromHours(1), queue.IsEmptyAsync, "the end");
        Assert.Equal(["Still on its way: your message to lost@dest.test", "Not delivered: your message to lost@dest.test"], (await queue.InboxAsync()).Select(message => message.Subject));
        Assert.Single(sink.Messages);
    }

    [Fact]
    public async Task Commands_of_another_process_are_noticed()
    {
        await using var sink = new MailSink();
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        var held = await queue.SubmitAsync("held@dest.test");
        var dropped = await queue.SubmitAsync("dropped@dest.test");
        await using var other = await queue.OpenAsOtherProcessAsync();
        var inspection = new QueueInspection(other, queue.Time);
        Assert.Equal(1, await inspection.HoldAsync(Selected(held), default));
        Assert.Equal(0, await inspection.HoldAsync(Selected(held), default));
        Assert.Equal(1, await inspection.DropAsync(Selected(dropped), default));

        await queue.StartAsync();
        await queue.SubmitAsync("free@dest.test");
        await TestQueue.UntilAsync(() => !sink.Messages.IsEmpty, "the free one");
        queue.Time.Advance(queue.Options.PollInterval);
        await Task.Delay(50);
        Assert.Equal(["free@dest.test"], sink.RecipientsTaken);

        Assert.Equal(1, await inspection.ReleaseAsync(Selected(held), default));
        await queue.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => Task.FromResult(sink.Messages.Count == 2), "the released one");
        Assert.Equal(["free@dest.test", "held@dest.test"], sink.RecipientsTaken);
        await queue.EmptyAsync();
        Assert.Empty(await queue.InboxAsync());
    }

    [Fact]
    public async Task Retry_makes_a_waiting_message_due_now()
    {
        await using var sink = new MailSink { Answer = command => command.StartsWith("RCPT") ? "450 4.2.0 Later" : null };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        var id = await queue.SubmitAsync("b@dest.test");
        await TestQueue.UntilAsync(async () => (await queue.QueueAsync())[0].Recipients[0].Attempts == 1, "an attempt");
        sink.Answer = _ => null;
        Assert.Equal(1, await queue.Inspection.RetryAsync(Selected(id), default));
        queue.Time.Advance(queue.Options.PollInterval);
        await queue.EmptyAsync();
        Assert.Single(sink.Messages);
    }

    [Fact]
    public async Task A_recipient_dropped_while_it_is_attempted_is_not_returned()
    {
        var arrived = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await using var sink = new MailSink();
        sink.Answer = command =>
        {
            if (!command.StartsWith("RCPT")) return null;
            arrived.TrySetResult();
            goOn.Task.Wait();
            return "550 5.1.1 No";
        };
        await using var queue = await TestQueue.OpenAsync(sink.Port);
        queue.Domain("dest.test");
        await queue.StartAsync();
        await queue.SubmitAsync("a@dest.test", "b@dest.test");
        await arrived.Task;
        var first = (await queue.QueueAsync())[0].Recipients[0];
        await queue.Database.WriteAsync(sql => sql.Execute($"delete from queue_recipients where id = {first.Id}"), default);
        goOn.SetResult();
        await queue.EmptyAsync();
        Assert.Equal("Not delivered: your message to b@dest.test", Assert.Single(await queue.InboxAsync()).Subject);
    }

    private static QueueSelection Selected(string id) => QueueId.TryParse(id, out var number) ? new QueueSelection(number) : throw new FormatException(id);
}
