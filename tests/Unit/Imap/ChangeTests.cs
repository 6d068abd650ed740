using System.Text;

namespace Sternpost.Unit.Imap;

public class ChangeTests
{
    [Fact]
    public async Task Store_adds_removes_and_replaces_flags()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1), ImapHouse.Letter(2));
        await using var talk = await house.SelectAsync();
        await talk.SayAsync("""
            C: a STORE 1:2 +FLAGS (\Seen $Forwarded)
            S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded)
            S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded \*)] …
            S: * 1 FETCH (FLAGS (\Seen $Forwarded))
            S: * 2 FETCH (FLAGS (\Seen $Forwarded))
            S: a OK …
            C: b STORE 1 -FLAGS \Seen
            S: * 1 FETCH (FLAGS ($Forwarded))
            S: b OK …
            C: c STORE 1 FLAGS (\Flagged \Answered)
            S: * 1 FETCH (FLAGS (\Answered \Flagged))
            S: c OK …
            C: d STORE 1 FLAGS.SILENT ()
            S: d OK …
            C: e UID STORE 1:* +FLAGS (\Draft)
            S: * 1 FETCH (UID 1 FLAGS (\Draft))
            S: * 2 FETCH (UID 2 FLAGS (\Seen \Draft $Forwarded))
            S: e OK …
            C: f STORE 3 +FLAGS (\Seen)
            S: f BAD …
            C: g UID STORE 99 +FLAGS (\Seen)
            S: g OK …
            C: h STORE 1 +FLAGS (\Nonsense)
            S: h BAD …
            C: i STORE 1 +LABELS (x)
            S: i BAD …
            C: j STORE 2 -FLAGS ($forwarded)
            S: * 2 FETCH (FLAGS (\Seen \Draft))
            S: j OK …
            """);
    }

    [Fact]
    public async Task Expunge_tells_each_and_uid_expunge_only_those_named()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", [.. Enumerable.Range(1, 6).Select(ImapHouse.Letter)]);
        await using var talk = await house.SelectAsync();
        await talk.SayAsync("""
            C: a STORE 1,3,4,6 +FLAGS.SILENT (\Deleted)
            S: a OK …
            C: b UID EXPUNGE 1:3,5
            S: * 3 EXPUNGE
            S: * 1 EXPUNGE
            S: b OK …
            C: c UID SEARCH ALL
            S: * SEARCH 2 4 5 6
            S: c OK …
            C: d EXPUNGE
            S: * 4 EXPUNGE
            S: * 2 EXPUNGE
            S: d OK …
            C: e EXPUNGE
            S: e OK …
            C: f FETCH 1:* UID
            S: * 1 FETCH (UID 2)
            S: * 2 FETCH (UID 5)
            S: f OK …
            """);
    }

    [Fact]
    public async Task Copy_and_move_answer_the_new_uids()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", [.. Enumerable.Range(1, 5).Select(ImapHouse.Letter)]);
        await using var talk = await house.SelectAsync();
        await talk.SayAsync("""
            C: a COPY 2:4 Archive
            S: a OK [COPYUID … 2:4 1:3] …
            C: b UID MOVE 1,5 Archive
            S: * OK [COPYUID … 1,5 4:5] …
            S: * 5 EXPUNGE
            S: * 1 EXPUNGE
            S: b OK …
            C: c MOVE 1 Nowhere
            S: c NO [TRYCREATE] …
            C: d COPY 1 Nowhere
            S: d NO [TRYCREATE] …
            C: e UID COPY 99 Archive
            S: e OK No messages
            C: f COPY 9 Archive
            S: f BAD …
            C: g STATUS Archive (MESSAGES)
            S: * STATUS "Archive" (MESSAGES 5)
            S: g OK …
            C: h COPY 1 INBOX
            S: h OK [COPYUID …
            """.Replace("S: h OK [COPYUID …", "S: * 4 EXISTS\nS: h OK [COPYUID …"));
        var before = (await talk.CommandAsync("FETCH 1 EMAILID"))[0];
        var copied = (await talk.CommandAsync("FETCH 4 EMAILID"))[0];
        Assert.Equal(before.Replace("* 1", "* 4"), copied);
    }

    [Fact]
    public async Task Flags_travel_with_a_copy()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1));
        await using var talk = await house.SelectAsync();
        await talk.SayAsync("""
            C: a STORE 1 +FLAGS.SILENT (\Flagged work)
            S: …
            S: a OK …
            C: b COPY 1 Archive
            S: b OK …
            C: c SELECT Archive
            S: * FLAGS (… work)
            S: …
            S: c OK …
            C: d FETCH 1 (FLAGS INTERNALDATE)
            S: * 1 FETCH (FLAGS (\Flagged work) INTERNALDATE " 3-Feb-2026 09:00:00 +0000")
            S: d OK …
            """);
    }

    [Fact]
    public async Task Append_takes_literals_of_every_kind()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await house.SelectAsync();
        await talk.SayAsync("""
            C: a APPEND INBOX (\Seen $Label1) " 1-Feb-2026 10:00:00 +0000" {12}
            S: + …
            C: Subject: 1
            C:
            S: * FLAGS …
            S: * OK [PERMANENTFLAGS …
            S: * 1 EXISTS
            S: a OK [APPENDUID … 1] …
            C: b APPEND INBOX {12+}
            C: Subject: 2
            C:
            S: * 2 EXISTS
            S: b OK [APPENDUID … 2] …
            C: c APPEND INBOX ~{12+}
            C: Subject: 3
            C:
            S: * 3 EXISTS
            S: c OK [APPENDUID … 3] …
            C: d APPEND INBOX UTF8 (~{12+}
            C: Subject: 4
            C: )
            S: * 4 EXISTS
            S: d OK [APPENDUID … 4] …
            C: e APPEND Nowhere {12+}
            C: Subject: 5
            C:
            S: e NO [TRYCREATE] …
            C: f APPEND INBOX {0+}
            C:
            S: f NO …
            C: g APPEND INBOX (\Recent) "yesterday" {3+}
            C: abc
            S: g BAD …
            C: h APPEND INBOX
            S: h BAD …
            C: i FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE)
            S: * 1 FETCH (FLAGS (\Seen $Label1) INTERNALDATE " 1-Feb-2026 10:00:00 +0000" RFC822.SIZE 12)
            S: i OK …
            """);
    }

    [Fact]
    public async Task Several_messages_are_appended_or_none()
    {
        await using var house = await ImapHouse.OpenAsync(quota: 1000);
        await using var talk = await house.SelectAsync();
        await talk.SendRawAsync("a APPEND INBOX (\\Seen) {3+}\r\nabc {4+}\r\nabcd (\\Draft) \" 1-Feb-2026 10:00:00 +0000\" ~{5+}\r\nab\0de\r\n");
        await talk.SayAsync("S: * 3 EXISTS\nS: a OK [APPENDUID … 1:3] …");
        await talk.SendRawAsync($"b APPEND INBOX {{3+}}\r\nabc {{990+}}\r\n{new string('x', 990)}\r\n");
        await talk.SayAsync("""
            S: b NO [OVERQUOTA] …
            C: c STATUS INBOX (MESSAGES SIZE)
            S: * STATUS "INBOX" (MESSAGES 3 SIZE 12)
            S: c OK …
            C: d COPY 1:3 Archive
            S: d OK …
            C: e GETQUOTA ""
            S: * QUOTA "" (STORAGE 1 0)
            S: e OK …
            """);
    }

    [Fact]
    public async Task A_message_too_large_is_refused_before_it_is_sent_and_skipped_when_it_was_sent_unasked()
    {
        await using var house = await ImapHouse.OpenAsync(options => options with { AppendLimit = 100_000 });
        await using var talk = await house.SignInAsync();
        await talk.SayAsync("""
            C: a CAPABILITY
            S: * CAPABILITY … APPENDLIMIT=100000
            S: a OK …
            C: b APPEND INBOX {100001}
            S: b NO [TOOBIG] …
            """);
        await talk.SendRawAsync("c APPEND INBOX {100001+}\r\n" + new string('x', 100_001) + "\r\nd NOOP\r\n");
        await talk.SayAsync("S: c NO [TOOBIG] …\nS: d OK …");
        await talk.SendRawAsync("e APPEND INBOX {100000+}\r\n" + new string('x', 100_000) + "\r\n");
        await talk.SayAsync("S: e OK [APPENDUID … 1] …");
        await talk.SendRawAsync("f APPEND INBOX {300000+}\r\n");
        await talk.SayAsync("S: * BYE [TOOBIG] …");
    }

    [Fact]
    public async Task Messages_being_appended_share_a_bounded_memory()
    {
        await using var house = await ImapHouse.OpenAsync(options => options with { AppendMemory = 150_000, AppendLimit = 100_000 });
        await using var one = await house.SignInAsync();
        await using var other = await house.SignInAsync();
        await one.SayAsync("C: a APPEND INBOX {100000}\nS: + …");
        await other.SayAsync("C: a APPEND INBOX {100000}\nS: a NO [TOOBIG] …");
        await one.SendRawAsync(new string('x', 100_000) + "\r\n");
        await one.SayAsync("S: a OK …\nC: b NOOP\nS: b OK …");
        await other.SayAsync("C: b APPEND INBOX {100000}\nS: + …");
    }

    [Fact]
    public async Task Small_literals_do_not_wait_for_the_memory_of_messages()
    {
        await using var house = await ImapHouse.OpenAsync(options => options with { AppendMemory = 100_000, AppendLimit = 100_000 });
        await using var one = await house.SignInAsync();
        await one.SayAsync("C: a APPEND INBOX {100000}\nS: + …");
        await using var other = await house.ConnectAsync();
        await other.SayAsync("C: a LOGIN {18}\nS: + …\nC: alice@example.test {13}\nS: + …\nC: correct horse\nS: a OK …");
    }

    [Fact]
    public async Task A_session_that_dies_in_the_middle_of_an_append_gives_its_memory_back()
    {
        await using var house = await ImapHouse.OpenAsync(options => options with { AppendMemory = 150_000, AppendLimit = 100_000 });
        var dying = await house.SignInAsync();
        await dying.SayAsync("C: a APPEND INBOX {100000}\nS: + …");
        await dying.DisposeAsync();
        await using var other = await house.SignInAsync();
        for (var i = 0; i < 200; i++)
        {
            await other.SendAsync($"a{i} APPEND INBOX {{100000}}");
            if ((await other.LineAsync())[0] == '+') return;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        Assert.Fail("The memory never came back.");
    }

    [Fact]
    public async Task What_was_appended_comes_back_by_another_session()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var one = await house.SignInAsync();
        var letter = Encoding.UTF8.GetString(ImapHouse.Lines(ImapHouse.Letter(7)));
        await one.SendRawAsync($"a APPEND INBOX {{{letter.Length}+}}\r\n{letter}\r\n");
        await one.SayAsync("S: a OK …");
        await using var other = await house.SelectAsync();
        await other.SendAsync("b FETCH 1 BODY.PEEK[]");
        Assert.Equal($"* 1 FETCH (BODY[] {{{letter.Length}}}", await other.LineAsync());
        Assert.Equal(letter, Encoding.UTF8.GetString(await other.OctetsAsync(letter.Length)));
    }
}
