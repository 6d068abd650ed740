using System.Text;
using CsCheck;
using Sternpost.Imap.Commands;
using Sternpost.Imap.Grammar;
using Sternpost.Mailboxes;
using Sternpost.Messages.Text;

namespace Sternpost.Unit.Imap;

public class GrammarTests
{
    private static readonly string[] Names =
    [
        "CAPABILITY", "NOOP", "LOGOUT", "ID", "STARTTLS", "AUTHENTICATE", "LOGIN", "ENABLE", "NAMESPACE", "SELECT", "EXAMINE", "CREATE", "DELETE", "RENAME",
        "SUBSCRIBE", "UNSUBSCRIBE", "LIST", "LSUB", "STATUS", "APPEND", "IDLE", "GETQUOTA", "GETQUOTAROOT", "CHECK", "CLOSE", "UNSELECT", "EXPUNGE",
        "UID EXPUNGE", "SEARCH", "UID SEARCH", "SORT", "THREAD", "FETCH", "UID FETCH", "STORE", "UID STORE", "COPY", "UID COPY", "MOVE", "UID MOVE",
    ];

    // Pieces that make up commands, so that random mixtures get far into the grammar.
    private static readonly string[] Pieces =
    [
        " ", " ", " ", "(", ")", "((", "))", "[", "]", "<0.10>", "\"", "\\", "{3}\r\n", "{3+}\r\n", "~{3}\r\n", "{99999999999999999999}\r\n", "*", "$", "1:*", "1,2,3:7", "0", "4294967296",
        "NIL", "INBOX", "a", "\"a b\"", "\\Seen", "\\", "FLAGS", "+FLAGS.SILENT", "BODY", "BODY.PEEK[1.2.HEADER.FIELDS (From To)]", "BINARY[1]", "BINARY.SIZE[", "ENVELOPE",
        "RETURN (ALL COUNT)", "OR", "NOT", "SEEN", "FROM", "HEADER", "BEFORE", "1-Feb-2026", "MODSEQ", "\"/flags/\\\\Seen\" all", "(CHANGEDSINCE 1)", "(QRESYNC (1 2 1:3 (1 1)))",
        "RECURSIVEMATCH", "STATUS (MESSAGES)", "UTF-8", "REFERENCES", "(REVERSE DATE)", "UTF8 (", "\" 1-Feb-2026 10:00:00 +0000\"", "&AOk-", "é", "\0", "\r\n",
    ];

    [Fact]
    public void No_octets_make_a_parser_throw()
    {
        Gen.Select(Pick(Names), Gen.OneOf(Pick(Pieces), Gen.String[0, 4]).Array[0, 14], Gen.Byte.Array[3].Array[0, 4]).Sample((name, pieces, literals) =>
        {
            var text = string.Concat(pieces);
            foreach (var utf8 in new[] { false, true })
            {
                var scanner = new ImapScanner(new CommandText(Encoding.UTF8.GetBytes(text), [.. literals.Select(literal => (ReadOnlyMemory<byte>)literal)])) { Utf8Names = utf8 };
                var command = CommandTable.Find(name)!.Parse(ref scanner);
                if (command is not null) scanner.End();
            }
        }, iter: 50_000);
    }

    [Fact]
    public void Random_octets_alone_do_not_either()
    {
        Gen.Select(Pick(Names), Gen.Byte.Array[0, 200]).Sample((name, octets) =>
        {
            var scanner = new ImapScanner(new CommandText(octets, []));
            CommandTable.Find(name)!.Parse(ref scanner);
        }, iter: 20_000);
    }

    [Theory]
    [InlineData("SEARCH", " ", "NOT ", 50_000)]
    [InlineData("SEARCH", " ", "OR ", 50_000)]
    [InlineData("SEARCH", " ", "(", 60_000)]
    [InlineData("SEARCH", " ", "SEEN ", 13_000)]
    [InlineData("FETCH", " 1 (", "UID ", 16_000)]
    [InlineData("FETCH", " 1 BODY[", "1.", 32_000)]
    [InlineData("LIST", " \"\" (", "a ", 32_000)]
    [InlineData("STORE", " 1 FLAGS (", "abc ", 16_000)]
    [InlineData("ENABLE", "", " X", 32_000)]
    public void What_is_nested_too_deep_or_too_many_is_refused(string name, string before, string piece, int times)
    {
        var scanner = Scanner(before + string.Concat(Enumerable.Repeat(piece, times)) + "x");
        Assert.Null(CommandTable.Find(name)!.Parse(ref scanner));
    }

    [Theory]
    [InlineData("\"\"", "")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("\"\\\"\"", "\"")]
    [InlineData("atom]", "atom]")]
    [InlineData("\"Grüße\"", "Grüße")]
    public void Strings_are_read(string text, string value)
    {
        var scanner = Scanner(text);
        Assert.True(scanner.AString(out var read));
        Assert.Equal(value, read);
        Assert.True(scanner.AtEnd);
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("\"a")]
    [InlineData("\"a\\")]
    [InlineData("\"a\\\"")]
    [InlineData("\"a\\b\"")]
    [InlineData("\"a\r\nb\"")]
    [InlineData("")]
    [InlineData("{3}\r\n")]
    [InlineData("{3}abc")]
    [InlineData("{-1}\r\n")]
    public void Strings_that_are_none_are_refused(string text)
    {
        var scanner = Scanner(text);
        Assert.False(scanner.AString(out _));
        Assert.NotNull(scanner.Problem);
    }

