using Sternpost.Imap.Search;
using Sternpost.Messages.Threads;

namespace Sternpost.Unit.Imap;

public class SearchTests(SearchTests.Filled filled) : IClassFixture<SearchTests.Filled>
{
    private static readonly string[] Messages =
    [
        """
        From: =?utf-8?q?J=C3=B6rg?= <joerg@example.org>
        To: alice@example.test
        Subject: =?iso-8859-1?q?Gr=FC=DFe_aus_K=F6ln?=
        Date: Sun, 1 Feb 2026 23:30:00 -0500
        Message-ID: <one@example.org>
        X-Priority: 1

        Plain words here.

        """,
        """
        From: Bob <bob@example.net>
        To: alice@example.test, carol@example.org
        Cc: Dave <dave@example.com>
        Subject: Meeting
        Date: Tue, 3 Feb 2026 10:00:00 +0000
        Message-ID: <two@example.net>
        Content-Type: text/html; charset=iso-8859-1
        Content-Transfer-Encoding: base64

        PHA+Q2Fm6SA8Yj5hdTwvYj4gbGFpdCAmYW1wOyB0ZWE8L3A+

        """,
        """
        From: carol@example.org
        Bcc: hidden@example.org
        Subject: Forwarded
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: message/rfc822

        From: inner@example.org
        Subject: secret inner subject
        Content-Transfer-Encoding: quoted-printable

        the inner=20text
        --b--

        """,
    ];

    [Theory]
    [InlineData("ALL", "1 2 3")]
    [InlineData("1:2", "1 2")]
    [InlineData("NOT 1:2", "3")]
    [InlineData("UID 2:9", "2 3")]
    [InlineData("9", "")]
    [InlineData("FROM \"jörg\"", "1")]
    [InlineData("FROM JOERG@EXAMPLE", "1")]
    [InlineData("FROM \"bob <bob\"", "2")]
    [InlineData("TO carol", "2")]
    [InlineData("CC dave", "2")]
    [InlineData("BCC hidden", "3")]
    [InlineData("SUBJECT \"grüße\"", "1")]
    [InlineData("SUBJECT \"KÖLN\"", "1")]
    [InlineData("SUBJECT \"\"", "1 2 3")]
    [InlineData("HEADER X-Priority 1", "1")]
    [InlineData("HEADER X-Priority \"\"", "1")]
    [InlineData("NOT HEADER X-Priority \"\"", "2 3")]
    [InlineData("HEADER Message-ID <two@", "2")]
    [InlineData("BODY words", "1")]
    [InlineData("BODY \"café au lait & tea\"", "2")]
    [InlineData("BODY \"<b>\"", "")]
    [InlineData("BODY joerg", "")]
    [InlineData("TEXT joerg", "1")]
    [InlineData("TEXT \"jörg\"", "1")]
    [InlineData("BODY \"inner text\"", "3")]
    [InlineData("BODY \"secret inner\"", "3")]
    [InlineData("SENTON 1-Feb-2026", "1")]
    [InlineData("SENTSINCE 2-Feb-2026", "2")]
    [InlineData("SENTBEFORE 3-Feb-2026", "1")]
    [InlineData("ON 3-Feb-2026", "1 2 3")]
    [InlineData("BEFORE 3-Feb-2026", "")]
    [InlineData("SINCE \"3-Feb-2026\"", "1 2 3")]
    [InlineData("OLDER 60", "1 2 3")]
    [InlineData("YOUNGER 60", "")]
    [InlineData("LARGER 100 SMALLER 10000", "1 2 3")]
    [InlineData("SMALLER 10", "")]
    [InlineData("SEEN", "2")]
    [InlineData("UNSEEN UNDELETED", "1 3")]
    [InlineData("FLAGGED", "3")]
    [InlineData("KEYWORD Work", "3")]
    [InlineData("UNKEYWORD work", "1 2")]
    [InlineData("OLD UNANSWERED UNDRAFT", "1 2 3")]
    [InlineData("NEW", "")]
    [InlineData("OR SEEN FROM \"jörg\"", "1 2")]
    [InlineData("OR (BODY words SEEN) (BODY inner FLAGGED)", "3")]
    [InlineData("NOT (OR BODY words BODY inner)", "2")]
    [InlineData("NOT NOT TEXT bob", "2")]
    [InlineData("CHARSET UTF-8 BODY \"café\"", "2")]
    [InlineData("CHARSET us-ascii SUBJECT Meeting", "2")]
    [InlineData("EMAILID M1", "")]
    [InlineData("THREADID T1", "")]
    public async Task Each_key_finds_what_it_means(string keys, string numbers)
    {
        await filled.Talk.SayAsync($"C: a SEARCH {keys}\nS: {$"* SEARCH {numbers}".TrimEnd()}\nS: a OK …");
    }

