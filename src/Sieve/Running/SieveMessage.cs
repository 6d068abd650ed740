using MimeKit;
using Sternpost.Messages.Content;

namespace Sternpost.Sieve.Running;

/// <summary>A field of a header.</summary>
/// <param name="Name">As written.</param>
/// <param name="Raw">What follows the colon, folded as it came, without the last line break.</param>
internal sealed record SieveField(string Name, string Raw)
{
    /// <summary>Unfolded, without white space around it; encoded words as they are.</summary>
    internal string Value { get; } = Unfold(Raw);

    /// <summary>The value with encoded words undone (RFC 5228 §2.7.2).</summary>
    internal string Decoded => Value.Contains("=?", StringComparison.Ordinal) ? EncodedWords.Decode(Value) : Value;

    internal bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    // RFC 5322 §2.2.3: a line break before white space goes, the white space stays.
    private static string Unfold(string raw) => raw.Replace("\r\n", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Trim(' ', '\t', '\r');
}

/// <summary>A header that has been changed by the script.</summary>
/// <param name="Fields">All of it.</param>
internal sealed record EditedHeader(IReadOnlyList<SieveField> Fields)
{
    /// <summary>The message with this header before its body.</summary>
    internal ReadOnlyMemory<byte> Before(ReadOnlySpan<byte> bodyWithEmptyLine)
    {
        using var stream = new MemoryStream();
        foreach (var field in Fields)
        {
            stream.Write(SieveText.Encode(field.Name));
            stream.Write(":"u8);
            stream.Write(SieveText.Encode(field.Raw));
            stream.Write("\r\n"u8);
        }
        stream.Write(bodyWithEmptyLine);
        return stream.ToArray();
    }
}

/// <summary>A message as scripts see it: its header, which they may change, its parts, and its envelope.</summary>
internal sealed class SieveMessage
{
    private const int MaxFields = 10_000;
    private const int MaxParts = 500;

    private readonly List<SieveField> fields;
    private readonly int bodyStart;
    private List<SievePart>? parts;

    internal SieveMessage(ReadOnlyMemory<byte> octets)
    {
        Octets = octets;
        (fields, bodyStart) = ReadHeader(octets.Span);
    }

    /// <summary>As it came.</summary>
    internal ReadOnlyMemory<byte> Octets { get; }

    /// <summary>RFC 5228 §5.9, of the message as it is now (RFC 5293 §6).</summary>
    internal int Size => IsEdited ? new EditedHeader(fields).Before(Rest.Span).Length : Octets.Length;

    /// <summary>Whether there is an empty line behind the header, and so a body, be it empty.</summary>
    internal bool HasBody => bodyStart < Octets.Length;

    /// <summary>The header now.</summary>
    internal IReadOnlyList<SieveField> Fields => fields;

    /// <summary>Whether the script has changed the header.</summary>
    internal bool IsEdited { get; private set; }

    /// <summary>What is behind the header and its empty line.</summary>
    internal ReadOnlyMemory<byte> Body => SkipEmptyLine(Octets[bodyStart..]);

    /// <summary>The header as it is now; null where it is as it came.</summary>
    internal EditedHeader? Snapshot() => IsEdited ? new EditedHeader([.. fields]) : null;

    /// <summary>The empty line and the body, to be put behind another header.</summary>
    internal ReadOnlyMemory<byte> Rest => Octets[bodyStart..];

    internal IEnumerable<SieveField> Named(string name) => fields.Where(field => field.Is(name));

    internal void Add(SieveField field, bool last)
    {
        IsEdited = true;
        if (last) fields.Add(field);
        else fields.Insert(0, field);
    }

    internal void Remove(IReadOnlyCollection<SieveField> removed)
    {
        if (removed.Count == 0) return;
        IsEdited = true;
        fields.RemoveAll(field => removed.Any(one => ReferenceEquals(one, field)));
    }

    /// <summary>The message and all its parts, depth first; the first is the message itself.</summary>
    internal IReadOnlyList<SievePart> Parts => parts ??= ReadParts();

    private List<SievePart> ReadParts()
    {
        var options = new ParserOptions { MaxMimeDepth = 64 };
        var found = new List<SievePart>();
        try
        {
            using var stream = new MemoryStream(Octets.ToArray(), false);
            var message = MimeMessage.Load(options, stream);
            Walk(message.Body, null, message.Headers, found);
        }
        catch (FormatException)
        {
            // No header at all: nothing but text.
        }
        if (found.Count == 0) found.Add(new SievePart(null, null, null, null));
        return found;
    }

    private static void Walk(MimeEntity? entity, SievePart? parent, HeaderList? header, List<SievePart> found)
    {
        if (entity is null || found.Count == MaxParts) return;
        var part = new SievePart(entity, parent, header, parent?.Children);
        found.Add(part);
        switch (entity)
        {
            case Multipart multipart:
                foreach (var child in multipart) Walk(child, part, null, found);
                break;
            case MessagePart { Message: { } inner }:
                Walk(inner.Body, part, inner.Headers, found);
                break;
        }
    }

    private static (List<SieveField> Fields, int BodyStart) ReadHeader(ReadOnlySpan<byte> octets)
    {
        List<SieveField> fields = [];
        var at = 0;
        while (at < octets.Length && fields.Count < MaxFields)
        {
            var end = at;
            int next;
            while (true)
            {
                var feed = octets[end..].IndexOf((byte)'\n');
                next = feed < 0 ? octets.Length : end + feed + 1;
                if (next >= octets.Length || octets[next] is not ((byte)' ' or (byte)'\t') || end == at && IsEmpty(octets[at..next])) break;
                end = next;
            }
            var line = octets[at..next];
            if (IsEmpty(line)) break;
            var colon = line.IndexOf((byte)':');
            // What is no field ends the header where it is the body's first line; RFC 5322 knows no header without.
            if (colon <= 0) break;
            fields.Add(new SieveField(SieveText.Decode(line[..colon]).TrimEnd(' ', '\t'), SieveText.Decode(TrimBreak(line[(colon + 1)..]))));
            at = next;
        }
        return (fields, at);
    }

    private static bool IsEmpty(ReadOnlySpan<byte> line) => line is [(byte)'\n'] or [(byte)'\r', (byte)'\n'] or [];

    private static ReadOnlySpan<byte> TrimBreak(ReadOnlySpan<byte> line) => line is [.. var content, (byte)'\r', (byte)'\n'] ? content : line is [.. var bare, (byte)'\n'] ? bare : line;

    private static ReadOnlyMemory<byte> SkipEmptyLine(ReadOnlyMemory<byte> rest) => rest.Span switch
    {
        [(byte)'\r', (byte)'\n', ..] => rest[2..],
        [(byte)'\n', ..] => rest[1..],
        _ => rest,
    };
}