    [Fact]
    public void Quoting_and_reading_back_gives_the_same_text()
    {
        Gen.String[0, 20].Where(text => !text.AsSpan().ContainsAny('\0', '\r', '\n') && !text.Any(char.IsSurrogate)).Sample(text =>
        {
            var quoted = "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
            var scanner = Scanner(quoted);
            Assert.True(scanner.String(out var read));
            Assert.Equal(text, read);
        }, iter: 2000);
    }

    [Theory]
    [InlineData("1", "1:1")]
    [InlineData("3:1,2", "1:3")]
    [InlineData("*", "9:9")]
    [InlineData("*:7", "7:9")]
    [InlineData("12:*", "9:12")]
    [InlineData("1,3,2,9:8", "1:3 8:9")]
    public void Sets_mean_ranges_in_order(string text, string ranges)
    {
        var scanner = Scanner(text);
        Assert.True(SequenceSet.TryParse(ref scanner, out var set));
        Assert.Equal(ranges, string.Join(' ', set.Normalised(9).Select(range => $"{range.From}:{range.To}")));
    }

    [Fact]
    public void A_set_written_and_read_back_holds_the_same_numbers()
    {
        Gen.UInt[1, 60].Array[1, 40].Sample(numbers =>
        {
            var rising = numbers.Distinct().Order().ToList();
            var scanner = Scanner(SequenceSet.Format(rising));
            Assert.True(SequenceSet.TryParse(ref scanner, out var set) && scanner.AtEnd);
            var read = set.Normalised(60).SelectMany(range => Enumerable.Range((int)range.From, (int)(range.To - range.From) + 1)).Select(number => (uint)number);
            Assert.Equal(rising, read);
        }, iter: 2000);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1:")]
    [InlineData(":1")]
    [InlineData("4294967296")]
    [InlineData("a")]
    [InlineData("")]
    public void Sets_that_are_none_are_refused(string text)
    {
        var scanner = Scanner(text);
        Assert.False(SequenceSet.TryParse(ref scanner, out _));
    }

    [Theory]
    [InlineData("\" 1-Feb-2026 10:00:00 +0100\"", "2026-02-01T10:00:00+01:00")]
    [InlineData("\"01-feb-2026 10:00:00 -0330\"", "2026-02-01T10:00:00-03:30")]
    [InlineData("\"31-Dec-1999 23:59:59 +0000\"", "1999-12-31T23:59:59+00:00")]
    public void Date_times_are_read_and_written(string text, string date)
    {
        var scanner = Scanner(text);
        Assert.True(ImapDates.TryDateTime(ref scanner, out var read));
        Assert.Equal(DateTimeOffset.Parse(date), read);
        var again = Scanner(ImapDates.Format(read));
        Assert.True(ImapDates.TryDateTime(ref again, out var reread));
        Assert.Equal(read, reread);
    }

    [Theory]
    [InlineData("\"32-Feb-2026 10:00:00 +0100\"")]
    [InlineData("\"1-Feb-2026 10:00:00\"")]
    [InlineData("\"1-Feb-2026 25:00:00 +0100\"")]
    [InlineData("\"1-Feb-2026 10:00:00 +99999\"")]
    [InlineData("\"\"")]
    public void Date_times_that_are_none_are_refused(string text)
    {
        var scanner = Scanner(text);
        Assert.False(ImapDates.TryDateTime(ref scanner, out _));
    }

    [Theory]
    [InlineData("Entwürfe", "Entw&APw-rfe")]
    [InlineData("A&B", "A&-B")]
    [InlineData("台北", "&U,BTFw-")]
    [InlineData("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-")]
    [InlineData("😀", "&2D3eAA-")]
    public void Names_go_through_modified_utf7(string name, string wire)
    {
        Assert.Equal(wire, ModifiedUtf7.Encode(name));
        Assert.True(ModifiedUtf7.TryDecode(wire, out var decoded));
        Assert.Equal(name, decoded);
    }

    [Fact]
    public void Any_name_comes_back_from_modified_utf7()
    {
        Gen.String[0, 30].Where(name => !name.Any(char.IsSurrogate) && !name.Contains('\uFFFD')).Sample(name =>
        {
            Assert.True(ModifiedUtf7.TryDecode(ModifiedUtf7.Encode(name), out var decoded));
            Assert.Equal(name, decoded);
        }, iter: 5000);
    }

    [Theory]
    [InlineData("&")]
    [InlineData("&AP")]
    [InlineData("&A-")]
    [InlineData("&AGE-")]
    [InlineData("&2D0-")]
    [InlineData("&AP=-")]
    public void Modified_utf7_that_is_none_is_refused(string text) => Assert.False(ModifiedUtf7.TryDecode(text, out _));

    [Fact]
    public void Flags_are_read_in_any_case_and_the_recent_one_passed_over()
    {
        var scanner = Scanner("(\\seen \\Deleted \\Recent $Forwarded $forwarded)");
        Assert.True(FlagGrammar.TryList(ref scanner, out var flags));
        Assert.Equal(MessageFlags.Seen | MessageFlags.Deleted, flags.System);
        Assert.Equal(["$Forwarded"], flags.Keywords);
    }

    [Fact]
    public void An_unknown_system_flag_is_refused()
    {
        var scanner = Scanner("(\\Sene)");
        Assert.False(FlagGrammar.TryList(ref scanner, out _));
    }

    private static Gen<string> Pick(string[] from) => Gen.Int[0, from.Length - 1].Select(index => from[index]);

    private static ImapScanner Scanner(string text) => new(new CommandText(Encoding.UTF8.GetBytes(text), []));
}