    [Fact]
    public async Task Results_come_as_asked()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1));
        await using var talk = await FilledAsync(house);
        await talk.CommandAsync("STORE 1 +FLAGS (\\Deleted)");
        await talk.CommandAsync("EXPUNGE");
        await talk.SayAsync("""
            C: a SEARCH RETURN (MIN MAX COUNT ALL) ALL
            S: * ESEARCH (TAG "a") MIN 1 MAX 3 ALL 1:3 COUNT 3
            S: a OK …
            C: b UID SEARCH RETURN () ALL
            S: * ESEARCH (TAG "b") UID ALL 2:4
            S: b OK …
            C: c SEARCH RETURN (COUNT MIN) FROM nobody
            S: * ESEARCH (TAG "c") COUNT 0
            S: c OK …
            C: d SEARCH RETURN (NONSENSE) ALL
            S: d BAD …
            C: e SEARCH CHARSET KOI8-R SUBJECT x
            S: e NO [BADCHARSET (US-ASCII UTF-8)] …
            C: f SEARCH
            S: f BAD …
            C: g SEARCH SUBJECT {7}
            S: + …
            C: Meeting
            S: * SEARCH 2
            S: g OK …
            """);
    }

    [Fact]
    public async Task A_result_is_saved_and_used_again()
    {
        await using var house = await ImapHouse.OpenAsync();
        await using var talk = await FilledAsync(house);
        await talk.SayAsync("""
            C: a SEARCH RETURN (SAVE) UNSEEN
            S: a OK …
            C: b FETCH $ UID
            S: * 1 FETCH (UID 1)
            S: * 3 FETCH (UID 3)
            S: b OK …
            C: c SEARCH RETURN (SAVE COUNT) $ FLAGGED
            S: * ESEARCH (TAG "c") COUNT 1
            S: c OK …
            C: d UID STORE $ +FLAGS.SILENT (\Deleted)
            S: d OK …
            C: e SEARCH RETURN (SAVE MIN) ALL
            S: * ESEARCH (TAG "e") MIN 1
            S: e OK …
            C: f FETCH $ UID
            S: * 1 FETCH (UID 1)
            S: f OK …
            C: g UID SEARCH RETURN (SAVE) ALL
            S: g OK …
            C: h EXPUNGE
            S: * 3 EXPUNGE
            S: h OK …
            C: i UID FETCH $ UID
            S: * 1 FETCH (UID 1)
            S: * 2 FETCH (UID 2)
            S: i OK …
            C: j SEARCH RETURN (SAVE) CHARSET KOI8-R SUBJECT x
            S: j NO [BADCHARSET …
            C: k FETCH $ UID
            S: k OK …
            C: l UID MOVE $ Trash
            S: l OK …
            """);
    }

    [Fact]
    public async Task Messages_are_sorted()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX",
            "From: Zoe <beta@example.org>\nSubject: Re: apples\nDate: Tue, 3 Feb 2026 10:00:00 +0000\n\nx\n",
            "From: Adam <gamma@example.org>\nSubject: [list] Fwd: Bananas (fwd)\nDate: Mon, 2 Feb 2026 10:00:00 +0000\n\nlonger body\n",
            "From: alpha@example.org\nSubject: apples\nDate: Tue, 3 Feb 2026 11:30:00 +0200\n\ny\n");
        await using var talk = await house.SelectAsync();
        await talk.SayAsync("""
            C: a SORT (DATE) UTF-8 ALL
            S: * SORT 2 3 1
            S: a OK …
            C: b SORT (REVERSE DATE) US-ASCII ALL
            S: * SORT 1 3 2
            S: b OK …
            C: c SORT (SUBJECT REVERSE DATE) UTF-8 ALL
            S: * SORT 1 3 2
            S: c OK …
            C: d SORT (FROM) UTF-8 ALL
            S: * SORT 3 1 2
            S: d OK …
            C: e UID SORT (DISPLAYFROM) UTF-8 2:3
            S: * SORT 2 3
            S: e OK …
            C: f SORT (REVERSE SIZE) UTF-8 NOT 3
            S: * SORT 2 1
            S: f OK …
            C: g SORT (ARRIVAL) UTF-8 FROM nobody
            S: * SORT
            S: g OK …
            C: h SORT (COLOUR) UTF-8 ALL
            S: h BAD …
            C: i SORT (DATE) KOI8-R ALL
            S: i NO [BADCHARSET …
            """);
    }

    [Fact]
    public async Task Messages_are_threaded()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX",
            "Message-ID: <a@x>\nSubject: apples\nDate: Mon, 2 Feb 2026 10:00:00 +0000\n\n",
            "Message-ID: <b@x>\nIn-Reply-To: <a@x>\nSubject: Re: apples\nDate: Mon, 2 Feb 2026 11:00:00 +0000\n\n",
            "Message-ID: <c@x>\nReferences: <a@x> <b@x>\nSubject: Re: apples\nDate: Mon, 2 Feb 2026 12:00:00 +0000\n\n",
            "Message-ID: <d@x>\nReferences: <a@x>\nSubject: Re: apples\nDate: Mon, 2 Feb 2026 13:00:00 +0000\n\n",
            "Message-ID: <e@x>\nSubject: pears\nDate: Mon, 2 Feb 2026 09:00:00 +0000\n\n",
            "Message-ID: <f@x>\nReferences: <lost@x>\nSubject: plums\nDate: Mon, 2 Feb 2026 14:00:00 +0000\n\n",
            "Message-ID: <g@x>\nReferences: <lost@x>\nSubject: plums too\nDate: Mon, 2 Feb 2026 15:00:00 +0000\n\n",
            "Message-ID: <h@x>\nSubject: Re: pears\nDate: Mon, 2 Feb 2026 16:00:00 +0000\n\n");
        await using var talk = await house.SelectAsync();
        await talk.SayAsync("""
            C: a THREAD REFERENCES UTF-8 ALL
            S: * THREAD (5 8)(1 (2 3)(4))((6)(7))
            S: a OK …
            C: b THREAD ORDEREDSUBJECT UTF-8 ALL
            S: * THREAD (5 8)(1 (2)(3)(4))(6)(7)
            S: b OK …
            C: c UID THREAD REFERENCES UTF-8 5
            S: * THREAD (5)
            S: c OK …
            C: d THREAD REFERENCES UTF-8 FROM nobody
            S: * THREAD
            S: d OK …
            C: e THREAD REFS UTF-8 ALL
            S: e BAD …
            """);
    }

    [Theory]
    [InlineData("Re: apples", "APPLES", true)]
    [InlineData("RE: [list] Fwd: apples (fwd)", "APPLES", true)]
    [InlineData("[fwd: apples]", "APPLES", true)]
    [InlineData("Re[2]: apples", "APPLES", true)]
    [InlineData("[list] apples", "APPLES", false)]
    [InlineData("[list]", "[LIST]", false)]
    [InlineData("Regarding apples", "REGARDING APPLES", false)]
    [InlineData("=?utf-8?q?Re:_=C3=84pfel?=", "ÄPFEL", true)]
    [InlineData("  a \t b ", "A B", false)]
    [InlineData(null, "", false)]
    public void Base_subjects_leave_out_what_replies_and_lists_add(string? subject, string expected, bool reply) => Assert.Equal((expected, reply), BaseSubject.Of(subject));

    [Fact]
    public void A_subject_of_nothing_but_replies_is_read_in_no_time()
    {
        var begun = System.Diagnostics.Stopwatch.StartNew();
        BaseSubject.Of(string.Concat(Enumerable.Repeat("Re: [x] ", 20_000)));
        Assert.True(begun.Elapsed < TimeSpan.FromSeconds(2));
    }

    private static async Task<Talk> FilledAsync(ImapHouse house)
    {
        await house.AppendAsync("INBOX", Messages);
        var talk = await house.SelectAsync();
        var at = (await talk.CommandAsync("SEARCH SUBJECT Meeting"))[0].Split(' ')[^1];
        await talk.CommandAsync($"STORE {at} +FLAGS.SILENT (\\Seen)");
        await talk.CommandAsync("STORE * +FLAGS.SILENT (\\Flagged work)");
        return talk;
    }

    /// <summary>One mailbox for the searches that change nothing.</summary>
    public sealed class Filled : IAsyncLifetime
    {
        private ImapHouse house = null!;

        internal Talk Talk { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            house = await ImapHouse.OpenAsync();
            Talk = await FilledAsync(house);
        }

        public async ValueTask DisposeAsync()
        {
            await Talk.DisposeAsync();
            await house.DisposeAsync();
        }
    }
}
