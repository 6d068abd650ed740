using System.Buffers;

namespace Sternpost.Smtp.Client;

/// <summary>
/// The sending half of SMTP's transparency (RFC 5321 §4.5.2): a dot before each line that begins with one, and the final dot.
/// A carriage return or line feed that stands alone leaves as a line's end: RFC 5321 §2.3.8 forbids sending it bare, and a
/// server that took it for one would see other ends of data than we do (SMTP smuggling). Chunks may be cut anywhere.
/// </summary>
internal struct DotStuffer()
{
    private bool lineStart = true;
    private bool afterCr;

    internal void Write(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var at = 0;
        if (afterCr && !input.IsEmpty)
        {
            EndLine(output);
            if (input[0] == '\n') at = 1;
        }
        // The octets from run to at go out as they are, but have not been written yet.
        var run = at;
        while (at < input.Length)
        {
            if (lineStart && input[at] == '.')
            {
                output.Write(input[run..at]);
                output.Write("."u8);
                run = at;
            }
            lineStart = false;
            var stop = input[at..].IndexOfAny((byte)'\r', (byte)'\n');
            if (stop < 0) break;
            at += stop;
            if (input[at] == '\r' && at + 1 < input.Length && input[at + 1] == '\n')
            {
                at += 2;
                lineStart = true;
                continue;
            }
            output.Write(input[run..at]);
            if (input[at] == '\r' && at + 1 == input.Length) afterCr = true;
            else EndLine(output);
            run = ++at;
        }
        output.Write(input[run..]);
    }

    /// <summary>Ends the last line where it has no end, and writes the final dot.</summary>
    internal void End(IBufferWriter<byte> output)
    {
        if (afterCr || !lineStart) EndLine(output);
        output.Write(".\r\n"u8);
    }

    private void EndLine(IBufferWriter<byte> output)
    {
        output.Write("\r\n"u8);
        lineStart = true;
        afterCr = false;
    }
}
