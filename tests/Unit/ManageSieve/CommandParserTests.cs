using System.Text;
using CsCheck;
using Sternpost.ManageSieve.Grammar;

namespace Sternpost.Unit.ManageSieve;

/// <summary>The grammar of RFC 5804 §4, and octets that are none of it.</summary>
public sealed class CommandParserTests
{
    [Theory]
    [InlineData("LOGOUT", "LOGOUT")]
    [InlineData("logout", "LOGOUT")]
    [InlineData("Noop \"x\"", "NOOP|x")]
    [InlineData("NOOP \"\"", "NOOP|")]
    [InlineData("HAVESPACE \"my script\" 999999", "HAVESPACE|my script|#999999")]
    [InlineData("HAVESPACE \"a\" 0", "HAVESPACE|a|#0")]
    [InlineData("HAVESPACE \"a\" 4294967295", "HAVESPACE|a|#4294967295")]
    [InlineData("SETACTIVE \"a\\\"b\\\\c\"", "SETACTIVE|a\"b\\c")]
    [InlineData("SETACTIVE \"März\"", "SETACTIVE|März")]
    [InlineData("RENAMESCRIPT \"a\" \"b\"", "RENAMESCRIPT|a|b")]
    [InlineData("LISTSCRIPTS ", "LISTSCRIPTS")]
    public void Commands_of_one_line(string line, string expected) => Assert.Equal(expected, Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData(" NOOP")]
    [InlineData("\"NOOP\"")]
    [InlineData("NOOP\t\"x\"")]
    [InlineData("NOOP  \"x\"")]
    [InlineData("NOOP\"x\"")]
    [InlineData("NOOP \"x\"\"y\"")]
    [InlineData("NOOP \"x")]
    [InlineData("NOOP \"x\\\"")]
    [InlineData("NOOP \"x\\y\"")]
    [InlineData("NOOP x")]
    [InlineData("NOOP \"\0\"")]
    [InlineData("HAVESPACE \"a\" 01")]
    [InlineData("HAVESPACE \"a\" -1")]
    [InlineData("HAVESPACE \"a\" 4294967296")]
    [InlineData("PUTSCRIPT \"a\" {5}")]
    [InlineData("PUTSCRIPT \"a\" {+}")]
    [InlineData("PUTSCRIPT \"a\" {05+}")]
    [InlineData("PUTSCRIPT \"a\" {5+} ")]
    [InlineData("PUTSCRIPT \"a\" {4294967296+}")]
    [InlineData("X \"1\" \"2\" \"3\" \"4\"")]
    [InlineData("ACOMMANDWHOSENAMEISLONGERTHANANYOF")]
    public void Lines_that_are_no_command(string line)
    {
        var parser = new CommandParser();
        Assert.Equal(LinePart.Malformed, parser.Line(Encoding.UTF8.GetBytes(line)));
        Assert.False(string.IsNullOrEmpty(parser.Problem));
    }

    [Fact]
    public void A_string_that_is_not_UTF8_is_no_quoted_string_and_may_be_a_literal()
    {
        Assert.Equal(LinePart.Malformed, new CommandParser().Line("NOOP \"\xFF\""u8.ToArray().Select(octet => octet == 0xC3 ? (byte)0xFF : octet).ToArray()));
        var parser = new CommandParser();
        Assert.Equal(LinePart.Literal, parser.Line("NOOP {1+}"u8));
        parser.Literal(new byte[] { 0xFF });
        Assert.Equal(LinePart.Whole, parser.Line(""u8));
        Assert.Null(parser.Command.Arguments[0].Text);
    }

    [Fact]
    public void Literals_may_stand_for_any_string()
    {
        var parser = new CommandParser();
        Assert.Equal(LinePart.Literal, parser.Line("PUTSCRIPT {3+}"u8));
        Assert.Equal(3u, parser.LiteralLength);
        parser.Literal("a\"b"u8.ToArray());
        Assert.Equal(LinePart.Literal, parser.Line(" {0+}"u8));
        parser.Literal(Array.Empty<byte>());
        Assert.Equal(LinePart.Whole, parser.Line(""u8));
        Assert.Equal("PUTSCRIPT|a\"b|", Text(parser.Command));
    }

