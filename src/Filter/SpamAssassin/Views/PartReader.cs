using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>Takes a body apart into parts, breadth first.</summary>
internal sealed partial class PartReader(RuleMessage message)
{
    /// <summary>Longer lines are broken.</summary>
    internal const int LongestLine = 2048;

    private const int DeepestNesting = 20;
    private const int MostParts = 1000;
    private const int MostPartsInAll = 5000;
    private const int MostBlankLines = 20;

    private readonly Queue<Work> queue = new();
    private int parts;

    private readonly record struct Work(MessagePart Part, string? Boundary, List<ReadOnlyMemory<char>> Lines, int Depth);

    internal static List<ReadOnlyMemory<char>> Lines(string text)
    {
        var lines = new List<ReadOnlyMemory<char>>(Math.Max(4, text.Length / 60));
        var memory = text.AsMemory();
        for (var start = 0; start < text.Length;)
        {
            var feed = text.IndexOf('\n', start);
            var end = feed < 0 ? text.Length : feed + 1;
            lines.Add(memory[start..end]);
            start = end;
        }
        return lines;
    }

    internal void Read(MessagePart root, List<ReadOnlyMemory<char>> lines)
    {
        queue.Enqueue(Prepare(root, lines, DeepestNesting));
        while (queue.TryDequeue(out var work))
        {
            if (work.Part.Type.StartsWith("multipart/", StringComparison.Ordinal) && work.Boundary is not null && work.Depth > 0) ReadMultipart(work);
            else ReadLeaf(work);
        }
    }

    private static Work Prepare(MessagePart part, List<ReadOnlyMemory<char>> lines, int depth)
    {
        DropBlankLines(lines);
        var type = ContentType.Of(part.Field("content-type"));
        part.Type = type.Type;
        // A body that begins at once with something else than its boundary gets a line before it.
        if (type.Type.StartsWith("multipart/", StringComparison.Ordinal) && lines.Count > 1 && !IsBlank(lines[0].Span)
            && (type.Boundary is null || !lines[0].Span.StartsWith("--" + type.Boundary)))
        {
            lines.Insert(0, "\n".AsMemory());
        }
        return new Work(part, type.Boundary, lines, depth);
    }

    private static bool IsBlank(ReadOnlySpan<char> line) => line.Trim(MessagePart.Blank).IsEmpty;

