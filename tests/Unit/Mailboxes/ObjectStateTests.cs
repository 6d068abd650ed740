using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;
using Sternpost.Storage;

namespace Sternpost.Unit.Mailboxes;

/// <summary>A client that only ever asks what has changed (RFC 8620 §5.2) knows after each answer what one knows that reads everything anew.</summary>
public sealed class ObjectStateTests
{
    private static readonly string[] Names = ["INBOX", "Junk", "Trash", "Archive"];

    [Fact]
    public void Who_follows_the_changes_knows_what_there_is()
    {
        var operation = Gen.Select(Gen.Int[0, 8], Gen.Int[0, Names.Length - 1], Gen.Int[0, Names.Length - 1], Gen.Int[0, 255], Gen.Int[0, 31]);
        Gen.Select(operation.Array[1, 30], Gen.Int[1, 5]).Sample((operations, most) => RunAsync(operations, most).GetAwaiter().GetResult(), iter: 25, threads: 1);
    }

    [Fact]
    public async Task A_state_of_the_future_and_one_too_old_cannot_be_followed()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "a", "b");
        Assert.Null(await ChangesAsync(store, ObjectKind.Email, 1_000_000, 10));
        await store.Database.WriteAsync(sql => sql.Execute($"delete from account_changes where account_id = {TestStore.Alice} and seq <= 7"), TestStore.Cancellation);
        Assert.Null(await ChangesAsync(store, ObjectKind.Email, 0, 10));
    }

    [Fact]
    public async Task Flags_that_nobody_counts_leave_the_mailboxes_state_alone()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "a");
        var inbox = await store.MailboxAsync("INBOX");
        var (mailboxes, emails, threads) = await StatesAsync(store);
        await store.Mail.StoreFlagsAsync(inbox.Id, [1], FlagOperation.Add, MessageFlags.Flagged, ["x"], null, TestStore.Cancellation);
        Assert.Equal((mailboxes, emails + 1, threads), await StatesAsync(store));
        await store.Mail.StoreFlagsAsync(inbox.Id, [1], FlagOperation.Add, MessageFlags.Seen, [], null, TestStore.Cancellation);
        var changes = await ChangesAsync(store, ObjectKind.Mailbox, mailboxes, 10);
        Assert.Equal([inbox.Id], changes!.Updated);
        Assert.True(changes.OnlyCounts);
    }

    [Fact]
    public async Task An_email_in_two_mailboxes_is_one_and_is_seen_only_where_both_are()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "a");
        var (inbox, archive) = (await store.MailboxAsync("INBOX"), await store.MailboxAsync("Archive"));
        await store.Mail.CopyAsync(inbox.Id, [1], archive.Id, TestStore.Cancellation);
        await store.Mail.StoreFlagsAsync(inbox.Id, [1], FlagOperation.Add, MessageFlags.Seen | MessageFlags.Flagged, [], null, TestStore.Cancellation);
        var email = Assert.Single(await EmailsAsync(store));
        Assert.Equal(MessageFlags.Flagged, email.Flags);
        await store.Mail.Objects.WriteAsync(TestStore.Alice, writer => writer.UpdateEmail(new EmailUpdate(email.Id) { Keywords = [(FlagOperation.Add, MessageFlags.Seen, [])], OutOf = [archive.Id] }), TestStore.Cancellation);
        email = Assert.Single(await EmailsAsync(store));
        Assert.Equal(MessageFlags.Flagged | MessageFlags.Seen, email.Flags);
        Assert.Equal(inbox.Id, Assert.Single(email.Places).MailboxId);
    }

    [Fact]
    public async Task An_email_cannot_be_in_no_mailbox_nor_in_another_accounts()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "a");
        var (inbox, his) = (await store.MailboxAsync("INBOX"), await store.MailboxAsync("INBOX", TestStore.Bob));
        var id = Assert.Single(await EmailsAsync(store)).Id;
        Assert.Equal(EmailOutcome.BadMailboxes, await UpdateAsync(new EmailUpdate(id) { OutOf = [inbox.Id] }));
        Assert.Equal(EmailOutcome.BadMailboxes, await UpdateAsync(new EmailUpdate(id) { Into = [his.Id] }));
        Assert.Equal(EmailOutcome.NotFound, (await store.Mail.Objects.WriteAsync(TestStore.Bob, writer => writer.UpdateEmail(new EmailUpdate(id) { Mailboxes = [his.Id] }), TestStore.Cancellation)).Outcome);

        async Task<EmailOutcome> UpdateAsync(EmailUpdate update) => (await store.Mail.Objects.WriteAsync(TestStore.Alice, writer => writer.UpdateEmail(update), TestStore.Cancellation)).Outcome;
    }

    [Fact]
    public async Task Replies_are_one_thread_and_a_new_subject_begins_another()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync(
            "INBOX",
            "Message-ID: <1@x>\r\nSubject: Lunch\r\n\r\na",
            "Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\nSubject: Re: [list] Lunch\r\n\r\nb",
            "Message-ID: <3@x>\r\nReferences: <1@x> <2@x>\r\nSubject: Dinner\r\n\r\nc",
            "Subject: Lunch\r\n\r\nd");
        var threads = (await EmailsAsync(store)).OrderBy(email => email.Id).Select(email => email.ThreadId).ToList();
        Assert.Equal(threads[0], threads[1]);
        Assert.Equal(3, threads.Distinct().Count());
    }

    [Fact]
    public async Task A_reply_that_comes_before_what_it_answers_is_joined()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\nSubject: Re: Lunch\r\n\r\nb", "Message-ID: <1@x>\r\nSubject: Lunch\r\n\r\na");
        Assert.Single((await EmailsAsync(store)).Select(email => email.ThreadId).Distinct());
    }

    [Fact]
    public async Task Mail_of_an_earlier_release_finds_its_threads()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "Message-ID: <1@x>\r\nSubject: Lunch\r\n\r\na", "Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\nSubject: Re: Lunch\r\n\r\nb");
        await store.Database.WriteAsync(sql => sql.Execute($"update entries set thread_id = 0") + sql.Execute($"delete from thread_references"), TestStore.Cancellation);
        Assert.Equal(2, await store.Mail.Objects.CompleteThreadsAsync(TestStore.Cancellation));
        await store.ReopenAsync();
        Assert.Single((await EmailsAsync(store)).Select(email => email.ThreadId).Distinct());
    }

    [Fact]
    public async Task What_led_to_a_thread_that_is_gone_is_swept()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "Message-ID: <1@x>\r\nSubject: Lunch\r\n\r\na", "Message-ID: <9@x>\r\nSubject: Other\r\n\r\nb");
        var lunch = (await EmailsAsync(store)).MinBy(email => email.Id)!;
        await store.Mail.Objects.WriteAsync(TestStore.Alice, writer => writer.DestroyEmail(lunch.Id), TestStore.Cancellation);
        await store.Mail.Objects.SweepThreadsAsync(TestStore.Cancellation);
        Assert.Equal(1, await store.Database.ReadAsync(sql => sql.First($"select count(*) from thread_references", row => row.GetInt32(0)), TestStore.Cancellation));
    }

    private static async Task RunAsync((int Kind, int First, int Second, int Pick, int Flags)[] operations, int most)
    {
        await using var store = await TestStore.OpenAsync();
        await store.Mail.ListAsync(TestStore.Alice, TestStore.Cancellation);
        var (emails, threads) = (new Follower(ObjectKind.Email), new Follower(ObjectKind.Thread));
        var next = 0;
        for (var i = 0; i < operations.Length; i++)
        {
            await StepAsync(store, operations[i], () => next++);
            // Now after each step, now after several.
            if ((operations[i].Pick & 3) == 0) continue;
            await emails.FollowAsync(store, most);
            await threads.FollowAsync(store, most);
            // A second view has read everything; the first was brought up by the log.
            await using var other = await OtherAsync(store);
            var fresh = await other.Mail.Objects.ReadAsync(TestStore.Alice, reader => reader.View.Emails.OrderBy(email => email.Id).Select(Describe).ToList(), TestStore.Cancellation);
            Assert.Equal(fresh, (await EmailsAsync(store)).OrderBy(email => email.Id).Select(Describe));
            Assert.Equal(fresh.Select(email => email.Split(' ')[0]).Order(StringComparer.Ordinal), emails.Known.Select(id => id.ToString()).Order(StringComparer.Ordinal));
            Assert.Equal((await EmailsAsync(store)).Select(email => email.ThreadId).Distinct().Order(), threads.Known.Order());
        }
    }

    private static string Describe(EmailFacts email) =>
        $"{email.Id} {email.ThreadId} {email.Flags} {string.Join(',', email.Keywords.Order(StringComparer.Ordinal))} {string.Join(',', email.Places.OrderBy(place => place.MailboxId).ThenBy(place => place.Uid))}";

    private static async Task StepAsync(TestStore store, (int Kind, int First, int Second, int Pick, int Flags) operation, Func<int> next)
    {
        var (mailbox, target) = (await store.MailboxAsync(Names[operation.First]), await store.MailboxAsync(Names[operation.Second]));
        uint[] uids = [.. Enumerable.Range(1, 8).Where(bit => (operation.Pick & (1 << (bit - 1))) != 0).Select(bit => (uint)bit)];
        var flags = (MessageFlags)operation.Flags;
        switch (operation.Kind)
        {
            case 0 or 1:
                var text = $"Message-ID: <{next()}@x>\r\nReferences: <{operation.Pick % 4}@x>\r\nSubject: s\r\n\r\nx";
                await store.Mail.AppendAsync(mailbox.Id, [new NewEmail(default, Encoding.ASCII.GetBytes(text), flags, [], DateTimeOffset.UnixEpoch)], TestStore.Cancellation);
                break;
            case 2:
                await store.DeliverAsync(Encoding.ASCII.GetBytes($"Message-ID: <{next()}@x>\r\nSubject: s\r\n\r\nx"), new DeliveryTarget(TestStore.Alice, SpecialUse.Inbox, default));
                break;
            case 3:
                await store.Mail.StoreFlagsAsync(mailbox.Id, uids, (FlagOperation)(operation.Pick % 3), flags, ["k"], null, TestStore.Cancellation);
                break;
            case 4:
                await store.Mail.ExpungeAsync(mailbox.Id, null, TestStore.Cancellation);
                break;
            case 5:
                await store.Mail.CopyAsync(mailbox.Id, uids, target.Id, TestStore.Cancellation);
                break;
            case 6:
                await store.Mail.MoveAsync(mailbox.Id, uids, target.Id, TestStore.Cancellation);
                break;
            default:
                var ids = (await EmailsAsync(store)).Select(email => email.Id).Order().ToList();
                if (ids.Count == 0) break;
                var id = ids[operation.Pick % ids.Count];
                await store.Mail.Objects.WriteAsync(
                    TestStore.Alice,
                    writer => operation.Kind == 7
                        ? writer.DestroyEmail(id)
                        : writer.UpdateEmail(new EmailUpdate(id) { Mailboxes = [mailbox.Id, target.Id], Keywords = [(FlagOperation.Replace, flags & ~MessageFlags.Deleted, ["z"])] }).Outcome == EmailOutcome.Ok,
                    TestStore.Cancellation);
                break;
        }
    }

    private static async Task<Other> OtherAsync(TestStore store)
    {
        var database = await Database.OpenAsync(store.Folder, TimeProvider.System, TestStore.Cancellation);
        return new Other(database, new MailStore(database, new Sternpost.Accounts.AccountDirectory(database, TimeProvider.System), TimeProvider.System));
    }

    private static async Task<(long Mailboxes, long Emails, long Threads)> StatesAsync(TestStore store) =>
        await store.Mail.Objects.ReadAsync(TestStore.Alice, reader => (reader.State(ObjectKind.Mailbox), reader.State(ObjectKind.Email), reader.State(ObjectKind.Thread)), TestStore.Cancellation);

    private static async Task<ObjectChanges?> ChangesAsync(TestStore store, ObjectKind kind, long since, int most) =>
        await store.Mail.Objects.ReadAsync(TestStore.Alice, reader => reader.Changes(kind, since, most), TestStore.Cancellation);

    private static async Task<List<EmailFacts>> EmailsAsync(TestStore store) =>
        await store.Mail.Objects.ReadAsync(TestStore.Alice, reader => reader.View.Emails.ToList(), TestStore.Cancellation);

    private sealed record Other(Database Database, MailStore Mail) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Database.DisposeAsync();
    }

    /// <summary>A client that has read everything once, at the beginning, when there was nothing.</summary>
    private sealed class Follower(ObjectKind kind)
    {
        private long state;

        internal HashSet<long> Known { get; } = [];

        internal async Task FollowAsync(TestStore store, int most)
        {
            for (var more = true; more;)
            {
                var changes = await ChangesAsync(store, kind, state, most);
                Assert.NotNull(changes);
                Assert.True(changes.Created.Count + changes.Updated.Count + changes.Destroyed.Count <= Math.Max(most, 1));
                Assert.All(changes.Created, id => Assert.True(Known.Add(id)));
                Known.ExceptWith(changes.Destroyed);
                // An intermediate answer speaks of how things are now (RFC 8620 §5.2), so what came and went since may be missing from it.
                foreach (var id in changes.Updated) Known.Add(id);
                Assert.True(!changes.HasMore || changes.NewState > state);
                (state, more) = (changes.NewState, changes.HasMore);
            }
        }
    }
}
