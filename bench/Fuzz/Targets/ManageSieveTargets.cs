using System.Text;
using Sternpost.Accounts.Scripts;
using Sternpost.Fuzz.Engine;
using Sternpost.ManageSieve.Grammar;

namespace Sternpost.Fuzz.Targets;

/// <summary>Commands of ManageSieve as strangers send them, with their literals.</summary>
internal static class ManageSieveTargets
{
    internal static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new("managesieve", "commands of ManageSieve, their strings and literals, and names of scripts", Read)
        {
            Seeds =
            [
                "NOOP \"a \\\"tag\\\"\"\r\nHAVESPACE \"my script\" 999999\r\nLOGOUT\r\n",
                "PUTSCRIPT \"one\" {7+}\r\nkeep;\r\n\r\nSETACTIVE \"\"\r\n",
                "PutScript {4+}\r\nM\xC3\xA4r {0+}\r\n\r\nRENAMESCRIPT \"a\" {2+}\r\n\xC2\x85\r\n",
                "AUTHENTICATE \"PLAIN\" \"AGFsaWNlAHNlY3JldA==\"\r\n\"*\"\r\nCHECKSCRIPT \"{3+}\r\nxyz\r\n",
            ],
            Words = ["PUTSCRIPT ", "AUTHENTICATE ", "\"", "\\\"", "\\\\", "{5+}\r\n", "{0+}\r\n", "{4294967295+}", "{4294967296+}", "{99999999999999999999+}", "{5}", "+}", "\r\n", "\n", " ", "0", "4294967295", "\x00", "\xE2\x80\xA8", "\xC2\x85", "e\xCC\x81"],
            MaxLength = 64 * 1024,
        },
    ];

    private static void Read(byte[] input)
    {
        ReadOnlyMemory<byte> rest = input;
        // A session has commands first and may be within AUTHENTICATE afterwards: every other one is a bare string.
        for (var hasName = true; !rest.IsEmpty; hasName = !hasName)
        {
            var parser = new CommandParser(hasName);
            var part = LinePart.Literal;
            while (part == LinePart.Literal && TryLine(ref rest, out var line))
            {
                part = parser.Line(line.Span);
                Given.Law(part == LinePart.Malformed == parser.Problem is not null, "a problem is told with what is malformed");
                if (part != LinePart.Literal) break;
                Given.Law(CommandParser.AnnouncesLiteral(line.Span, out var length) && length == parser.LiteralLength, "both readings of an announcement agree");
                if (rest.Length < length) return;
                parser.Literal(rest[..(int)length]);
                rest = rest[(int)length..];
            }
            if (part == LinePart.Whole) Compare(parser.Command);
        }
    }

    // What was understood and is written again is understood the same.
    private static void Compare(Command command)
    {
        Given.Law(command.Arguments.Count <= CommandParser.MostArguments, "arguments are counted");
        var parser = new CommandParser(command.Name.Length > 0);
        var line = new StringBuilder(command.Name);
        var part = LinePart.Whole;
        foreach (var argument in command.Arguments)
        {
            if (line.Length > 0 || parser.Command.Arguments.Count > 0) line.Append(' ');
            if (argument.Number is { } number)
            {
                line.Append(number);
                continue;
            }
            part = parser.Line(Encoding.ASCII.GetBytes($"{line}{{{argument.Octets.Length}+}}"));
            Given.Law(part == LinePart.Literal && parser.LiteralLength == argument.Octets.Length, "a literal can stand for any string");
            parser.Literal(argument.Octets);
            line.Clear();
            if (argument.Text is { } text && ScriptName.TryParse(text, out var name, out _))
                Given.Law(ScriptName.TryParse(name.Value, out var again, out _) && again == name, "a name that was read reads as itself");
        }
        part = parser.Line(Encoding.ASCII.GetBytes(line.ToString()));
        Given.Law(part == LinePart.Whole && parser.Command.Name == command.Name && parser.Command.Arguments.Count == command.Arguments.Count, "a command that is written again is the same");
        for (var i = 0; i < command.Arguments.Count; i++)
            Given.Law(parser.Command.Arguments[i].Number == command.Arguments[i].Number && parser.Command.Arguments[i].Octets.Span.SequenceEqual(command.Arguments[i].Octets.Span), "and so are its arguments");
    }

    private static bool TryLine(ref ReadOnlyMemory<byte> rest, out ReadOnlyMemory<byte> line)
    {
        line = default;
        if (rest.IsEmpty) return false;
        var end = rest.Span.IndexOf("\r\n"u8);
        line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 2)..];
        return true;
    }
}