    [Fact]
    public void An_announcement_within_quotes_is_text()
    {
        Assert.Equal("NOOP|{3+}", Parse("NOOP \"{3+}\""));
        var parser = new CommandParser();
        Assert.Equal(LinePart.Malformed, parser.Line("NOOP \"{3+}"u8));
        // What a client sends that means it so comes nevertheless.
        Assert.True(CommandParser.AnnouncesLiteral("NOOP \"{3+}"u8, out var length));
        Assert.Equal(3, length);
    }

    [Theory]
    [InlineData("{5+}", 5L)]
    [InlineData("x {005+}", 5L)]
    [InlineData("{99999999999999999999999999+}", long.MaxValue)]
    [InlineData("{5}", null)]
    [InlineData("{+}", null)]
    [InlineData("{-5+}", null)]
    [InlineData("5+}", null)]
    [InlineData("", null)]
    public void Announcements_of_broken_lines(string line, long? expected)
    {
        Assert.Equal(expected is not null, CommandParser.AnnouncesLiteral(Encoding.ASCII.GetBytes(line), out var length));
        if (expected is not null) Assert.Equal(expected, length);
    }

    [Fact]
    public void What_is_written_is_read() => Gen.Select(Gen.String, Gen.UInt, Gen.Bool, Gen.Bool).Sample((text, number, literal, isSpaced) =>
    {
        // Only what UTF-8 can carry, and quoted strings hold no line ends and no NUL.
        text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        if (!literal) text = text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Replace("\0", "", StringComparison.Ordinal);
        var parser = new CommandParser();
        var octets = Encoding.UTF8.GetBytes(text);
        var end = $" {number}{(isSpaced ? " " : "")}";
        if (literal)
        {
            Assert.Equal(LinePart.Literal, parser.Line(Encoding.UTF8.GetBytes($"HaveSpace {{{octets.Length}+}}")));
            Assert.Equal((uint)octets.Length, parser.LiteralLength);
            parser.Literal(octets);
            Assert.Equal(LinePart.Whole, parser.Line(Encoding.UTF8.GetBytes(end)));
        }
        else
        {
            var quoted = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            Assert.Equal(LinePart.Whole, parser.Line(Encoding.UTF8.GetBytes($"HaveSpace \"{quoted}\"{end}")));
        }
        Assert.Equal("HAVESPACE", parser.Command.Name);
        Assert.Equal(text, parser.Command.Arguments[0].Text);
        Assert.Equal(number, parser.Command.Arguments[1].Number);
    });

    private static readonly string[] Words = ["NOOP", "PUTSCRIPT", " ", "\"", "\\", "{", "+}", "{5+}", "{0+}", "17", "\"a\"", "(", "\0", "\u00FC"];

    [Fact]
    public void Whatever_octets_come_they_are_a_command_or_a_problem()
    {
        var pieces = Gen.OneOf(Gen.Byte.Array[0, 12], Gen.Int[0, Words.Length - 1].Select(i => Encoding.UTF8.GetBytes(Words[i])));
        Gen.Select(pieces.Array[0, 12].Select(parts => parts.SelectMany(part => part).ToArray()).Array[1, 5], Gen.Bool).Sample((lines, hasName) =>
        {
            var parser = new CommandParser(hasName);
            foreach (var line in lines)
            {
                var part = parser.Line(line);
                Assert.Equal(part == LinePart.Malformed, parser.Problem is not null);
                Assert.InRange(parser.Command.Arguments.Count, 0, CommandParser.MostArguments);
                if (part != LinePart.Literal) return;
                Assert.True(CommandParser.AnnouncesLiteral(line, out var length) && length == parser.LiteralLength);
                parser.Literal(new byte[3]);
            }
        });
    }

    private static string Parse(string line)
    {
        var parser = new CommandParser();
        Assert.Equal(LinePart.Whole, parser.Line(Encoding.UTF8.GetBytes(line)));
        return Text(parser.Command);
    }

    private static string Text(Command command) => string.Join('|', [command.Name, .. command.Arguments.Select(argument => argument.Number is { } number ? "#" + number : argument.Text)]);
}
