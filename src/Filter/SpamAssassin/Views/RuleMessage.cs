using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>
/// A message as SpamAssassin takes it apart. It differs from our own reading of MIME in many small ways, and rules were written for
/// what it sees: damaged structure is mended its way, and what was damaged is remembered.
/// </summary>
internal sealed class RuleMessage
{
    /// <summary>Octets looked at; SpamAssassin itself is seldom given more than half a megabyte.</summary>
    internal const int MostOctets = 2 * 1024 * 1024;

    private RuleMessage(MessagePart root, string header, string body, int bodyLength)
    {
        Root = root;
        Header = header;
        Body = body;
        BodyLength = bodyLength;
    }

    /// <summary>The message as a part.</summary>
    internal MessagePart Root { get; }

    /// <summary>The header as it came, its end included.</summary>
    internal string Header { get; }

    /// <summary>The body as it came.</summary>
    internal string Body { get; }

    /// <summary>Octets of the whole body.</summary>
    internal int BodyLength { get; }

    /// <summary>What was wrong, by SpamAssassin's names (<c>missing_mime_headers</c>).</summary>
    internal HashSet<string> Faults { get; } = new(StringComparer.Ordinal);

    /// <summary>Boundaries that were opened (1) and closed again (0).</summary>
    internal Dictionary<string, int> Boundaries { get; } = new(StringComparer.Ordinal);

    internal static RuleMessage Of(ReadOnlySpan<byte> raw)
    {
        var length = raw.Length;
        var text = ByteText.Of(raw.Length > MostOctets ? raw[..MostOctets] : raw);
        var root = new MessagePart();
        var reader = new HeaderReader(text, root);
        var bodyStart = reader.Read();
        var body = text[bodyStart..];
        var message = new RuleMessage(root, text[reader.Start..bodyStart], body, length - bodyStart);
        if (reader.MissingSeparator) message.Faults.Add("missing_head_body_separator");
        var lines = PartReader.Lines(reader.HasCarriageReturns ? body.Replace("\r\n", "\n", StringComparison.Ordinal) : body);
        new PartReader(message).Read(root, lines);
        return message;
    }
}

/// <summary>Reads a header into a part.</summary>
internal sealed partial class HeaderReader(string text, MessagePart part)
{
    private const int LongestName = 256;
    private const int LongestValue = 8192;
    private const int MostFields = 5000;
    private const int MostBadLines = 3;

    /// <summary>Where the header begins: behind an mbox line.</summary>
    internal int Start { get; private set; }

    internal bool MissingSeparator { get; private set; }

    internal bool HasCarriageReturns { get; private set; }

    /// <summary>Reads; answers where the body begins.</summary>
    internal int Read()
    {
        var position = 0;
        if (MboxLine().IsMatch(text)) position = LineEnd(0);
        Start = position;
        HasCarriageReturns = FirstLineHasCarriageReturn(position) || text.EndsWith("\r\n", StringComparison.Ordinal);
        var begun = -1;
        var bad = 0;
        while (position < text.Length)
        {
            var end = LineEnd(position);
            var line = text.AsSpan(position, end - position);
            if (line[0] is ' ' or '\t')
            {
                if (begun < 0) begun = position;
                position = end;
                continue;
            }
            Add(begun, position);
            begun = -1;
            if (line is "\n" || (HasCarriageReturns && line is "\r\n")) return end;
            if (line.StartsWith("--") || (!FieldLine().IsMatch(line) && ++bad > MostBadLines))
            {
                MissingSeparator = true;
                return position;
            }
            begun = position;
            position = end;
        }
        Add(begun, position);
        MissingSeparator = true;
        return text.Length;
    }

    private bool FirstLineHasCarriageReturn(int position) => LineEnd(position) is var end && end - position >= 2 && text[end - 1] == '\n' && text[end - 2] == '\r';

    private int LineEnd(int position)
    {
        var feed = text.IndexOf('\n', position);
        return feed < 0 ? text.Length : feed + 1;
    }

    private void Add(int begun, int end)
    {
        if (begun < 0 || part.Fields.Count >= MostFields) return;
        var colon = text.IndexOf(':', begun, end - begun);
        if (colon < 0) return;
        var name = text[begun..Math.Min(colon, begun + LongestName)].TrimEnd(' ', '\t');
        var value = text[(colon + 1)..Math.Min(end, colon + 1 + LongestValue)];
        if (HasCarriageReturns) value = value.Replace("\r\n", "\n", StringComparison.Ordinal);
        part.AddField(name, value);
    }

    [GeneratedRegex(@"^[\x21-\x39\x3B-\x7E]+[ \t]*:")]
    private static partial Regex FieldLine();

    [GeneratedRegex(@"^From\s+(?!:)")]
    private static partial Regex MboxLine();
}
