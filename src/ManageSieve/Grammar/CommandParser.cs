using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Sternpost.ManageSieve.Grammar;

/// <summary>How a line of a command ended.</summary>
internal enum LinePart
{
    /// <summary>The command is whole.</summary>
    Whole,
    /// <summary>So many octets follow, then the rest of the command.</summary>
    Literal,
    /// <summary>It is no command; <see cref="CommandParser.Problem"/> says why.</summary>
    Malformed,
}

/// <summary>
/// Reads one command from the lines it came in (RFC 5804 §4): <c>command = atom *(SP (string / number)) CRLF</c>. Each line is fed as it
/// arrives, each literal after the line that announced it. Nothing throws, whatever the octets.
/// </summary>
/// <param name="hasName">False for a bare string: an answer within AUTHENTICATE.</param>
internal sealed class CommandParser(bool hasName = true)
{
    /// <summary>One more than any command takes, so that "too many" can be told from "malformed".</summary>
    internal const int MostArguments = 3;

    // ATOM-CHAR (§4): any CHAR but specials.
    private static readonly SearchValues<byte> Atom = SearchValues.Create([.. Enumerable.Range(0x21, 0x7E - 0x20).Select(octet => (byte)octet).Except("(){\"\\"u8.ToArray())]);
    private static readonly SearchValues<byte> Digit = SearchValues.Create("0123456789"u8);

    private readonly List<Argument> arguments = [];
    private string? name = hasName ? null : "";
    private bool begun;

    /// <summary>What is wrong, in words for the client; null while nothing is.</summary>
    internal string? Problem { get; private set; }

    /// <summary>How many octets the literal has that the last line announced.</summary>
    internal uint LiteralLength { get; private set; }

    /// <summary>The command so far.</summary>
    internal Command Command => new(name ?? "", arguments);

    /// <summary>Takes a line without its CRLF.</summary>
    internal LinePart Line(ReadOnlySpan<byte> line)
    {
        if (!begun)
        {
            begun = true;
            if (name is null)
            {
                if (!TakeName(ref line)) return Fail("A command begins with its name");
            }
            else if (!TakeArgument(ref line, out var announced))
            {
                return Fail("A string is missing");
            }
            else if (announced)
            {
                return LinePart.Literal;
            }
        }
        while (!line.IsEmpty)
        {
            if (line[0] != ' ') return Fail("A space is missing between arguments");
            line = line[1..];
            // Some clients leave a space before the line's end.
            if (line.IsEmpty) break;
            if (arguments.Count == MostArguments) return Fail("These are more arguments than any command has");
            if (!TakeArgument(ref line, out var announced)) return Fail("An argument is a quoted string, a literal {N+} or a number");
            if (announced) return LinePart.Literal;
        }
        return LinePart.Whole;
    }

    /// <summary>Takes the octets of the literal that was announced.</summary>
    internal void Literal(ReadOnlyMemory<byte> octets) => arguments.Add(new Argument(octets, null));

    /// <summary>Whether a line ends with the announcement of a literal, however wrong the rest of it is: the client sends the octets all the same.</summary>
    internal static bool AnnouncesLiteral(ReadOnlySpan<byte> line, out long length)
    {
        length = 0;
        if (!line.EndsWith("+}"u8)) return false;
        var start = line.LastIndexOf((byte)'{');
        var digits = line[(start + 1)..^2];
        // More digits than a long takes are a literal nobody waits for.
        if (start < 0 || digits.IsEmpty || digits.IndexOfAnyExcept(Digit) >= 0) return false;
        if (!Utf8Parser.TryParse(digits, out length, out _)) length = long.MaxValue;
        return true;
    }

    private bool TakeName(ref ReadOnlySpan<byte> line)
    {
        var length = Length(line, Atom);
        if (length is 0 or > 32) return false;
        name = Encoding.ASCII.GetString(line[..length]).ToUpperInvariant();
        line = line[length..];
        return true;
    }

    private bool TakeArgument(ref ReadOnlySpan<byte> line, out bool announced)
    {
        announced = false;
        if (line.IsEmpty) return false;
        if (line[0] == '"') return TakeQuoted(ref line);
        if (line[0] == '{')
        {
            // literal-c2s = "{" number "+}" CRLF *OCTET (§4): the announcement is the end of its line.
            line = line[1..];
            announced = TakeNumber(ref line, out var length) && line.SequenceEqual("+}"u8);
            LiteralLength = length;
            return announced;
        }
        if (!TakeNumber(ref line, out var number)) return false;
        arguments.Add(new Argument(default, number));
        return true;
    }

    // number = (NZDIGIT *DIGIT) / "0", of 32 bits (§4).
    private static bool TakeNumber(ref ReadOnlySpan<byte> line, out uint number)
    {
        var length = Length(line, Digit);
        if (length == 0 || (length > 1 && line[0] == '0') || !Utf8Parser.TryParse(line[..length], out number, out var used) || used != length)
        {
            number = 0;
            return false;
        }
        line = line[length..];
        return true;
    }

    // quoted = DQUOTE *QUOTED-CHAR DQUOTE (§4); its 1,024 octets are not counted, for the line has its own limit.
    private bool TakeQuoted(ref ReadOnlySpan<byte> line)
    {
        var text = new ArrayBufferWriter<byte>(Math.Max(1, line.Length));
        var rest = line[1..];
        while (true)
        {
            var special = rest.IndexOfAny((byte)'"', (byte)'\\');
            if (special < 0) return false;
            text.Write(rest[..special]);
            var ends = rest[special] == '"';
            rest = rest[(special + 1)..];
            if (ends) break;
            if (rest.IsEmpty || rest[0] is not ((byte)'"' or (byte)'\\')) return false;
            text.Write(rest[..1]);
            rest = rest[1..];
        }
        if (text.WrittenSpan.Contains((byte)0) || !Utf8.IsValid(text.WrittenSpan)) return false;
        arguments.Add(new Argument(text.WrittenMemory, null));
        line = rest;
        return true;
    }

    private LinePart Fail(string problem)
    {
        Problem = problem;
        return LinePart.Malformed;
    }

    private static int Length(ReadOnlySpan<byte> line, SearchValues<byte> octets)
    {
        var end = line.IndexOfAnyExcept(octets);
        return end < 0 ? line.Length : end;
    }
}
