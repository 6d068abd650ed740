using Sternpost.ManageSieve.Grammar;
using Sternpost.Network;
using Sternpost.Wire;

namespace Sternpost.ManageSieve.Server;

/// <summary>How the reading of a command ended.</summary>
internal enum CommandStatus
{
    /// <summary>A whole command.</summary>
    Command,
    /// <summary>No command; what it was has been skipped.</summary>
    Malformed,
    /// <summary>A literal larger than allowed; it has been skipped.</summary>
    TooLarge,
    /// <summary>All sessions together hold too much; the literal has been skipped.</summary>
    TooBusy,
    /// <summary>So much is being sent that the connection must close.</summary>
    Flood,
    /// <summary>The client has gone.</summary>
    Closed,
    /// <summary>The wait for a command was interrupted; nothing was read.</summary>
    Interrupted,
}

/// <summary>
/// Reads commands: lines, and the literals that lines announce. ManageSieve's clients never ask before they send one (RFC 5804 §4), so what
/// is refused is skipped, within reason. Every wait has its deadline from the session.
/// </summary>
internal sealed class CommandReader(MailConnection connection, ResponseWriter writer, LiteralMemory memory, TimeProvider time)
{
    // Names take 512 octets of quoted text, an initial response of SASL a few more.
    private const int LongestLine = 8 * 1024;
    private const long LongestSkipped = 16 << 20;
    private const int MostSkipped = 8;

    // Smaller literals are what every command may have; they must not wait for others' scripts.
    private const int SmallLiteral = 4 * 1024;

    private readonly LineReader lines = new(LongestLine);
    private readonly LiteralInput input = new(connection, time);
    private CommandParser parser = new();
    private long held;

    /// <summary>The command read last; of one that was refused, what was read of it.</summary>
    internal Command Command => parser.Command;

    /// <summary>Why the last command is none.</summary>
    internal string Problem { get; private set; } = "";

    /// <summary>Waits for a command.</summary>
    /// <param name="patience">For its first line.</param>
    /// <param name="step">For each further octet.</param>
    /// <param name="longest">Octets its literals may have together.</param>
    /// <param name="hasName">False for an answer within AUTHENTICATE, which is a string alone.</param>
    internal async ValueTask<CommandStatus> ReadAsync(TimeSpan patience, TimeSpan step, long longest, bool hasName = true)
    {
        Release();
        parser = new CommandParser(hasName);
        CommandStatus? refused = null;
        var (total, skipped) = (0L, 0);
        for (var wait = patience; ; wait = step)
        {
            var status = await LineAsync(wait).ConfigureAwait(false);
            // The rest of a command that has begun is waited for, whoever wants this session to end.
            if (status == LineStatus.Interrupted && (total > 0 || skipped > 0)) continue;
            if (status != LineStatus.Line) return Broken(status);
            var part = refused is null ? parser.Line(lines.Line.Span) : LinePart.Malformed;
            if (part == LinePart.Whole) return CommandStatus.Command;
            long length = parser.LiteralLength;
            if (part == LinePart.Malformed)
            {
                Problem = parser.Problem ?? Problem;
                refused ??= CommandStatus.Malformed;
                if (!CommandParser.AnnouncesLiteral(lines.Line.Span, out length)) return refused.Value;
            }
            else if (total + length > longest)
            {
                refused = CommandStatus.TooLarge;
            }
            else if (!Take(length))
            {
                refused = CommandStatus.TooBusy;
            }
            if (refused is null)
            {
                if (await input.ReadAsync((int)length, step).ConfigureAwait(false) is not { } octets) return CommandStatus.Closed;
                parser.Literal(octets);
                // Of an empty literal too it is known now that the command has begun.
                total += Math.Max(1, length);
                continue;
            }
            if (length > LongestSkipped || ++skipped > MostSkipped) return CommandStatus.Flood;
            if (!await input.SkipAsync(length, step).ConfigureAwait(false)) return CommandStatus.Closed;
        }
    }

    /// <summary>Lets go of the last command's literals.</summary>
    internal void Release()
    {
        memory.Return(held);
        held = 0;
    }

    private bool Take(long length)
    {
        var charge = length > SmallLiteral ? length : 0;
        if (!memory.TryTake(charge)) return false;
        held += charge;
        return true;
    }

    private CommandStatus Broken(LineStatus status)
    {
        if (status == LineStatus.Closed) return CommandStatus.Closed;
        if (status == LineStatus.Interrupted) return CommandStatus.Interrupted;
        Problem = status == LineStatus.TooLong ? "The line is too long" : "Lines end with CRLF";
        return CommandStatus.Malformed;
    }

    // What was written goes out only when the client has sent nothing further: replies to pipelined commands share packets.
    private async ValueTask<LineStatus> LineAsync(TimeSpan patience)
    {
        if (lines.TryRead(connection.Input, out var status)) return status;
        await writer.FlushAsync().ConfigureAwait(false);
        return await lines.ReadAsync(connection.Input, connection.Within(patience)).ConfigureAwait(false);
    }
}
