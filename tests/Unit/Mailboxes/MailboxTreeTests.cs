using Sternpost.Mailboxes;

namespace Sternpost.Unit.Mailboxes;

public sealed class MailboxTreeTests
{
    private const long Alice = TestStore.Alice;

    private static CancellationToken Cancellation => TestStore.Cancellation;

    [Fact]
    public async Task An_account_first_seen_has_the_standard_mailboxes_with_INBOX_first()
    {
        await using var store = await TestStore.OpenAsync();
        var mailboxes = await store.Mail.ListAsync(Alice, Cancellation);
        Assert.Equal(["INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"], mailboxes.Select(mailbox => mailbox.Name));
        Assert.All(mailboxes, mailbox => Assert.True(mailbox.Subscribed && mailbox.Use != SpecialUse.None));
        Assert.Distinct(mailboxes.Select(mailbox => mailbox.Use));
    }

    [Fact]
    public async Task An_account_that_does_not_exist_has_no_mailboxes()
    {
        await using var store = await TestStore.OpenAsync();
        Assert.Empty(await store.Mail.ListAsync(99, Cancellation));
        Assert.Null(await store.Mail.FindAsync(99, "INBOX", Cancellation));
        Assert.Equal(MailboxOutcome.NotFound, await store.Mail.CreateAsync(99, "Work", SpecialUse.None, Cancellation));
    }

    [Fact]
    public async Task INBOX_is_found_in_any_case_and_other_names_only_in_their_own()
    {
        await using var store = await TestStore.OpenAsync();
        Assert.NotNull(await store.Mail.FindAsync(Alice, "inBox", Cancellation));
        Assert.Null(await store.Mail.FindAsync(Alice, "sent", Cancellation));
        Assert.Equal(MailboxOutcome.Ok, await store.Mail.CreateAsync(Alice, "inbox/Lists", SpecialUse.None, Cancellation));
        Assert.NotNull(await store.Mail.FindAsync(Alice, "INBOX/Lists", Cancellation));
    }