    private static void DropBlankLines(List<ReadOnlyMemory<char>> lines)
    {
        var run = 0;
        var kept = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            run = IsBlank(lines[i].Span) ? run + 1 : 0;
            if (run <= MostBlankLines + 1) lines[kept++] = lines[i];
        }
        lines.RemoveRange(kept, lines.Count - kept);
    }

    private void ReadLeaf(Work work)
    {
        var part = work.Part;
        var type = ContentType.Of(part.Field("content-type"));
        if (!type.Missing) part.Type = !type.Type.StartsWith("multipart/", StringComparison.Ordinal) || work.Boundary is not null ? type.Type : "text/plain";
        part.Charset = type.Charset;
        var disposition = DispositionName().Match(part.Field("content-disposition") ?? "");
        part.Name = disposition.Success ? disposition.Groups[1].Value : type.Name;
        part.Lines = work.Lines;
        if (part.Type is not ("message/rfc822" or "message/global") || work.Depth <= 0 || part.Decoded.Length == 0 || ++parts > MostPartsInAll) return;
        var inner = new MessagePart();
        var text = part.Decoded;
        var reader = new HeaderReader(text, inner);
        var body = text[reader.Read()..];
        part.Parts = [inner];
        part.Lines = [];
        queue.Enqueue(Prepare(inner, Lines(reader.HasCarriageReturns ? body.Replace("\r\n", "\n", StringComparison.Ordinal) : body), work.Depth - 1));
    }

    private void ReadMultipart(Work work)
    {
        var boundary = work.Boundary!;
        work.Part.Parts = [];
        var lines = work.Lines;
        var at = FirstDelimiter(lines, boundary);
        var reading = new PartLines();
        var nested = false;
        var count = 0;
        for (; at < lines.Count; at++)
        {
            var line = lines[at];
            var delimiter = IsDelimiter(line.Span, boundary, out var last);
            if (delimiter && nested)
            {
                // A part within may use the same boundary; one level of that is followed.
                delimiter = false;
                nested = !last;
            }
            var ending = at == lines.Count - 1;
            if (!ending && !delimiter)
            {
                nested |= reading.Take(line, message, boundary);
                continue;
            }
            if (!delimiter) reading.TakeLast(line);
            Close(work, reading.Finish(delimiter), boundary);
            reading = new PartLines();
            if (delimiter && last)
            {
                message.Boundaries[boundary] = message.Boundaries.GetValueOrDefault(boundary) - 1;
                NoteEpilogue(lines, at + 1);
                return;
            }
            if (!ending && !FieldStart().IsMatch(lines[at + 1].Span)) message.Faults.Add("missing_mime_headers");
            if (++count == MostParts || ++parts > MostPartsInAll)
            {
                message.Faults.Add("mimepart_limit_exceeded");
                return;
            }
        }
    }

    private int FirstDelimiter(List<ReadOnlyMemory<char>> lines, string boundary)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            if (!IsDelimiter(lines[i].Span, boundary, out var last) || last) continue;
            message.Boundaries[boundary] = 1;
            if (i + 1 < lines.Count && !FieldStart().IsMatch(lines[i + 1].Span)) message.Faults.Add("missing_mime_headers");
            return i + 1;
        }
        return 0;
    }

    private static bool IsDelimiter(ReadOnlySpan<char> line, string boundary, out bool last)
    {
        last = false;
        if (!line.StartsWith("--") || !line[2..].StartsWith(boundary)) return false;
        var rest = line[(2 + boundary.Length)..];
        if (IsBlank(rest)) return true;
        last = rest.StartsWith("--") && IsBlank(rest[2..]);
        return last;
    }

    private void Close(Work work, (MessagePart Part, List<ReadOnlyMemory<char>> Lines) read, string boundary)
    {
        var type = ContentType.Of(read.Part.Field("content-type"));
        read.Part.Type = type.Missing && work.Part.Type == "multipart/digest" ? "message/rfc822" : type.Type;
        work.Part.Parts!.Add(read.Part);
        queue.Enqueue(new Work(read.Part, type.Boundary ?? boundary, read.Lines, work.Depth - 1));
    }

    private void NoteEpilogue(List<ReadOnlyMemory<char>> lines, int from)
    {
        for (var i = from; i < lines.Count; i++)
        {
            if (!EpilogueText().IsMatch(lines[i].Span)) continue;
            message.Faults.Add("mime_epilogue_exists");
            return;
        }
    }

    /// <summary>The lines of one part: first its header, then its body.</summary>
    private sealed class PartLines
    {
        private readonly MessagePart part = new();
        private List<ReadOnlyMemory<char>>? body;
        private System.Text.StringBuilder? field;
        private bool inBody;

        /// <summary>Takes a line; true where the header has just said that the part within has the boundary of the part around.</summary>
        internal bool Take(ReadOnlyMemory<char> line, RuleMessage message, string boundary)
        {
            var nested = false;
            if (!inBody)
            {
                if (FieldLine().IsMatch(line.Span))
                {
                    Add();
                    (field ??= new()).Append(line.Span);
                    return false;
                }
                if (line.Span[0] is ' ' or '\t' && field is { Length: > 0 and < 65536 })
                {
                    field.Append(line.Span);
                    return false;
                }
                var isType = field is { Length: > 0 } && field.ToString().StartsWith("content-type", StringComparison.OrdinalIgnoreCase);
                Add();
                nested = isType && ContentType.Of(part.Field("content-type")).Boundary == boundary;
                inBody = true;
                if (line.Span is "\n" or "\r\n" or "\r") return nested;
                message.Faults.Add("missing_mime_head_body_separator");
            }
            Append(line);
            return nested;
        }

        internal void TakeLast(ReadOnlyMemory<char> line) => Append(line);

        internal (MessagePart Part, List<ReadOnlyMemory<char>> Lines) Finish(bool atDelimiter)
        {
            if (atDelimiter && body is { Count: > 0 })
            {
                // RFC 2046 §5.1.1: the line end before a delimiter belongs to the delimiter.
                var last = body[^1];
                if (last.Span.EndsWith("\n")) body[^1] = last[..^1];
                if (body[^1].IsEmpty) body.RemoveAt(body.Count - 1);
            }
            return (part, body ?? []);
        }

        private void Add()
        {
            if (field is not { Length: > 0 }) return;
            var text = field.ToString();
            field.Clear();
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (part.Fields.Count < 1000) part.AddField(text[..colon], text[(colon + 1)..].TrimStart(MessagePart.Blank));
        }

        private void Append(ReadOnlyMemory<char> line)
        {
            body ??= [];
            while (line.Length > LongestLine)
            {
                body.Add(string.Concat(line.Span[..LongestLine], "\n").AsMemory());
                line = line[LongestLine..];
            }
            body.Add(line);
        }
    }

    [GeneratedRegex(@"^[\x21-\x39\x3B-\x7E]+:")]
    private static partial Regex FieldStart();

    [GeneratedRegex(@"^[\x21-\x39\x3B-\x7E]+[ \t]*:")]
    private static partial Regex FieldLine();

    [GeneratedRegex(@"[^\s.]")]
    private static partial Regex EpilogueText();

    [GeneratedRegex("""name=\s*"?([^";]+)"?""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DispositionName();
}
