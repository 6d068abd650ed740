using System.Threading.Channels;
using Sternpost.Accounts;
using Sternpost.Mailboxes;
using Sternpost.Storage;

namespace Sternpost.Unit.Mailboxes;

public sealed class ChangeFeedTests
{
    [Fact]
    public async Task A_watcher_hears_of_its_account_only_and_nothing_after_it_is_disposed()
    {
        await using var store = await TestStore.OpenAsync();
        var (hers, his) = (await store.MailboxAsync("INBOX"), await store.MailboxAsync("INBOX", TestStore.Bob));
        var heard = Channel.CreateUnbounded<long>();
        var watch = store.Mail.Watch(TestStore.Alice, id => heard.Writer.TryWrite(id));
        await store.Mail.AppendAsync(his.Id, [TestStore.Letter("x")], TestStore.Cancellation);
        await store.Mail.AppendAsync(hers.Id, [TestStore.Letter("x")], TestStore.Cancellation);
        Assert.Equal(hers.Id, await heard.Reader.ReadAsync(TestStore.Cancellation));
        watch.Dispose();
        await store.Mail.AppendAsync(hers.Id, [TestStore.Letter("x")], TestStore.Cancellation);
        Assert.False(heard.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Many_changes_reach_a_slow_watcher_as_few()
    {
        await using var store = await TestStore.OpenAsync();
        var inbox = await store.MailboxAsync("INBOX");
        using var slow = new SemaphoreSlim(0);
        var calls = 0;
        using var watch = store.Mail.Watch(TestStore.Alice, _ =>
        {
            Interlocked.Increment(ref calls);
            slow.Wait(TestStore.Cancellation);
        });
        for (var i = 0; i < 50; i++) await store.Mail.AppendAsync(inbox.Id, [TestStore.Letter("x")], TestStore.Cancellation);
        slow.Release(100);
        await WaitAsync(() => Volatile.Read(ref calls) == 2);
    }

    [Fact]
    public async Task A_change_by_another_process_is_noticed()
    {
        await using var store = await TestStore.OpenAsync();
        var inbox = await store.MailboxAsync("INBOX");
        var heard = Channel.CreateUnbounded<long>();
        using var watch = store.Mail.Watch(TestStore.Alice, id => heard.Writer.TryWrite(id));
        // A second set of connections to the same files is to SQLite what another process is.
        await using var other = await Database.OpenAsync(store.Folder, TimeProvider.System, TestStore.Cancellation);
        var elsewhere = new MailStore(other, new AccountDirectory(other, TimeProvider.System), TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestStore.Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        // Making the account made mailboxes too, and the first look may still find those changed.
        var told = HearsAsync(heard.Reader, inbox.Id, limit.Token);
        // The watch may be younger than its first look at the version, so one change may be its starting point.
        while (!told.IsCompleted)
        {
            await elsewhere.AppendAsync(inbox.Id, [TestStore.Letter("x")], TestStore.Cancellation);
            await Task.WhenAny(told, Task.Delay(500, limit.Token));
        }
        Assert.Equal(inbox.Id, await told);
    }

    private static async Task<long> HearsAsync(ChannelReader<long> reader, long wanted, CancellationToken cancellation)
    {
        while (true)
        {
            if (await reader.ReadAsync(cancellation) is var id && id == wanted) return id;
        }
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(5, TestStore.Cancellation);
    }
}
