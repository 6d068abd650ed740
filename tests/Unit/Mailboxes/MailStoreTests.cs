using System.Text;
using Sternpost.Mailboxes;
using Sternpost.Messages.Addresses;

namespace Sternpost.Unit.Mailboxes;

public sealed class MailStoreTests
{
    private const long Alice = TestStore.Alice;
    private const long Bob = TestStore.Bob;

    private static CancellationToken Cancellation => TestStore.Cancellation;

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public async Task A_delivery_stores_the_content_once_and_each_copy_with_its_own_prefix()
    {
        await using var store = await TestStore.OpenAsync();
        await store.DeliverAsync(
            Bytes("Subject: hello\r\n\r\nbody\r\n"),
            new DeliveryTarget(Alice, SpecialUse.Inbox, Bytes("X-For: alice\r\n")),
            new DeliveryTarget(Bob, SpecialUse.Junk, Bytes("X-For: bob, too\r\n")),
            new DeliveryTarget(99, SpecialUse.Inbox, Bytes("X-For: nobody\r\n")));

        Assert.Equal(1, await store.Database.ReadAsync(sql => sql.First($"select count(*) from blobs", row => row.GetInt32(0)), Cancellation));
        var hers = Assert.Single(await store.EntriesAsync("INBOX"));
        var his = Assert.Single(await store.EntriesAsync("Junk", Bob));
        Assert.Equal("X-For: alice\r\nSubject: hello\r\n\r\nbody\r\n", Encoding.UTF8.GetString((await store.Mail.ContentAsync(hers.EmailId, Cancellation))!.Value.Span));
        Assert.Equal("X-For: bob, too\r\nSubject: hello\r\n\r\nbody\r\n", Encoding.UTF8.GetString((await store.Mail.ContentAsync(his.EmailId, Cancellation))!.Value.Span));

        var email = Assert.Single(await store.Mail.EmailsAsync([his.EmailId, 12345], Cancellation));
        Assert.Equal("hello", email.Structure.Envelope.Subject);
        Assert.Equal((17, 41L, 18L), (email.PrefixLength, email.Size, email.Structure.Root.BodyOffset));
    }

    [Fact]
    public async Task What_is_stored_is_there_after_a_restart()
    {
        await using var store = await TestStore.OpenAsync();
        var large = new byte[300_000];
        Random.Shared.NextBytes(large);
        await store.DeliverAsync(large, new DeliveryTarget(Alice, SpecialUse.Inbox, Bytes("X: y\r\n")));
        await store.AppendAsync("Sent", "Subject: small\r\n\r\n");
        await store.ReopenAsync();
        var entry = Assert.Single(await store.EntriesAsync("INBOX"));
        var content = (await store.Mail.ContentAsync(entry.EmailId, Cancellation))!.Value.ToArray();
        Assert.Equal((byte[])[.. Bytes("X: y\r\n"), .. large], content);
        Assert.Single(await store.EntriesAsync("Sent"));
    }

