using Sternpost.Imap.Responses;

namespace Sternpost.Unit.Imap;

public class MailboxTests
{
    [Fact]
    public async Task An_account_begins_with_the_standard_mailboxes()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await house.SignInAsync();
        await talk.SayAsync("""
            C: a LIST "" *
            S: * LIST (\HasNoChildren) "/" "INBOX"
            S: * LIST (\HasNoChildren \Archive) "/" "Archive"
            S: * LIST (\HasNoChildren \Drafts) "/" "Drafts"
            S: * LIST (\HasNoChildren \Junk) "/" "Junk"
            S: * LIST (\HasNoChildren \Sent) "/" "Sent"
            S: * LIST (\HasNoChildren \Trash) "/" "Trash"
            S: a OK …
            C: b LIST "" ""
            S: * LIST (\Noselect) "/" ""
            S: b OK …
            C: c LIST "" inbox
            S: * LIST (\HasNoChildren) "/" "INBOX"
            S: c OK …
            C: d LIST (SPECIAL-USE) "" * RETURN (SPECIAL-USE)
            S: * LIST (\HasNoChildren \Archive) "/" "Archive"
            S: …
            S: d OK …
            """);
    }

    [Fact]
    public async Task Mailboxes_are_created_renamed_and_deleted_with_their_levels()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await house.SignInAsync();
        await talk.SayAsync("""
            C: a CREATE Work/2026/January
            S: a OK [MAILBOXID (F…)] Created
            C: b CREATE Work/2026/January
            S: b NO [ALREADYEXISTS] …
            C: c CREATE inbox
            S: c NO …
            C: d LIST "" W%
            S: * LIST (\HasChildren) "/" "Work"
            S: d OK …
            C: e LIST Work/ %
            S: * LIST (\HasChildren) "/" "Work/2026"
            S: e OK …
            C: f RENAME Work/2026 Archive/2026
            S: f OK …
            C: g LIST "" *2026*
            S: * LIST (\HasChildren) "/" "Archive/2026"
            S: * LIST (\HasNoChildren) "/" "Archive/2026/January"
            S: g OK …
            C: h DELETE Archive/2026
            S: h OK …
            C: i LIST "" Archive/%
            S: * LIST (\NonExistent \Noselect \HasChildren) "/" "Archive/2026"
            S: i OK …
            C: j SELECT Archive/2026
            S: j NO [NONEXISTENT] …
            C: k DELETE INBOX
            S: k NO [CANNOT] …
            C: l DELETE Nowhere
            S: l NO [NONEXISTENT] …
            C: m RENAME Nowhere Somewhere
            S: m NO [NONEXISTENT] …
            C: n CREATE "Spring/"
            S: n OK …
            C: o STATUS Spring (MESSAGES UIDNEXT UNSEEN DELETED SIZE RECENT)
            S: * STATUS "Spring" (MESSAGES 0 UIDNEXT 1 UNSEEN 0 DELETED 0 SIZE 0 RECENT 0)
            S: o OK …
            C: p CREATE "a//b"
            S: p NO [CANNOT] …
            C: q CREATE "&broken"
            S: q NO [CANNOT] …
            C: r SELECT "&broken"
            S: r NO [NONEXISTENT] …
            """);
    }

    [Fact]
    public async Task A_special_use_is_given_at_creation()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await house.SignInAsync();
        await talk.SayAsync("""
            C: a CREATE Later (USE (\Important))
            S: a NO [USEATTR] …
            C: b CREATE Later (USE (\Sent \Trash))
            S: b NO [USEATTR] …
            C: c CREATE Later (USE (\Sent))
            S: c NO …
            C: d CREATE Later (USE ())
            S: d OK …
            """);
    }

    [Fact]
    public async Task Renaming_inbox_moves_its_messages()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1), ImapHouse.Letter(2));
        await using var talk = await house.SignInAsync();
        await talk.SayAsync("""
            C: a RENAME INBOX Old
            S: a OK …
            C: b STATUS Old (MESSAGES)
            S: * STATUS "Old" (MESSAGES 2)
            S: b OK …
            C: c STATUS INBOX (MESSAGES)
            S: * STATUS "INBOX" (MESSAGES 0)
            S: c OK …
            """);
    }

    [Fact]
    public async Task Names_are_modified_utf7_until_utf8_is_enabled()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var old = await house.SignInAsync();
        await old.SayAsync("""
            C: a CREATE "Entw&APw-rfe &- mehr"
            S: a OK …
            C: b LIST "" E*
            S: * LIST (\HasNoChildren) "/" "Entw&APw-rfe &- mehr"
            S: b OK …
            """);
        await using var modern = await house.SignInAsync();
        await modern.SayAsync("""
            C: a ENABLE UTF8=ACCEPT
            S: * ENABLED UTF8=ACCEPT
            S: a OK …
            C: b LIST "" E*
            S: * LIST (\HasNoChildren) "/" "Entwürfe & mehr"
            S: b OK …
            C: c STATUS "Entwürfe & mehr" (MESSAGES)
            S: * STATUS "Entwürfe & mehr" (MESSAGES 0)
            S: c OK …
            C: d DELETE "Entwürfe & mehr"
            S: d OK …
            """);
    }

    [Fact]
    public async Task Subscriptions_are_listed_in_both_ways()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await house.SignInAsync();
        foreach (var name in new[] { "INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash" }) await talk.CommandAsync($"UNSUBSCRIBE {name}");
        await talk.SayAsync("""
            C: a CREATE Lists/csharp
            S: a OK …
            C: b SUBSCRIBE Lists/csharp
            S: b OK …
            C: c LSUB "" *
            S: * LSUB () "/" "Lists/csharp"
            S: c OK …
            C: d LSUB "" %
            S: * LSUB (\Noselect) "/" "Lists"
            S: d OK …
            C: e LIST (SUBSCRIBED) "" *
            S: * LIST (\Subscribed \HasNoChildren) "/" "Lists/csharp"
            S: e OK …
            C: f LIST (SUBSCRIBED RECURSIVEMATCH) "" %
            S: * LIST (\HasChildren) "/" "Lists" ("CHILDINFO" ("SUBSCRIBED"))
            S: f OK …
            C: g LIST (RECURSIVEMATCH) "" %
            S: g BAD …
            C: h LIST "" (Lists Lists/%) RETURN (SUBSCRIBED CHILDREN)
            S: * LIST (\HasChildren) "/" "Lists"
            S: * LIST (\Subscribed \HasNoChildren) "/" "Lists/csharp"
            S: h OK …
            C: i UNSUBSCRIBE Lists/csharp
            S: i OK …
            C: j LSUB "" *
            S: j OK …
            C: k SUBSCRIBE Nowhere
            S: k NO [NONEXISTENT] …
            """);
    }

    [Fact]
    public async Task A_subscription_outlives_its_mailbox()
    {
        // RFC 9051 §6.3.7: the server must not take a name from the list of its own accord.
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await house.SignInAsync();
        foreach (var name in new[] { "INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash" }) await talk.CommandAsync($"UNSUBSCRIBE {name}");
        await talk.SayAsync("""
            C: a CREATE Trips
            S: a OK …
            C: b SUBSCRIBE Trips
            S: b OK …
            C: c DELETE Trips
            S: c OK …
            C: d LIST (SUBSCRIBED) "" *
            S: * LIST (\NonExistent \Noselect \Subscribed \HasNoChildren) "/" "Trips"
            S: d OK …
            C: e LSUB "" *
            S: * LSUB () "/" "Trips"
            S: e OK …
            C: f LIST "" Trips
            S: f OK …
            C: g CREATE Trips
            S: g OK …
            C: h LIST (SUBSCRIBED) "" *
            S: * LIST (\Subscribed \HasNoChildren) "/" "Trips"
            S: h OK …
            C: i DELETE Trips
            S: i OK …
            C: j UNSUBSCRIBE Trips
            S: j OK …
            C: k LIST (SUBSCRIBED) "" *
            S: k OK …
            C: l CREATE Trips
            S: l OK …
            C: m LSUB "" *
            S: m OK …
            """);
    }

    [Fact]
    public async Task List_answers_status_too()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1));
        await using var talk = await house.SignInAsync();
        await talk.SayAsync("""
            C: a LIST "" (INBOX Sent) RETURN (STATUS (MESSAGES UNSEEN))
            S: * LIST (\HasNoChildren) "/" "INBOX"
            S: * STATUS "INBOX" (MESSAGES 1 UNSEEN 1)
            S: * LIST (\HasNoChildren \Sent) "/" "Sent"
            S: * STATUS "Sent" (MESSAGES 0 UNSEEN 0)
            S: a OK …
            C: b STATUS INBOX (UIDVALIDITY HIGHESTMODSEQ APPENDLIMIT MAILBOXID)
            S: * STATUS "INBOX" (UIDVALIDITY … HIGHESTMODSEQ … APPENDLIMIT 50000000 MAILBOXID (F…))
            S: b OK …
            C: c STATUS INBOX ()
            S: c BAD …
            """);
    }

    [Fact]
    public async Task Deleting_the_selected_mailbox_closes_it_here_and_ends_other_sessions_in_it()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var one = await house.SignInAsync();
        await using var other = await house.SignInAsync();
        await one.CommandAsync("CREATE Gone");
        await one.CommandAsync("SELECT Gone");
        await other.CommandAsync("SELECT Gone");
        await one.SayAsync("""
            C: a DELETE Gone
            S: * OK [CLOSED] …
            S: a OK …
            C: b FETCH 1 FLAGS
            S: b BAD Select a mailbox first
            """);
        await other.SayAsync("C: a NOOP\nS: * BYE …");
        Assert.Null(await other.TryLineAsync());
    }

    [Theory]
    [InlineData("*", "a/b/c", true)]
    [InlineData("%", "a/b", false)]
    [InlineData("%", "a", true)]
    [InlineData("%/%", "a/b", true)]
    [InlineData("a*c", "a/b/c", true)]
    [InlineData("a%c", "a/b/c", false)]
    [InlineData("*%*%*", "abc", true)]
    [InlineData("a", "ab", false)]
    [InlineData("", "a", false)]
    [InlineData("InBo%", "INBOX", true)]
    [InlineData("arch*", "Archive", false)]
    public void Patterns_match(string pattern, string name, bool matches) => Assert.Equal(matches, new MailboxPattern("", pattern).Matches(name));

    [Fact]
    public void A_pattern_of_nothing_but_wildcards_costs_no_more_than_its_length_times_the_names()
    {
        var pattern = new MailboxPattern("", string.Concat(Enumerable.Repeat("*a%", 600)) + "b");
        var begun = System.Diagnostics.Stopwatch.StartNew();
        Assert.False(pattern.Matches(new string('a', 1000)));
        Assert.True(begun.Elapsed < TimeSpan.FromSeconds(2));
    }
}
