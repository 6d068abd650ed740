using System.Buffers;

namespace Sternpost.Wire;

/// <summary>
/// The receiving half of SMTP's transparency (RFC 5321 §4.5.2): removes the dot that a client put before lines beginning
/// with one, and finds the end of data. Only CRLF.CRLF ends data (RFC 5321 §4.1.1.4); a bare CR or LF is noted in
/// <see cref="HasBareLineEnding"/> and never counts as a line's end, so that two servers cannot disagree where a message
/// ends (SMTP smuggling, CVE-2023-51764 and its kin). Chunks may be cut anywhere. Never throws for what a peer sends.
/// </summary>
public struct DotUnstuffer
{
    private State _state;

    /// <summary>True once a carriage return or line feed stood alone.</summary>
    public bool HasBareLineEnding { get; private set; }

    // LineStart must be 0: data begins at the start of a line (the CRLF of the DATA command counts, RFC 5321 §4.1.1.4).
    private enum State : byte { LineStart, Text, Cr, Dot, DotCr }

    /// <summary>Takes a chunk and writes what it means. True where the end of data lies in it.</summary>
    /// <param name="input">The next octets.</param>
    /// <param name="output">Where the message's octets go; may be null to discard them.</param>
    /// <param name="consumed">Octets used: all of them, or up to and with the final CRLF.</param>
    public bool Take(ReadOnlySpan<byte> input, IBufferWriter<byte>? output, out int consumed)
    {
        // The octets from run to i are message text that has not been written yet.
        var run = 0;
        var i = 0;
        while (i < input.Length)
        {
            var octet = input[i];
            switch (_state)
            {
                case State.LineStart when octet == '.':
                    Write(output, input[run..i]);
                    run = ++i;
                    _state = State.Dot;
                    break;
                case State.LineStart:
                    _state = State.Text;
                    break;
                case State.Text:
                    var stop = input[i..].IndexOfAny((byte)'\r', (byte)'\n');
                    if (stop < 0)
                    {
                        i = input.Length;
                        break;
                    }
                    i += stop + 1;
                    if (input[i - 1] == '\r') _state = State.Cr;
                    else HasBareLineEnding = true;
                    break;
                case State.Cr when octet == '\n':
                    i++;
                    _state = State.LineStart;
                    break;
                case State.Cr:
                    HasBareLineEnding = true;
                    _state = State.Text;
                    break;
                case State.Dot when octet == '\r':
                    run = ++i;
                    _state = State.DotCr;
                    break;
                case State.Dot:
                    _state = State.Text;
                    break;
                case State.DotCr when octet == '\n':
                    consumed = i + 1;
                    _state = State.LineStart;
                    return true;
                default:
                    // The dot was stuffing after all and its CR stands alone.
                    HasBareLineEnding = true;
                    Write(output, "\r"u8);
                    _state = State.Text;
                    break;
            }
        }
        Write(output, input[run..]);
        consumed = input.Length;
        return false;
    }

    private static void Write(IBufferWriter<byte>? output, ReadOnlySpan<byte> octets)
    {
        if (!octets.IsEmpty) output?.Write(octets);
    }
}
