using System.Text;
using Sternpost.Sendmail;

namespace Sternpost.Unit.Sendmail;

/// <summary>What programs write to sendmail, and what SMTP is given.</summary>
public class MessageTextTests
{
    [Theory]
    [InlineData("a@x.example", "a@x.example")]
    [InlineData("A <a@x.example>, \"B, C\" <b@x.example>", "a@x.example b@x.example")]
    [InlineData("root (Cron Daemon)", "root")]
    [InlineData("Cron Daemon <root>", "root")]
    [InlineData("team: a@x.example, b@x.example;", "a@x.example b@x.example")]
    [InlineData("a@x.example,\r\n b@x.example", "a@x.example b@x.example")]
    [InlineData("a@x.example b@x.example", "a@x.example b@x.example")]
    [InlineData("\"odd,name\"@x.example", "\"odd,name\"@x.example")]
    [InlineData("<@relay.example:a@x.example>", "a@x.example")]
    [InlineData("undisclosed-recipients:;", "")]
    [InlineData("(only a comment", "")]
    [InlineData("Jürgen <j@x.example>", "j@x.example")]
    public void Addresses_are_found_in_what_people_write(string text, string expected) =>
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), AddressText.Read(text));

    [Fact]
    public void A_quoted_local_part_is_one_address() => Assert.Equal(["\"odd <name>\"@x.example"], AddressText.Read("\"odd <name>\"@x.example"));

    [Fact]
    public void Blind_copies_are_recipients_and_leave_the_header()
    {
        var text = Text("To: a@x.example\nBcc: b@x.example,\n c@x.example\nSubject: s\n\nbody\n");
        Assert.Equal(["a@x.example", "b@x.example", "c@x.example"], text.HeaderRecipients());
        text.RemoveBlindCopies();
        Assert.Equal("To: a@x.example\r\nSubject: s\r\n\r\nbody\r\n", Encoding.UTF8.GetString(text.ToBytes()));
    }

    [Fact]
    public void Resent_fields_take_the_place_of_the_first_ones() =>
        Assert.Equal(["new@x.example"], Text("To: old@x.example\nResent-To: new@x.example\n\nbody\n").HeaderRecipients());

    [Theory]
    [InlineData("a\nb\n", "a\r\nb\r\n")]
    [InlineData("a\r\nb\r\n", "a\r\nb\r\n")]
    [InlineData("a\r\r\nb", "a\r\nb\r\n")]
    [InlineData("a\rb\n", "a\r\nb\r\n")]
    [InlineData(".\n..\nx", ".\r\n..\r\nx\r\n")]
    public void Line_ends_become_one_kind(string body, string expected) =>
        Assert.Equal("S: 1\r\n\r\n" + expected, Encoding.UTF8.GetString(MessageText.Of(Encoding.UTF8.GetBytes("S: 1\n\n" + body), dotsAreText: true).ToBytes()));

    [Fact]
    public void A_line_of_one_dot_ends_what_is_typed_and_nothing_else()
    {
        var raw = "S: 1\n\none\n.\ntwo\n"u8.ToArray();
        Assert.EndsWith("one\r\n", Encoding.UTF8.GetString(MessageText.Of(raw, dotsAreText: false).ToBytes()));
        Assert.EndsWith("one\r\n.\r\ntwo\r\n", Encoding.UTF8.GetString(MessageText.Of(raw, dotsAreText: true).ToBytes()));
    }

    [Fact]
    public void Text_without_a_header_gets_one()
    {
        var text = Text("just this line of text\nand another\n");
        text.CompleteFrom("root@localhost", "Cron \"Daemon\"");
        Assert.Equal("From: \"Cron \\\"Daemon\\\"\" <root@localhost>\r\n\r\njust this line of text\r\nand another\r\n", Encoding.UTF8.GetString(text.ToBytes()));
    }

    [Theory]
    [InlineData("From: root (Cron Daemon)\n\n", "From: \"Cron Daemon\" <root@localhost>\r\n\r\n")]
    [InlineData("From: a@x.example\n\n", "From: a@x.example\r\n\r\n")]
    [InlineData("X: y\n\n", "X: y\r\nFrom: root@localhost\r\n\r\n")]
    public void From_is_completed(string written, string expected)
    {
        var text = Text(written);
        text.CompleteFrom("root@localhost", "");
        Assert.Equal(expected, Encoding.UTF8.GetString(text.ToBytes()));
    }

    [Fact]
    public void Nul_is_refused_with_the_exit_code_for_bad_data() =>
        Assert.Equal(ExitCode.DataError, Assert.Throws<SendmailException>(() => Text("S: 1\n\na\0b")).Code);

    [Fact]
    public void What_is_kept_in_a_file_comes_back_the_same_and_nothing_else_does()
    {
        var message = new HandedMessage(HandedMessage.NewKey(), "shop@company.example", ["a@x.example", "b@x.example"], "S: 1\r\n\r\nbody\n\n\r\n"u8.ToArray())
        {
            Notify = "NEVER",
            Claims = [new("script", "/var/www/a=b.php"), new("host", "two\nlines")],
        };
        var file = message.ToFile();
        var read = HandedMessage.FromFile(file);
        Assert.NotNull(read);
        Assert.Equal((message.Key, message.Sender, message.Notify), (read.Key, read.Sender, read.Notify));
        Assert.Equal(message.Recipients, read.Recipients);
        Assert.Equal(message.Content.ToArray(), read.Content.ToArray());
        Assert.Equal([new("script", "/var/www/a=b.php"), new("host", "two lines")], read.Claims);

        // Whoever may write into the folder may write anything: what is cut, doubled or bent is no message, or one that is whole.
        var random = new Random(20261126);
        for (var round = 0; round < 5000; round++)
        {
            var bent = file.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--) bent[random.Next(bent.Length)] = (byte)random.Next(256);
            if (random.Next(2) == 0) bent = bent[..random.Next(bent.Length)];
            if (HandedMessage.FromFile(bent) is not { } taken) continue;
            Assert.All(taken.Recipients, recipient => Assert.True(HandedMessage.IsPath(recipient)));
            Assert.True(taken.Sender.Length == 0 || HandedMessage.IsPath(taken.Sender));
            Assert.True(taken.Key.All(char.IsAsciiHexDigitLower));
        }
    }

    [Fact]
    public void Addresses_in_hostile_text_are_found_in_time_and_never_break_a_command()
    {
        var random = new Random(42);
        const string letters = "a@b.c,;:<>()\"\\ \r\n[]é";
        for (var round = 0; round < 3000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(60)).Select(_ => letters[random.Next(letters.Length)])]);
            foreach (var address in AddressText.Read(text)) Assert.False(HandedMessage.IsPath(address) && address.AsSpan().IndexOfAny('\r', '\n') >= 0);
        }
        Assert.Single(AddressText.Read(new string('(', 100_000) + "a@x.example" + new string(')', 100_000) + "b@x.example"));
    }

    private static MessageText Text(string text) => MessageText.Of(Encoding.UTF8.GetBytes(text), dotsAreText: true);
}
