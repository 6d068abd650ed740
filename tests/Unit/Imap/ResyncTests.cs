namespace Sternpost.Unit.Imap;

/// <summary>CONDSTORE and QRESYNC (RFC 7162).</summary>
public class ResyncTests
{
    [Fact]
    public async Task Modseqs_are_told_once_asked_for()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1), ImapHouse.Letter(2));
        await using var talk = await house.SelectAsync();
        var first = ModSeqOf((await talk.CommandAsync("FETCH 1 MODSEQ"))[1]);
        await talk.CommandAsync("STORE 2 +FLAGS (\\Seen)");
        var changed = await talk.CommandAsync($"FETCH 1:* (FLAGS) (CHANGEDSINCE {first})");
        Assert.StartsWith("* 2 FETCH (FLAGS (\\Seen) MODSEQ (", changed[0]);
        Assert.Equal(2, changed.Count);
        var second = ModSeqOf(changed[0]);
        Assert.True(second > first);
        await talk.SayAsync($"""
            C: a SEARCH MODSEQ {second}
            S: * SEARCH 2 (MODSEQ {second})
            S: a OK …
            C: b SEARCH MODSEQ "/flags/\\seen" all {second + 1}
            S: * SEARCH
            S: b OK …
            C: c UID SEARCH RETURN (ALL COUNT) MODSEQ {first}
            S: * ESEARCH (TAG "c") UID ALL 1:2 COUNT 2 MODSEQ {second}
            S: c OK …
            C: d SORT (ARRIVAL) UTF-8 MODSEQ {second}
            S: * SORT 2 (MODSEQ {second})
            S: d OK …
            C: e STATUS INBOX (HIGHESTMODSEQ)
            S: * STATUS "INBOX" (HIGHESTMODSEQ {second})
            S: e OK …
            """);
    }

    [Fact]
    public async Task A_conditional_store_leaves_alone_what_others_changed()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1), ImapHouse.Letter(2), ImapHouse.Letter(3));
        await using var talk = await house.SelectAsync();
        await using var other = await house.SelectAsync();
        var known = ModSeqOf((await talk.CommandAsync("FETCH 1 MODSEQ"))[1]);
        await other.CommandAsync("STORE 2 +FLAGS (\\Flagged)");
        var answer = await talk.CommandAsync($"STORE 1:3 (UNCHANGEDSINCE {known}) +FLAGS.SILENT (\\Seen)");
        Assert.Contains("[MODIFIED 2]", answer[^1]);
        Assert.Contains(answer, line => line.StartsWith("* 1 FETCH (MODSEQ ("));
        Assert.Contains(answer, line => line.StartsWith("* 3 FETCH (MODSEQ ("));
        // What the other did is told as well, so that the client can try again.
        await talk.SayAsync("""
            C: a FETCH 2 FLAGS
            S: …
            S: a OK …
            C: b UID STORE 2 (UNCHANGEDSINCE 1) +FLAGS (\Seen)
            S: b OK [MODIFIED 2] …
            C: c FETCH 1:3 FLAGS
            S: * 1 FETCH (FLAGS (\Seen))
            S: * 2 FETCH (FLAGS (\Flagged))
            S: * 3 FETCH (FLAGS (\Seen))
            S: c OK …
            """);
    }

    [Fact]
    public async Task A_client_that_returns_hears_what_vanished_and_what_changed()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", [.. Enumerable.Range(1, 6).Select(ImapHouse.Letter)]);
        await using var first = await house.SignInAsync();
        var selected = await first.CommandAsync("SELECT INBOX (CONDSTORE)");
        var validity = CodeOf(selected, "UIDVALIDITY");
        var modSeq = CodeOf(selected, "HIGHESTMODSEQ");
        await using var other = await house.SelectAsync();
        await other.CommandAsync("STORE 2,3,6 +FLAGS (\\Deleted)");
        await other.CommandAsync("EXPUNGE");
        await other.CommandAsync("UID STORE 4 +FLAGS (\\Seen)");
        await house.AppendAsync("INBOX", ImapHouse.Letter(7));

        await using var back = await house.SignInAsync();
        await back.SayAsync($"""
            C: a SELECT INBOX (QRESYNC ({validity} {modSeq}))
            S: a BAD …
            C: b ENABLE QRESYNC
            S: * ENABLED QRESYNC
            S: b OK …
            C: c SELECT INBOX (QRESYNC ({validity} {modSeq}))
            S: …
            S: * 4 EXISTS
            S: …
            S: * VANISHED (EARLIER) 2:3,6
            S: * 2 FETCH (UID 4 FLAGS (\Seen) MODSEQ (…))
            S: * 4 FETCH (UID 7 FLAGS () MODSEQ (…))
            S: c OK [READ-WRITE] …
            C: d UNSELECT
            S: d OK …
            C: e SELECT INBOX (QRESYNC ({validity} {modSeq} 1:3 (1 1)))
            S: …
            S: * VANISHED (EARLIER) 2:3
            S: e OK [READ-WRITE] …
            C: f UID FETCH 1:* (FLAGS) (CHANGEDSINCE {modSeq} VANISHED)
            S: * VANISHED (EARLIER) 2:3,6
            S: * 2 FETCH (UID 4 FLAGS (\Seen) MODSEQ (…))
            S: * 4 FETCH (UID 7 FLAGS () MODSEQ (…))
            S: f OK …
            C: g FETCH 1:* (FLAGS) (CHANGEDSINCE {modSeq} VANISHED)
            S: g BAD …
            C: h UNSELECT
            S: h OK …
            """);
        // Another uidvalidity: nothing the client knows is worth anything.
        var stranger = await back.CommandAsync($"SELECT INBOX (QRESYNC (1 {modSeq}))");
        Assert.DoesNotContain(stranger, line => line.Contains("VANISHED") || line.Contains("FETCH"));
    }

    [Fact]
    public async Task With_qresync_expunges_are_told_as_vanished()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", [.. Enumerable.Range(1, 4).Select(ImapHouse.Letter)]);
        await using var talk = await house.SelectAsync("QRESYNC");
        await talk.SayAsync("""
            C: a STORE 2:3 +FLAGS (\Deleted)
            S: * 2 FETCH (UID 2 FLAGS (\Deleted) MODSEQ (…))
            S: * 3 FETCH (UID 3 FLAGS (\Deleted) MODSEQ (…))
            S: a OK …
            C: b EXPUNGE
            S: * VANISHED 2:3
            S: b OK [HIGHESTMODSEQ …] …
            C: c MOVE 1 Trash
            S: * OK [COPYUID …] …
            S: * VANISHED 1
            S: c OK [HIGHESTMODSEQ …] …
            C: d FETCH 1 FLAGS
            S: * 1 FETCH (UID 4 FLAGS ())
            S: d OK …
            """);
    }

    [Fact]
    public async Task Flags_changed_by_others_come_with_their_modseq()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1));
        await using var talk = await house.SelectAsync("CONDSTORE");
        await using var other = await house.SelectAsync();
        await other.CommandAsync("STORE 1 +FLAGS (\\Seen)");
        await talk.SayAsync("""
            C: a NOOP
            S: * 1 FETCH (FLAGS (\Seen) MODSEQ (…))
            S: a OK …
            """);
    }

    private static long ModSeqOf(string line) => long.Parse(line[(line.IndexOf("MODSEQ (", StringComparison.Ordinal) + 8)..line.IndexOf("))", StringComparison.Ordinal)]);

    private static string CodeOf(List<string> lines, string code) =>
        lines.Select(line => System.Text.RegularExpressions.Regex.Match(line, $@"\[{code} (\d+)\]")).First(match => match.Success).Groups[1].Value;
}
