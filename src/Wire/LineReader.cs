using System.Buffers;
using System.IO.Pipelines;

namespace Sternpost.Wire;

/// <summary>How the reading of one line ended.</summary>
public enum LineStatus
{
    /// <summary>A line ended by CRLF; it is in <see cref="LineReader.Line"/>.</summary>
    Line,
    /// <summary>More octets than allowed before the line's end; the whole line has been skipped.</summary>
    TooLong,
    /// <summary>A line feed without its carriage return; everything up to it has been skipped.</summary>
    BareLineFeed,
    /// <summary>A carriage return in the middle of a line; the whole line has been skipped.</summary>
    BareCarriageReturn,
    /// <summary>The peer closed, perhaps in the middle of a line, which is dropped.</summary>
    Closed,
    /// <summary><see cref="PipeReader.CancelPendingRead"/> was called; nothing has been consumed.</summary>
    Interrupted,
}

/// <summary>
/// Reads CRLF-ended lines from a pipe into one buffer that is reused, so that a line costs a copy and no allocation.
/// Use: <c>if (!lines.TryRead(input, out var status)) { flush what was written; status = await lines.ReadAsync(input, token); }</c>.
/// TryRead takes only what has arrived already, so replies to pipelined commands leave in one write; ReadAsync waits.
/// The input is an argument because a connection's pipe changes when it turns to TLS. Nothing beyond the line is
/// consumed: literals and message data may be read from the same pipe afterwards. Not safe for concurrent use.
/// </summary>
/// <param name="maxLength">Most octets of a line without its CRLF.</param>
public sealed class LineReader(int maxLength)
{
    private byte[] _line = new byte[Math.Min(maxLength, 512)];
    private int _length;
    private bool _skipping;

    /// <summary>The last line without CRLF. Valid until the next read.</summary>
    public ReadOnlyMemory<byte> Line => _line.AsMemory(0, _length);

    /// <summary>Reads a line from what the pipe holds now; false where no whole line is there.</summary>
    public bool TryRead(PipeReader input, out LineStatus status)
    {
        status = LineStatus.Closed;
        return input.TryRead(out var result) && Take(input, result, out status);
    }

    /// <summary>Waits for a line. Throws only what the pipe throws: cancellation and a broken connection.</summary>
    public async ValueTask<LineStatus> ReadAsync(PipeReader input, CancellationToken cancellation)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellation).ConfigureAwait(false);
            if (Take(input, result, out var status)) return status;
        }
    }

    private bool Take(PipeReader input, in ReadResult result, out LineStatus status)
    {
        var buffer = result.Buffer;
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            status = Keep(buffer.Slice(0, end));
            input.AdvanceTo(buffer.GetPosition(1, end));
            return true;
        }
        if (result.IsCanceled)
        {
            status = LineStatus.Interrupted;
            input.AdvanceTo(buffer.Start);
            return true;
        }
        if (result.IsCompleted)
        {
            status = LineStatus.Closed;
            input.AdvanceTo(buffer.End);
            return true;
        }
        // One octet more than allowed may be the CR of a line that still fits.
        if (_skipping || buffer.Length > maxLength + 1)
        {
            _skipping = true;
            input.AdvanceTo(buffer.End);
        }
        else
        {
            input.AdvanceTo(buffer.Start, buffer.End);
        }
        status = default;
        return false;
    }

    private LineStatus Keep(in ReadOnlySequence<byte> untilLineFeed)
    {
        _length = 0;
        if (_skipping || untilLineFeed.Length > maxLength + 1)
        {
            _skipping = false;
            return LineStatus.TooLong;
        }
        var length = (int)untilLineFeed.Length;
        if (_line.Length < length) _line = new byte[maxLength + 1];
        untilLineFeed.CopyTo(_line);
        if (length == 0 || _line[length - 1] != '\r') return length > maxLength ? LineStatus.TooLong : LineStatus.BareLineFeed;
        if (_line.AsSpan(0, length - 1).Contains((byte)'\r')) return LineStatus.BareCarriageReturn;
        _length = length - 1;
        return LineStatus.Line;
    }
}