    [Fact]
    public async Task Creating_makes_missing_parents()
    {
        await using var store = await TestStore.OpenAsync();
        Assert.Equal(MailboxOutcome.Ok, await store.Mail.CreateAsync(Alice, "Work/2026/Letters", SpecialUse.None, Cancellation));
        Assert.NotNull(await store.Mail.FindAsync(Alice, "Work", Cancellation));
        Assert.NotNull(await store.Mail.FindAsync(Alice, "Work/2026", Cancellation));
        Assert.Equal(MailboxOutcome.Exists, await store.Mail.CreateAsync(Alice, "Work/2026", SpecialUse.None, Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("a//b")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a%")]
    [InlineData("a*b")]
    [InlineData("a\tb")]
    [InlineData("a\u0085b")]
    [InlineData("a\u2028b")]
    public async Task A_malformed_name_is_refused(string name)
    {
        await using var store = await TestStore.OpenAsync();
        Assert.Equal(MailboxOutcome.BadName, await store.Mail.CreateAsync(Alice, name, SpecialUse.None, Cancellation));
    }

    [Fact]
    public async Task Half_a_character_is_refused()
    {
        await using var store = await TestStore.OpenAsync();
        foreach (var half in new[] { "a\ud800b", "\udc00", "\ud800" })
            Assert.Equal(MailboxOutcome.BadName, await store.Mail.CreateAsync(Alice, half, SpecialUse.None, Cancellation));
        Assert.Equal(MailboxOutcome.Ok, await store.Mail.CreateAsync(Alice, "\ud83d\ude00", SpecialUse.None, Cancellation));
    }

    [Fact]
    public async Task A_name_too_long_or_too_deep_is_refused()
    {
        await using var store = await TestStore.OpenAsync();
        Assert.Equal(MailboxOutcome.Ok, await store.Mail.CreateAsync(Alice, new string('ä', 127), SpecialUse.None, Cancellation));
        Assert.Equal(MailboxOutcome.BadName, await store.Mail.CreateAsync(Alice, new string('ä', 128), SpecialUse.None, Cancellation));
        Assert.Equal(MailboxOutcome.Ok, await store.Mail.CreateAsync(Alice, string.Join('/', Enumerable.Repeat("a", 32)), SpecialUse.None, Cancellation));
        Assert.Equal(MailboxOutcome.BadName, await store.Mail.CreateAsync(Alice, string.Join('/', Enumerable.Repeat("a", 33)), SpecialUse.None, Cancellation));
    }

    [Fact]
    public async Task A_special_use_belongs_to_one_mailbox()
    {
        await using var store = await TestStore.OpenAsync();
        Assert.Equal(MailboxOutcome.NotAllowed, await store.Mail.CreateAsync(Alice, "Spam", SpecialUse.Junk, Cancellation));
        Assert.Null(await store.Mail.FindAsync(Alice, "Spam", Cancellation));
    }

    [Fact]
    public async Task Renaming_takes_children_along_and_gives_fresh_uid_validities()
    {
        await using var store = await TestStore.OpenAsync();
        await store.Mail.CreateAsync(Alice, "Work/Letters", SpecialUse.None, Cancellation);
        await store.Mail.CreateAsync(Alice, "Workshop", SpecialUse.None, Cancellation);
        await store.AppendAsync("Work/Letters", "Subject: one\r\n\r\n");
        var before = await store.MailboxAsync("Work/Letters");

        Assert.Equal(MailboxOutcome.Ok, await store.Mail.RenameAsync(Alice, "Work", "Old/Work", Cancellation));

        Assert.Null(await store.Mail.FindAsync(Alice, "Work", Cancellation));
        Assert.NotNull(await store.Mail.FindAsync(Alice, "Old", Cancellation));
        Assert.NotNull(await store.Mail.FindAsync(Alice, "Workshop", Cancellation));
        var after = await store.MailboxAsync("Old/Work/Letters");
        Assert.Equal((before.Id, 1), (after.Id, after.Total));
        Assert.True(after.UidValidity > before.UidValidity);
    }

    [Fact]
    public async Task Renaming_below_itself_or_onto_another_is_refused()
    {
        await using var store = await TestStore.OpenAsync();
        await store.Mail.CreateAsync(Alice, "a/b", SpecialUse.None, Cancellation);
        await store.Mail.CreateAsync(Alice, "c/b", SpecialUse.None, Cancellation);
        Assert.Equal(MailboxOutcome.NotAllowed, await store.Mail.RenameAsync(Alice, "a", "a/b/c", Cancellation));
        Assert.Equal(MailboxOutcome.Exists, await store.Mail.RenameAsync(Alice, "a", "c", Cancellation));
        Assert.Equal(MailboxOutcome.NotFound, await store.Mail.RenameAsync(Alice, "x", "y", Cancellation));
    }

    [Fact]
    public async Task Renaming_INBOX_moves_its_messages_and_leaves_it_empty_with_its_children()
    {
        await using var store = await TestStore.OpenAsync();
        await store.Mail.CreateAsync(Alice, "INBOX/Lists", SpecialUse.None, Cancellation);
        await store.AppendAsync("INBOX", "Subject: one\r\n\r\n", "Subject: two\r\n\r\n");
        Assert.Equal(MailboxOutcome.Ok, await store.Mail.RenameAsync(Alice, "INBOX", "Old", Cancellation));
        Assert.Empty(await store.EntriesAsync("INBOX"));
        Assert.Equal([1u, 2u], (await store.EntriesAsync("Old")).Select(entry => entry.Uid));
        Assert.NotNull(await store.Mail.FindAsync(Alice, "INBOX/Lists", Cancellation));
        Assert.Equal(3u, (await store.MailboxAsync("INBOX")).UidNext);
    }

    [Fact]
    public async Task Deleting_removes_the_messages_and_leaves_children()
    {
        await using var store = await TestStore.OpenAsync();
        await store.Mail.CreateAsync(Alice, "a/b", SpecialUse.None, Cancellation);
        await store.AppendAsync("a", [.. Enumerable.Range(0, 1200).Select(i => $"Subject: {i}\r\n\r\n")]);
        Assert.Equal(MailboxOutcome.Ok, await store.Mail.DeleteAsync(Alice, "a", Cancellation));
        Assert.Equal(MailboxOutcome.NotFound, await store.Mail.DeleteAsync(Alice, "a", Cancellation));
        Assert.NotNull(await store.Mail.FindAsync(Alice, "a/b", Cancellation));
    }

    [Fact]
    public async Task A_mailbox_made_again_under_an_old_name_has_a_greater_uid_validity()
    {
        await using var store = await TestStore.OpenAsync();
        var last = 0u;
        for (var i = 0; i < 4; i++)
        {
            await store.Mail.CreateAsync(Alice, "a", SpecialUse.None, Cancellation);
            var mailbox = await store.MailboxAsync("a");
            Assert.True(mailbox.UidValidity > last);
            last = mailbox.UidValidity;
            await store.Mail.DeleteAsync(Alice, "a", Cancellation);
        }
    }

    [Theory]
    [InlineData("INBOX")]
    [InlineData("Junk")]
    [InlineData("Trash")]
    [InlineData("Sent")]
    public async Task The_standard_mailboxes_cannot_be_deleted(string name)
    {
        await using var store = await TestStore.OpenAsync();
        await store.Mail.ListAsync(Alice, Cancellation);
        Assert.Equal(MailboxOutcome.NotAllowed, await store.Mail.DeleteAsync(Alice, name, Cancellation));
        Assert.NotNull(await store.Mail.FindAsync(Alice, name, Cancellation));
    }

    [Fact]
    public async Task Subscribing_survives_a_restart()
    {
        await using var store = await TestStore.OpenAsync();
        await store.Mail.CreateAsync(Alice, "a", SpecialUse.None, Cancellation);
        Assert.False((await store.MailboxAsync("a")).Subscribed);
        Assert.Equal(MailboxOutcome.Ok, await store.Mail.SubscribeAsync(Alice, "a", true, Cancellation));
        await store.ReopenAsync();
        Assert.True((await store.MailboxAsync("a")).Subscribed);
        Assert.Equal(MailboxOutcome.NotFound, await store.Mail.SubscribeAsync(Alice, "b", true, Cancellation));
    }

    [Fact]
    public async Task Two_spellings_are_one_mailbox()
    {
        await using var store = await TestStore.OpenAsync();
        Assert.Equal(MailboxOutcome.Ok, await store.Mail.CreateAsync(TestStore.Alice, "Entwu\u0308rfe", SpecialUse.None, TestStore.Cancellation));
        Assert.Equal(MailboxOutcome.Exists, await store.Mail.CreateAsync(TestStore.Alice, "Entw\u00fcrfe", SpecialUse.None, TestStore.Cancellation));
    }
}
