using System.Buffers;
using System.Buffers.Text;
using Sternpost.Imap.Grammar;
using Sternpost.Imap.Responses;
using Sternpost.Network;
using Sternpost.Wire;

namespace Sternpost.Imap.Server;

/// <summary>How the reading of a command ended.</summary>
internal enum CommandStatus
{
    /// <summary>A whole command.</summary>
    Command,
    /// <summary>No command: an over-long line, a bare CR or LF. What it was has been skipped.</summary>
    Malformed,
    /// <summary>A literal larger than allowed was announced and, where the client sent it unasked, skipped.</summary>
    TooBig,
    /// <summary>A literal so large was sent unasked that the connection must close (RFC 7888 §4).</summary>
    Flood,
    /// <summary>The client has gone.</summary>
    Closed,
    /// <summary>The wait for a command was interrupted; nothing was read.</summary>
    Interrupted,
}

/// <summary>What one command may hold.</summary>
/// <param name="Literal">Octets of one literal.</param>
/// <param name="Total">Octets of all its literals.</param>
internal readonly record struct LiteralLimits(long Literal, long Total);

/// <summary>
/// Reads commands: lines, and the literals that lines announce at their ends. Asks for synchronising literals when it can
/// take them, so a client never sends what would be refused. Every wait has its deadline from the session.
/// </summary>
internal sealed class CommandReader(MailConnection connection, ResponseWriter writer, ImapOptions options, LiteralMemory memory, TimeProvider time)
{
    /// <summary>Octets of a command without its literals. Clients are told to stay below 8,192 (RFC 7162 §4), long uid sets do not.</summary>
    internal const int LongestText = 64 * 1024;

    private const int MostLiterals = 1000;

    // Smaller literals are what every command may have; they must not wait for others' messages.
    private const int SmallLiteral = 64 * 1024;

    private const int MostSkipped = 8;
    private readonly LiteralInput input = new(connection, time);
    private readonly LineReader lines = new(LongestText);
    private readonly ArrayBufferWriter<byte> text = new(512);
    private readonly List<ReadOnlyMemory<byte>> literals = [];
    private long held;

    /// <summary>How long the rest of a command may be waited for, from one octet to the next.</summary>
    internal TimeSpan Step { get; set; } = options.ReadTimeout;

    /// <summary>The command read last.</summary>
    internal CommandText Command => new(text.WrittenMemory, literals);

    /// <summary>Waits for a command, at most <paramref name="patience"/> for its first line.</summary>
    internal async ValueTask<CommandStatus> ReadAsync(TimeSpan patience, Func<ReadOnlyMemory<byte>, LiteralLimits> limits)
    {
        Release();
        var status = await LineAsync(patience).ConfigureAwait(false);
        var total = 0L;
        while (status == LineStatus.Line)
        {
            var line = lines.Line;
            if (text.WrittenCount + line.Length > LongestText) return CommandStatus.Malformed;
            text.Write(line.Span);
            if (!TryLiteralHeader(line.Span, out var length, out var synchronising)) return CommandStatus.Command;
            text.Write("\r\n"u8);
            var limit = limits(text.WrittenMemory);
            var large = literals.Count == MostLiterals || length > limit.Literal || total + length > limit.Total;
            var charge = length > SmallLiteral ? length : 0;
            if (large || !memory.TryTake(charge))
            {
                return await RefuseAsync(length, synchronising).ConfigureAwait(false);
            }
            held += charge;
            total += length;
            if (synchronising)
            {
                writer.Line("+ Go on");
                await writer.FlushAsync().ConfigureAwait(false);
            }
            if (await input.ReadAsync((int)length, Step).ConfigureAwait(false) is not { } octets) return CommandStatus.Closed;
            literals.Add(octets);
            do
            {
                status = await LineAsync(Step).ConfigureAwait(false);
            }
            while (status == LineStatus.Interrupted);
        }
        return status switch
        {
            LineStatus.Closed => CommandStatus.Closed,
            LineStatus.Interrupted => CommandStatus.Interrupted,
            _ => CommandStatus.Malformed,
        };
    }

    /// <summary>Reads one line that is no command: an answer within AUTHENTICATE, or DONE. The line is valid until the next read.</summary>
    internal async ValueTask<(LineStatus Status, ReadOnlyMemory<byte> Line)> ReadLineAsync(TimeSpan patience)
    {
        var status = await LineAsync(patience).ConfigureAwait(false);
        return (status, lines.Line);
    }

    /// <summary>Lets go of the last command's literals.</summary>
    internal void Release()
    {
        text.ResetWrittenCount();
        literals.Clear();
        memory.Return(held);
        held = 0;
    }

    // What was written goes out only when the client has sent nothing further: replies to pipelined commands share packets.
    private async ValueTask<LineStatus> LineAsync(TimeSpan patience)
    {
        if (lines.TryRead(connection.Input, out var status)) return status;
        await writer.FlushAsync().ConfigureAwait(false);
        return await lines.ReadAsync(connection.Input, connection.Within(patience)).ConfigureAwait(false);
    }

    // literal = "{" number64 ["+"] "}" CRLF *CHAR8, at the end of a line (RFC 9051 §4.3, RFC 7888).
    private static bool TryLiteralHeader(ReadOnlySpan<byte> line, out long length, out bool synchronising)
    {
        length = 0;
        synchronising = true;
        if (line.Length < 3 || line[^1] != '}') return false;
        var digits = line[..^1];
        if (digits[^1] == '+')
        {
            synchronising = false;
            digits = digits[..^1];
        }
        var start = digits.LastIndexOf((byte)'{');
        if (start < 0) return false;
        digits = digits[(start + 1)..];
        return Utf8Parser.TryParse(digits, out length, out var used) && used == digits.Length && length >= 0;
    }

    private async ValueTask<CommandStatus> RefuseAsync(long length, bool synchronising)
    {
        // A client that asked first sends nothing after our refusal; the command is over (RFC 9051 §4.3). What it sends
        // unasked is skipped, within reason, and so is the rest of the command, which may announce more of the same.
        for (var skipped = 0; !synchronising; skipped++)
        {
            if (length > 2 * options.AppendLimit || skipped == MostSkipped) return CommandStatus.Flood;
            if (!await input.SkipAsync(length, Step).ConfigureAwait(false)) return CommandStatus.Closed;
            LineStatus status;
            do
            {
                status = await LineAsync(Step).ConfigureAwait(false);
            }
            while (status == LineStatus.Interrupted);
            if (status == LineStatus.Closed) return CommandStatus.Closed;
            if (status != LineStatus.Line || !TryLiteralHeader(lines.Line.Span, out length, out synchronising)) break;
        }
        return CommandStatus.TooBig;
    }
}