    [Fact]
    public async Task Append_gives_uids_in_order_and_keeps_flags_keywords_and_date()
    {
        await using var store = await TestStore.OpenAsync();
        var drafts = await store.MailboxAsync("Drafts");
        var date = new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);
        var (outcome, validity, uids) = await store.Mail.AppendAsync(
            drafts.Id,
            [
                new NewEmail(default, Bytes("a"), MessageFlags.Seen | MessageFlags.Draft, ["$Label1", "$label1", "x"], date),
                new NewEmail(default, Bytes("b"), MessageFlags.Deleted, [], date),
            ],
            Cancellation);
        Assert.Equal((MailboxOutcome.Ok, drafts.UidValidity), (outcome, validity));
        Assert.Equal([1u, 2u], uids);
        var entries = await store.EntriesAsync("Drafts");
        Assert.Equal(MessageFlags.Seen | MessageFlags.Draft, entries[0].Flags);
        Assert.Equal(["$Label1", "x"], entries[0].Keywords);
        Assert.Equal(date, entries[0].InternalDate);
        var after = await store.MailboxAsync("Drafts");
        Assert.Equal((2, 1, 1, 2L, 3u), (after.Total, after.Unseen, after.Deleted, after.Bytes, after.UidNext));
        Assert.True(after.HighestModSeq > drafts.HighestModSeq);
        Assert.Equal(MailboxOutcome.NotFound, (await store.Mail.AppendAsync(12345, [TestStore.Letter("x")], Cancellation)).Outcome);
    }

    [Fact]
    public async Task Quota_refuses_append_and_copy_and_lets_a_delivery_pass()
    {
        await using var store = await TestStore.OpenAsync(quota: 10);
        var inbox = await store.MailboxAsync("INBOX");
        var sent = await store.MailboxAsync("Sent");
        Assert.Equal(MailboxOutcome.Ok, (await store.Mail.AppendAsync(inbox.Id, [TestStore.Letter("123456")], Cancellation)).Outcome);
        Assert.Equal(MailboxOutcome.OverQuota, (await store.Mail.AppendAsync(inbox.Id, [TestStore.Letter("123"), TestStore.Letter("12")], Cancellation)).Outcome);
        Assert.Equal(MailboxOutcome.OverQuota, (await store.Mail.CopyAsync(inbox.Id, [1], sent.Id, Cancellation)).Outcome);
        Assert.Equal(MailboxOutcome.Ok, (await store.Mail.MoveAsync(inbox.Id, [1], sent.Id, Cancellation)).Outcome);
        await store.DeliverAsync(Bytes("1234567890"), new DeliveryTarget(Alice, SpecialUse.Inbox, default));
        Assert.Single(await store.EntriesAsync("INBOX"));
    }

    [Fact]
    public async Task Flags_are_replaced_added_and_removed_and_each_change_raises_the_modseq()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "a", "b", "c");
        var inbox = await store.MailboxAsync("INBOX");

        var (changed, _) = await store.Mail.StoreFlagsAsync(inbox.Id, [1, 2, 9], FlagOperation.Add, MessageFlags.Seen, ["work"], null, Cancellation);
        Assert.Equal([1u, 2u], changed.Select(entry => entry.Uid));
        Assert.All(changed, entry => Assert.Equal(inbox.HighestModSeq + 1, entry.ModSeq));

        (changed, _) = await store.Mail.StoreFlagsAsync(inbox.Id, [2], FlagOperation.Remove, MessageFlags.Seen, ["WORK"], null, Cancellation);
        Assert.Equal((MessageFlags.None, 0, inbox.HighestModSeq + 2), (changed[0].Flags, changed[0].Keywords.Length, changed[0].ModSeq));

        (changed, _) = await store.Mail.StoreFlagsAsync(inbox.Id, [1], FlagOperation.Replace, MessageFlags.Flagged, [], null, Cancellation);
        Assert.Equal((MessageFlags.Flagged, 0), (changed[0].Flags, changed[0].Keywords.Length));

        // What already is as asked is answered and not changed.
        (changed, _) = await store.Mail.StoreFlagsAsync(inbox.Id, [1], FlagOperation.Add, MessageFlags.Flagged, [], null, Cancellation);
        Assert.Equal(inbox.HighestModSeq + 3, changed[0].ModSeq);
        var after = await store.MailboxAsync("INBOX");
        Assert.Equal((inbox.HighestModSeq + 3, 3), (after.HighestModSeq, after.Unseen));
    }

    [Fact]
    public async Task Unchangedsince_leaves_alone_what_changed_later()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "a", "b");
        var inbox = await store.MailboxAsync("INBOX");
        await store.Mail.StoreFlagsAsync(inbox.Id, [1], FlagOperation.Add, MessageFlags.Seen, [], null, Cancellation);
        var (changed, modified) = await store.Mail.StoreFlagsAsync(inbox.Id, [1, 2], FlagOperation.Add, MessageFlags.Flagged, [], inbox.HighestModSeq, Cancellation);
        Assert.Equal([2u], changed.Select(entry => entry.Uid));
        Assert.Equal([1u], modified);
    }

    [Fact]
    public async Task Expunge_removes_only_what_is_deleted_and_named_and_releases_the_content()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "a", "b", "c", "d");
        var inbox = await store.MailboxAsync("INBOX");
        await store.Mail.StoreFlagsAsync(inbox.Id, [1, 2, 3], FlagOperation.Add, MessageFlags.Deleted, [], null, Cancellation);
        Assert.Equal([2u], await store.Mail.ExpungeAsync(inbox.Id, [2, 4], Cancellation));
        Assert.Equal([1u, 3u], await store.Mail.ExpungeAsync(inbox.Id, null, Cancellation));
        Assert.Equal([4u], (await store.EntriesAsync("INBOX")).Select(entry => entry.Uid));
        Assert.Equal(1, await store.Database.ReadAsync(sql => sql.First($"select count(*) from blobs", row => row.GetInt32(0)), Cancellation));
    }

    [Fact]
    public async Task Changes_name_what_changed_and_what_vanished_since_a_modseq()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "a", "b", "c");
        var inbox = await store.MailboxAsync("INBOX");
        await store.Mail.StoreFlagsAsync(inbox.Id, [1], FlagOperation.Add, MessageFlags.Deleted, [], null, Cancellation);
        await store.Mail.ExpungeAsync(inbox.Id, null, Cancellation);
        await store.Mail.StoreFlagsAsync(inbox.Id, [3], FlagOperation.Add, MessageFlags.Seen, [], null, Cancellation);
        await store.AppendAsync("INBOX", "d");
        var changes = (await store.Mail.ChangesAsync(inbox.Id, inbox.HighestModSeq, Cancellation))!;
        Assert.Equal([3u, 4u], changes.Changed.Select(entry => entry.Uid));
        Assert.Equal([1u], changes.Vanished);
        Assert.Equal(5u, changes.UidNext);
        Assert.Empty((await store.Mail.ChangesAsync(inbox.Id, changes.HighestModSeq, Cancellation))!.Changed);
        Assert.Null(await store.Mail.ChangesAsync(12345, 1, Cancellation));
    }

    [Fact]
    public async Task Who_asks_further_back_than_is_remembered_is_told_every_uid_that_is_gone()
    {
        await using var store = await TestStore.OpenAsync();
        var inbox = await store.MailboxAsync("INBOX");
        // Two rounds of expunging more than is kept, and enough small changes that the mailbox looks whether to forget.
        for (var round = 0; round < 2; round++)
        {
            var (_, _, uids) = await store.Mail.AppendAsync(inbox.Id, [.. Enumerable.Repeat(TestStore.Letter("x") with { Flags = MessageFlags.Deleted }, 6000)], Cancellation);
            await store.Mail.ExpungeAsync(inbox.Id, uids, Cancellation);
        }
        await store.AppendAsync("INBOX", "kept");
        var middle = (await store.MailboxAsync("INBOX")).HighestModSeq;
        for (var i = 0; i < 130; i++)
        {
            var (_, _, uids) = await store.Mail.AppendAsync(inbox.Id, [TestStore.Letter("x") with { Flags = MessageFlags.Deleted }], Cancellation);
            await store.Mail.ExpungeAsync(inbox.Id, uids, Cancellation);
        }
        var left = await store.Database.ReadAsync(sql => sql.First($"select count(*) from tombstones where mailbox_id = {inbox.Id}", row => row.GetInt32(0)), Cancellation);
        Assert.InRange(left, 1, 10_600);
        var all = (await store.Mail.ChangesAsync(inbox.Id, 0, Cancellation))!.Vanished;
        Assert.Equal(Enumerable.Range(1, 12_000).Concat(Enumerable.Range(12_002, 130)).Select(uid => (uint)uid), all);
        Assert.Equal(Enumerable.Range(12_002, 130).Select(uid => (uint)uid), (await store.Mail.ChangesAsync(inbox.Id, middle, Cancellation))!.Vanished);
    }

    [Fact]
    public async Task A_piece_of_the_content_is_what_there_is_of_it()
    {
        await using var store = await TestStore.OpenAsync();
        foreach (var size in new[] { 100, 300_000 })
        {
            var content = new byte[size];
            Random.Shared.NextBytes(content);
            await store.DeliverAsync(content, new DeliveryTarget(Alice, SpecialUse.Inbox, Bytes("prefix")));
            var id = (await store.EntriesAsync("INBOX"))[^1].EmailId;
            byte[] whole = [.. Bytes("prefix"), .. content];
            foreach (var (offset, length) in new[] { (0, 3), (0, size + 6), (4, 10), (6, 10), (50, 20), (size, 100), (size + 6, 1), (size + 50, 1) })
                Assert.Equal(whole.Skip(offset).Take(length), (await store.Mail.ContentAsync(id, offset, length, Cancellation))!.Value.ToArray());
        }
        Assert.Null(await store.Mail.ContentAsync(12345, 0, 10, Cancellation));
    }

    [Fact]
    public async Task A_large_move_is_whole_though_it_is_made_in_pieces()
    {
        await using var store = await TestStore.OpenAsync();
        var (inbox, archive) = (await store.MailboxAsync("INBOX"), await store.MailboxAsync("Archive"));
        var (_, _, uids) = await store.Mail.AppendAsync(inbox.Id, [.. Enumerable.Repeat(TestStore.Letter("x"), 1203)], Cancellation);
        var (outcome, validity, pairs) = await store.Mail.MoveAsync(inbox.Id, uids, archive.Id, Cancellation);
        Assert.Equal((MailboxOutcome.Ok, archive.UidValidity), (outcome, validity));
        Assert.Equal(uids.Select(uid => (uid, uid)), pairs);
        Assert.Empty(await store.EntriesAsync("INBOX"));
        Assert.Equal((MailboxOutcome.Ok, 0), (await store.Mail.MoveAsync(inbox.Id, [], archive.Id, Cancellation) is var none ? (none.Outcome, none.Uids.Count) : default));
    }

    [Fact]
    public async Task Copies_share_the_email_and_the_last_one_takes_it_along()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "a", "b");
        var (inbox, archive) = (await store.MailboxAsync("INBOX"), await store.MailboxAsync("Archive"));
        await store.Mail.StoreFlagsAsync(inbox.Id, [2], FlagOperation.Add, MessageFlags.Flagged, ["kept"], null, Cancellation);
        var (outcome, validity, pairs) = await store.Mail.CopyAsync(inbox.Id, [2, 1, 7], archive.Id, Cancellation);
        Assert.Equal((MailboxOutcome.Ok, archive.UidValidity), (outcome, validity));
        Assert.Equal([(1u, 1u), (2u, 2u)], pairs);
        var copies = await store.EntriesAsync("Archive");
        Assert.Equal((MessageFlags.Flagged, "kept"), (copies[1].Flags, copies[1].Keywords[0]));
        Assert.Equal((await store.EntriesAsync("INBOX")).Select(entry => entry.EmailId), copies.Select(entry => entry.EmailId));

        foreach (var mailbox in new[] { inbox.Id, archive.Id })
        {
            await store.Mail.StoreFlagsAsync(mailbox, [1, 2], FlagOperation.Add, MessageFlags.Deleted, [], null, Cancellation);
            await store.Mail.ExpungeAsync(mailbox, null, Cancellation);
            await store.CheckAsync();
        }
        Assert.Equal(0, await store.Database.ReadAsync(sql => sql.First($"select count(*) from blobs", row => row.GetInt32(0)), Cancellation));
        Assert.Null(await store.Mail.ContentAsync(copies[0].EmailId, Cancellation));
    }

    [Fact]
    public async Task A_move_leaves_tombstones_and_keeps_the_email()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "a", "b");
        var (inbox, trash) = (await store.MailboxAsync("INBOX"), await store.MailboxAsync("Trash"));
        var before = await store.EntriesAsync("INBOX");
        var (_, _, pairs) = await store.Mail.MoveAsync(inbox.Id, [2], trash.Id, Cancellation);
        Assert.Equal([(2u, 1u)], pairs);
        Assert.Equal(before[1].EmailId, Assert.Single(await store.EntriesAsync("Trash")).EmailId);
        Assert.Equal([2u], (await store.Mail.ChangesAsync(inbox.Id, inbox.HighestModSeq, Cancellation))!.Vanished);
    }

    [Fact]
    public async Task Nothing_is_copied_or_moved_into_another_account()
    {
        await using var store = await TestStore.OpenAsync();
        await store.AppendAsync("INBOX", "a");
        var (hers, his) = (await store.MailboxAsync("INBOX"), await store.MailboxAsync("INBOX", Bob));
        Assert.Equal(MailboxOutcome.NotFound, (await store.Mail.CopyAsync(hers.Id, [1], his.Id, Cancellation)).Outcome);
        Assert.Equal(MailboxOutcome.NotFound, (await store.Mail.MoveAsync(hers.Id, [1], his.Id, Cancellation)).Outcome);
    }

    [Fact]
    public async Task The_queue_and_the_mailboxes_share_one_blob_until_both_let_go()
    {
        await using var store = await TestStore.OpenAsync();
        var email = store.Mail.Prepare(Bytes("shared"));
        await store.Database.WriteAsync(
            sql =>
            {
                store.Mail.Deliver(sql, email, [new DeliveryTarget(Alice, SpecialUse.Inbox, default)]);
                store.Database.Blobs.Put(sql, email.Blob);
                return 0;
            },
            Cancellation);
        var inbox = await store.MailboxAsync("INBOX");
        await store.Mail.StoreFlagsAsync(inbox.Id, [1], FlagOperation.Add, MessageFlags.Deleted, [], null, Cancellation);
        await store.Mail.ExpungeAsync(inbox.Id, null, Cancellation);
        Assert.Equal("shared"u8.ToArray(), await store.Database.ReadAsync(sql => store.Database.Blobs.Read(sql, email.Blob.Id), Cancellation));
        await store.Database.WriteAsync(
            sql =>
            {
                store.Database.Blobs.Release(sql, email.Blob.Id);
                return 0;
            },
            Cancellation);
        Assert.Null(await store.Database.ReadAsync(sql => store.Database.Blobs.Read(sql, email.Blob.Id), Cancellation));
    }

    [Fact]
    public async Task Removing_an_account_removes_its_mail_and_no_others()
    {
        await using var store = await TestStore.OpenAsync();
        await store.DeliverAsync(Bytes("both"), new DeliveryTarget(Alice, SpecialUse.Inbox, default), new DeliveryTarget(Bob, SpecialUse.Inbox, default));
        await store.AppendAsync("Sent", "hers");
        await store.Mail.CreateAsync(Alice, "Work", SpecialUse.None, Cancellation);
        Assert.True(await store.Directory.RemoveAccountAsync(EmailAddress.Parse("alice@example.org"), Cancellation));
        Assert.Empty(await store.Mail.ListAsync(Alice, Cancellation));
        Assert.Equal("both", Encoding.UTF8.GetString((await store.Mail.ContentAsync(Assert.Single(await store.EntriesAsync("INBOX", Bob)).EmailId, Cancellation))!.Value.Span));
        Assert.Equal(1, await store.Database.ReadAsync(sql => sql.First($"select count(*) from blobs", row => row.GetInt32(0)), Cancellation));
    }
}
