using System.Text;
using CsCheck;
using Sternpost.Mailboxes;

namespace Sternpost.Unit.Imap;

public class FetchTests(FetchTests.Filled filled) : IClassFixture<FetchTests.Filled>
{
    private const string Nested = """
        From: "Doe, Jane" <jane@example.org>
        To: Friends: a@example.org, B <b@example.org>;
        Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
        Date: Tue, 3 Feb 2026 10:00:00 +0100
        Message-ID: <1@example.org>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=outer

        preamble
        --outer
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Gr=C3=BC=C3=9Fe
        --outer
        Content-Type: message/rfc822
        Content-Disposition: inline

        Subject: inner
        Content-Type: multipart/alternative; boundary=inner

        --inner

        plain inner
        --inner
        Content-Type: text/html

        <p>html inner</p>
        --inner--

        --outer
        Content-Type: application/octet-stream; name="a.bin"
        Content-Transfer-Encoding: base64
        Content-Disposition: attachment; filename="a.bin"
        Content-ID: <part3>
        Content-Language: de, en

        AAECAw==
        --outer--
        epilogue

        """;

    [Fact]
    public async Task The_small_items_and_the_macros()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", "Subject: x\n\nbody\n");
        await using var talk = await house.SelectAsync();
        await talk.SayAsync("""
            C: a FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ EMAILID THREADID)
            S: * OK [HIGHESTMODSEQ …] …
            S: * 1 FETCH (UID 1 FLAGS () INTERNALDATE " 3-Feb-2026 09:00:00 +0000" RFC822.SIZE 20 MODSEQ (…) EMAILID (M…) THREADID (T…))
            S: a OK …
            C: b FETCH 1 FAST
            S: * 1 FETCH (FLAGS () INTERNALDATE " 3-Feb-2026 09:00:00 +0000" RFC822.SIZE 20)
            S: b OK …
            C: c FETCH 1 ALL
            S: * 1 FETCH (FLAGS () INTERNALDATE " 3-Feb-2026 09:00:00 +0000" RFC822.SIZE 20 ENVELOPE (NIL "x" NIL NIL NIL NIL NIL NIL NIL NIL))
            S: c OK …
            C: d FETCH 1 FULL
            S: * 1 FETCH (FLAGS () INTERNALDATE " 3-Feb-2026 09:00:00 +0000" RFC822.SIZE 20 ENVELOPE (…) BODY ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 6 1))
            S: d OK …
            C: e UID FETCH 1 FLAGS
            S: * 1 FETCH (UID 1 FLAGS ())
            S: e OK …
            C: f UID FETCH 5:9 FLAGS
            S: f OK …
            """);
        await talk.SayAsync("""
            C: a UID FETCH 5:* UID
            S: * 1 FETCH (UID 1)
            S: a OK …
            C: b FETCH 2 UID
            S: b BAD …
            C: c FETCH 1 NOTHING
            S: c BAD …
            C: d FETCH 1 (PREVIEW (LAZY))
            S: * 1 FETCH (PREVIEW "body")
            S: d OK …
            C: e FETCH 1 RFC822.HEADER
            S: * 1 FETCH (RFC822.HEADER {14}
            S: Subject: x
            S:
            S: )
            S: e OK …
            C: f FETCH 1 RFC822.TEXT
            S: * 1 FETCH (RFC822.TEXT {6}
            S: body
            S:  FLAGS (\Seen)…
            S: f OK …
            C: g FETCH 1 RFC822
            S: * 1 FETCH (RFC822 {20}
            S: Subject: x
            S:
            S: body
            S: )
            S: g OK …
            """);
    }

    [Fact]
    public async Task Envelope_and_structure_come_as_the_grammar_says()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", Nested);
        await using var talk = await house.SelectAsync();
        var envelope = (await talk.CommandAsync("FETCH 1 ENVELOPE"))[0];
        Assert.Equal("""* 1 FETCH (ENVELOPE ("Tue, 3 Feb 2026 10:00:00 +0100" "=?utf-8?q?Gr=C3=BC=C3=9Fe?=" (("Doe, Jane" NIL "jane" "example.org")) (("Doe, Jane" NIL "jane" "example.org")) (("Doe, Jane" NIL "jane" "example.org")) ((NIL NIL "Friends" NIL)(NIL NIL "a" "example.org")("B" NIL "b" "example.org")(NIL NIL NIL NIL)) NIL NIL NIL "<1@example.org>"))""", envelope);
        var structure = (await talk.CommandAsync("FETCH 1 BODYSTRUCTURE"))[0];
        Assert.Equal("* 1 FETCH (BODYSTRUCTURE ("
            + """("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" 15 1 NIL NIL NIL NIL)"""
            + """("message" "rfc822" NIL NIL NIL "7bit" 161 (NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL) """
            + """(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 11 1 NIL NIL NIL NIL)("text" "html" NIL NIL NIL "7bit" 17 1 NIL NIL NIL NIL) "alternative" ("boundary" "inner") NIL NIL NIL) 11 NIL ("inline" NIL) NIL NIL)"""
            + """("application" "octet-stream" ("name" "a.bin") "<part3>" NIL "base64" 8 NIL ("attachment" ("filename" "a.bin")) ("de" "en") NIL)"""
            + """ "mixed" ("boundary" "outer") NIL NIL NIL))""", structure);
    }

    [Theory]
    [InlineData("1", "Gr=C3=BC=C3=9Fe")]
    [InlineData("1.MIME", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n")]
    [InlineData("2.HEADER", "Subject: inner\nContent-Type: multipart/alternative; boundary=inner\n\n")]
    [InlineData("2.HEADER.FIELDS (SUBJECT)", "Subject: inner\n\n")]
    [InlineData("2.TEXT", "--inner\n\nplain inner\n--inner\nContent-Type: text/html\n\n<p>html inner</p>\n--inner--\n")]
    [InlineData("2.1", "plain inner")]
    [InlineData("2.1.MIME", "\n")]
    [InlineData("2.2", "<p>html inner</p>")]
    [InlineData("2.2.MIME", "Content-Type: text/html\n\n")]
    [InlineData("3", "AAECAw==")]
    [InlineData("HEADER.FIELDS (subject \"MESSAGE-ID\" nothing)", "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nMessage-ID: <1@example.org>\n\n")]
    [InlineData("HEADER.FIELDS.NOT (from to subject date message-id mime-version)", "Content-Type: multipart/mixed; boundary=outer\n\n")]
    [InlineData("4", null)]
    [InlineData("1.1", null)]
    [InlineData("1.HEADER", null)]
    [InlineData("2.3", null)]
    [InlineData("3.TEXT", null)]
    public async Task Sections_are_slices(string section, string? expected)
    {
        Assert.Equal(expected?.ReplaceLineEndings("\r\n"), await BodyAsync(filled.Talk, $"FETCH 1 BODY.PEEK[{section}]"));
    }

    [Fact]
    public async Task A_message_without_parts_is_its_own_part_one()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", "Subject: x\n\nbody\n");
        await using var talk = await house.SelectAsync();
        Assert.Equal("body\r\n", await BodyAsync(talk, "FETCH 1 BODY.PEEK[1]"));
        Assert.Equal("body\r\n", await BodyAsync(talk, "FETCH 1 BODY.PEEK[TEXT]"));
        Assert.Equal("Subject: x\r\n\r\n", await BodyAsync(talk, "FETCH 1 BODY.PEEK[1.MIME]"));
        Assert.Null(await BodyAsync(talk, "FETCH 1 BODY.PEEK[2]"));
        Assert.Null(await BodyAsync(talk, "FETCH 1 BODY.PEEK[1.1]"));
    }

    [Fact]
    public async Task Added_header_lines_are_part_of_the_header_and_move_every_offset()
    {
        await using var house = await ImapHouse.OpenAsync();
        var inbox = (await house.Store.FindAsync(house.Alice.Id, "INBOX", default))!;
        await house.Store.AppendAsync(inbox.Id, [new NewEmail(ImapHouse.Lines("Received: from here\n by there\nX-Added: yes\n"), ImapHouse.Lines(Nested), MessageFlags.None, [], DateTimeOffset.UnixEpoch)], default);
        await using var talk = await house.SelectAsync();
        Assert.Equal("Gr=C3=BC=C3=9Fe", await BodyAsync(talk, "FETCH 1 BODY.PEEK[1]"));
        Assert.Equal("<p>html inner</p>", await BodyAsync(talk, "FETCH 1 BODY.PEEK[2.2]"));
        Assert.Equal("Received: from here\r\n by there\r\n\r\n", await BodyAsync(talk, "FETCH 1 BODY.PEEK[HEADER.FIELDS (Received)]"));
        Assert.StartsWith("Received: from here\r\n by there\r\nX-Added: yes\r\nFrom:", await BodyAsync(talk, "FETCH 1 BODY.PEEK[HEADER]"));
        var whole = await BodyAsync(talk, "FETCH 1 BODY.PEEK[]");
        var size = (await talk.CommandAsync("FETCH 1 RFC822.SIZE"))[0];
        Assert.Equal($"* 1 FETCH (RFC822.SIZE {Encoding.UTF8.GetByteCount(whole!)})", size);
    }

    [Fact]
    public async Task Partial_fetches_tell_their_offset()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", "Subject: x\n\n0123456789\n");
        await using var talk = await house.SelectAsync();
        await talk.SayAsync("""
            C: a FETCH 1 BODY.PEEK[TEXT]<2.3>
            S: * 1 FETCH (BODY[TEXT]<2> {3}
            S: 234)
            S: a OK …
            C: b FETCH 1 BODY.PEEK[TEXT]<8.100>
            S: * 1 FETCH (BODY[TEXT]<8> {4}
            S: 89
            S: )
            S: b OK …
            C: c FETCH 1 BODY.PEEK[]<9999999999.1>
            S: * 1 FETCH (BODY[]<9999999999> {0}
            S: )
            S: c OK …
            C: d FETCH 1 BODY.PEEK[TEXT]<0.0>
            S: d BAD …
            C: e FETCH 1 BODY.PEEK[9]<0.10>
            S: * 1 FETCH (BODY[9]<0> NIL)
            S: e OK …
            """);
    }

    [Fact]
    public async Task Only_a_body_without_peek_sets_seen()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", ImapHouse.Letter(1), ImapHouse.Letter(2));
        await using var talk = await house.SelectAsync();
        await talk.SayAsync("""
            C: a FETCH 1 (BODY.PEEK[HEADER.FIELDS (Message-ID)] RFC822.HEADER BODY BINARY.PEEK[1] BINARY.SIZE[1])
            S: …
            S: a OK …
            C: b FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS ())
            S: b OK …
            C: c FETCH 1:2 (BODY[HEADER.FIELDS (Message-ID)])
            S: * 1 FETCH (BODY[HEADER.FIELDS (Message-ID)] {37}
            S: Message-ID: <letter1@example.com>
            S:
            S:  FLAGS (\Seen))
            S: * 2 FETCH …
            S: …
            S:  FLAGS (\Seen))
            S: c OK …
            C: d FETCH 1 (FLAGS BODY[HEADER.FIELDS (Message-ID)])
            S: * 1 FETCH (FLAGS (\Seen) BODY…
            S: …
            S: )
            S: d OK …
            C: e NOOP
            S: e OK …
            """);
    }

    [Fact]
    public async Task Binary_is_decoded()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", Nested, "Content-Transfer-Encoding: x-unheard-of\n\nbody\n");
        await using var talk = await house.SelectAsync();
        await talk.SayAsync("""
            C: a FETCH 1 (BINARY.SIZE[3] BINARY.SIZE[1] BINARY.PEEK[1])
            S: * 1 FETCH (BINARY.SIZE[3] 4 BINARY.SIZE[1] 7 BINARY[1] {7}
            S: Grüße)
            S: a OK …
            C: b FETCH 2 BINARY.PEEK[1]
            S: b NO [UNKNOWN-CTE] …
            """);
        await talk.SendAsync("c FETCH 1 BINARY.PEEK[3]");
        Assert.Equal("* 1 FETCH (BINARY[3] ~{4}", await talk.LineAsync());
        Assert.Equal([0, 1, 2, 3], await talk.OctetsAsync(4));
        await talk.SayAsync("S: )\nS: c OK …\nC: d FETCH 1 BINARY[1.TEXT]\nS: d BAD …");
    }

    [Fact]
    public async Task Every_octet_comes_back_as_it_was_stored()
    {
        await using var house = await ImapHouse.OpenAsync();
        var inbox = (await house.Store.FindAsync(house.Alice.Id, "INBOX", default))!;
        var messages = new List<byte[]>();
        Gen.Byte.Array[1, 5000].Sample(octets => { lock (messages) messages.Add(octets); }, iter: 30, threads: 1);
        messages.Add([.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 7919 >> 5))]);
        messages.Add("\n\n\r\r\n\0\0"u8.ToArray());
        await house.Store.AppendAsync(inbox.Id, [.. messages.Select(octets => new NewEmail(default, octets, MessageFlags.None, [], DateTimeOffset.UnixEpoch))], default);
        await using var talk = await house.SelectAsync();
        for (var i = 0; i < messages.Count; i++)
        {
            await talk.SendAsync($"a FETCH {i + 1} (RFC822.SIZE BODY.PEEK[])");
            Assert.Equal($"* {i + 1} FETCH (RFC822.SIZE {messages[i].Length} BODY[] {{{messages[i].Length}}}", await talk.LineAsync());
            Assert.Equal(messages[i], await talk.OctetsAsync(messages[i].Length));
            await talk.SayAsync("S: )\nS: a OK …");
        }
    }

    [Fact]
    public async Task A_client_that_reads_slowly_gets_everything()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX", [.. Enumerable.Range(1, 2000).Select(ImapHouse.Letter)]);
        await using var talk = await house.SelectAsync();
        await talk.SendAsync("a FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE)");
        await talk.SendAsync("b FETCH 1:* (UID BODY.PEEK[])");
        await Task.Delay(300, TestContext.Current.CancellationToken);
        for (var i = 1; i <= 2000; i++) Assert.StartsWith($"* {i} FETCH (UID {i} FLAGS () ENVELOPE", await talk.LineAsync());
        Assert.StartsWith("a OK", await talk.LineAsync());
        for (var i = 1; i <= 2000; i++)
        {
            Assert.StartsWith($"* {i} FETCH (UID {i} BODY[]", await talk.LineAsync());
            while (await talk.LineAsync() != ")") { }
        }
        Assert.StartsWith("b OK", await talk.LineAsync());
    }

    [Fact]
    public async Task Hostile_structure_gives_a_response_a_client_can_read()
    {
        await using var house = await ImapHouse.OpenAsync();
        await house.AppendAsync("INBOX",
            "Content-Type: multipart/mixed\n\nno boundary\n",
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKYm9keQo=\n",
            "Subject: \"quoted\" \\back\nFrom: \"a\\\"b\" <\"x y\"@example.org>\n\n",
            "Subject: Grüße\n\n",
            string.Concat(Enumerable.Range(0, 300).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n")));
        await using var talk = await house.SelectAsync();
        await talk.SayAsync("""
            C: a FETCH 1:2 BODYSTRUCTURE
            S: * 1 FETCH (BODYSTRUCTURE (("text" "plain" NIL NIL NIL "7bit" 0 0 NIL NIL NIL NIL) "mixed" NIL NIL NIL NIL))
            S: * 2 FETCH (BODYSTRUCTURE ("message" "rfc822" NIL NIL NIL "base64" 26 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" NIL NIL NIL "7bit" 0 0 NIL NIL NIL NIL) 1 NIL NIL NIL NIL))
            S: a OK …
            C: b FETCH 3 ENVELOPE
            S: * 3 FETCH (ENVELOPE (NIL "\"quoted\" \\back" (("a\"b" NIL "x y" "example.org")) …
            S: b OK …
            C: c FETCH 4 ENVELOPE
            S: * 4 FETCH (ENVELOPE (NIL {7}
            S: Grüße NIL NIL NIL NIL NIL NIL NIL NIL))
            S: c OK …
            """);
        Assert.Equal(2, (await talk.CommandAsync("FETCH 5 BODYSTRUCTURE")).Count);
    }

    private static async Task<string?> BodyAsync(Talk talk, string command)
    {
        await talk.SendAsync("x " + command);
        var line = await talk.LineAsync();
        Assert.StartsWith("* 1 FETCH (BODY[", line);
        string? body = null;
        if (line.EndsWith('}'))
        {
            var octets = await talk.OctetsAsync(int.Parse(line[(line.LastIndexOf('{') + 1)..^1]));
            body = Encoding.UTF8.GetString(octets);
            Assert.Equal(")", await talk.LineAsync());
        }
        else
        {
            Assert.EndsWith(" NIL)", line);
        }
        Assert.StartsWith("x OK", await talk.LineAsync());
        return body;
    }

    /// <summary>One message for the fetches that change nothing.</summary>
    public sealed class Filled : IAsyncLifetime
    {
        private ImapHouse house = null!;

        internal Talk Talk { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            house = await ImapHouse.OpenAsync();
            await house.AppendAsync("INBOX", Nested);
            Talk = await house.SelectAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Talk.DisposeAsync();
            await house.DisposeAsync();
        }
    }
}
