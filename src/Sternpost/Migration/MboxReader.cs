using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Sternpost.Migration;

/// <summary>A message of an mbox file.</summary>
/// <param name="Date">The date of its "From " line; null where it has none that can be read.</param>
/// <param name="Content">Its octets, as they stand in the file but for the quoting of "From " lines.</param>
/// <param name="IsTooLarge">It was larger than may be, and its content is cut.</param>
internal sealed record MboxMessage(DateTimeOffset? Date, byte[] Content, bool IsTooLarge);

/// <summary>
/// Reads mbox files (RFC 4155) of any size, a message at a time. A message begins at a line "From " after an empty one that goes on with a time and a year:
/// prose that begins a line with "From" is no such line. Of lines that begin with "&gt;From ", however often quoted, one sign is taken (mboxrd).
/// </summary>
internal static partial class MboxReader
{
    internal const int LargestMessage = 256 * 1024 * 1024;

    private const int LongestFrom = 1024;

    internal static async IAsyncEnumerable<MboxMessage> ReadAsync(Stream mbox, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = PipeReader.Create(mbox, new StreamPipeReaderOptions(bufferSize: 256 * 1024, leaveOpen: true));
        var content = new ArrayBufferWriter<byte>(64 * 1024);
        var (date, began, blank, tooLarge) = ((DateTimeOffset?)null, false, true, false);
        while (true)
        {
            var result = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            var buffer = result.Buffer;
            while (Line(ref buffer, result.IsCompleted) is { } line)
            {
                if (blank && IsFrom(line, out var parsed))
                {
                    if (began) yield return Ended(content, date, tooLarge);
                    (date, began, tooLarge) = (parsed, true, false);
                    content.ResetWrittenCount();
                    blank = false;
                    continue;
                }
                blank = line is [(byte)'\n'] or [(byte)'\r', (byte)'\n'];
                if (!began) continue;
                tooLarge |= content.WrittenCount + line.Length > LargestMessage;
                if (!tooLarge) content.Write(IsQuoted(line) ? line.AsSpan(1) : line);
            }
            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted) break;
        }
        if (began) yield return Ended(content, date, tooLarge);
        await reader.CompleteAsync().ConfigureAwait(false);
    }

    private static byte[]? Line(ref ReadOnlySequence<byte> buffer, bool isLast)
    {
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            var line = buffer.Slice(0, buffer.GetPosition(1, end)).ToArray();
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return line;
        }
        // A line without an end: the last one, or one so long that it is taken in pieces.
        if (buffer.IsEmpty || (!isLast && buffer.Length < LargestMessage / 16)) return null;
        var rest = buffer.ToArray();
        buffer = buffer.Slice(buffer.End);
        return rest;
    }

    private static bool IsFrom(byte[] line, out DateTimeOffset? date)
    {
        date = null;
        if (line.Length > LongestFrom || !line.AsSpan().StartsWith("From "u8)) return false;
        var text = Encoding.Latin1.GetString(line).TrimEnd();
        if (TimeAndYear().Match(text) is not { Success: true } match) return false;
        // asctime, in UTC (RFC 4155 appendix A); some programs put a zone before or after the year.
        if (DateTime.TryParseExact($"{match.Groups["day"].Value} {match.Groups["month"].Value} {match.Groups["year"].Value} {match.Groups["time"].Value}", ["d MMM yyyy H:mm:ss", "d MMM yyyy H:mm"],
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            var zone = match.Groups["zone"].Value.Trim();
            date = new DateTimeOffset(time, TimeSpan.Zero);
            if (zone is [var sign and ('+' or '-'), _, _, _, _] && int.TryParse(zone[1..3], out var hours) && int.TryParse(zone[3..], out var minutes))
                date -= (sign == '-' ? -1 : 1) * new TimeSpan(hours, minutes, 0);
        }
        return true;
    }

    private static bool IsQuoted(ReadOnlySpan<byte> line) => line is [(byte)'>', ..] && line.TrimStart((byte)'>').StartsWith("From "u8);

    private static MboxMessage Ended(ArrayBufferWriter<byte> content, DateTimeOffset? date, bool tooLarge)
    {
        var octets = content.WrittenSpan;
        // The empty line before the next "From " is the file's and not the message's.
        if (octets.EndsWith("\r\n\r\n"u8)) octets = octets[..^2];
        else if (octets.EndsWith("\n\n"u8)) octets = octets[..^1];
        return new MboxMessage(date, octets.ToArray(), tooLarge);
    }

    [GeneratedRegex(@"^From .*?(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(?<day>\d{1,2})\s+(?<time>\d{1,2}:\d{2}(:\d{2})?)\s+([A-Z]{2,5}\s+)?(?<zone>[+-]\d{4}\s+)?(?<year>(19|20)\d{2})(\s+(?<zone>[+-]\d{4}))?", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TimeAndYear();
}
