using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>A field: the value as it stood, and decoded.</summary>
internal readonly record struct PartField(string Name, string Raw, string Decoded);

/// <summary>A part of a message, or the message itself, on octets as text.</summary>
internal sealed partial class MessagePart
{
    private readonly Dictionary<string, List<PartField>> byName = new(StringComparer.Ordinal);
    private string? decoded;
    private RenderedText? rendered;

    /// <summary>All fields in their order.</summary>
    internal List<PartField> Fields { get; } = [];

    internal string Type { get; set; } = "text/plain";

    internal string? Charset { get; set; }

    internal string? Name { get; set; }

    /// <summary>The parts within; null for a leaf.</summary>
    internal List<MessagePart>? Parts { get; set; }

    /// <summary>The lines of a leaf, each with its end; overlong ones are broken.</summary>
    internal IReadOnlyList<ReadOnlyMemory<char>> Lines { get; set; } = [];

    internal bool IsLeaf => Parts is null;

    internal void AddField(string name, string raw)
    {
        var lower = name.ToLowerInvariant();
        var value = Folded().Replace(raw, " ").Trim(Blank);
        var field = new PartField(name, raw, EncodedWords.Decode(value, lower));
        Fields.Add(field);
        if (!byName.TryGetValue(lower, out var list)) byName.Add(lower, list = new List<PartField>(1));
        list.Add(field);
    }

    internal void RemoveFields(string name)
    {
        if (byName.Remove(name.ToLowerInvariant())) Fields.RemoveAll(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The fields of a name, none where there are none.</summary>
    internal IReadOnlyList<PartField> FieldsOf(string lowerName) => byName.TryGetValue(lowerName, out var list) ? list : [];

    /// <summary>The last field of a name, decoded; null where there is none.</summary>
    internal string? Field(string lowerName) => byName.TryGetValue(lowerName, out var list) ? list[^1].Decoded : null;

    /// <summary>This part and all below it, each before what it holds.</summary>
    internal IEnumerable<MessagePart> Walk()
    {
        var waiting = new Stack<MessagePart>();
        waiting.Push(this);
        while (waiting.TryPop(out var part))
        {
            if (part.Type.Length > 0) yield return part;
            for (var i = (part.Parts?.Count ?? 0) - 1; i >= 0; i--) waiting.Push(part.Parts![i]);
        }
    }

    internal IEnumerable<MessagePart> Leaves() => Walk().Where(part => part.IsLeaf);

    /// <summary>The type, HTML where the name says so.</summary>
    internal string EffectiveType => Name is not null && HtmlName().IsMatch(Name) ? "text/html" : Type;

    /// <summary>The content with its transfer encoding undone.</summary>
    internal string Decoded => decoded ??= Decode();

    /// <summary>The text as it is read; null for what is no text.</summary>
    internal RenderedText? Rendered => EffectiveType is "text/plain" or "text/html" && IsLeaf ? rendered ??= RenderedText.Of(this) : null;

    private string Decode()
    {
        var length = 0;
        foreach (var line in Lines) length += line.Length;
        var whole = string.Create(length, Lines, static (text, lines) =>
        {
            var at = 0;
            foreach (var line in lines)
            {
                line.Span.CopyTo(text[at..]);
                at += line.Length;
            }
        });
        switch (Field("content-transfer-encoding")?.ToLowerInvariant())
        {
            case "quoted-printable": return TransferText.QuotedPrintable(whole).Replace("\r\n", "\n", StringComparison.Ordinal);
            case "base64":
                var octets = TransferText.Base64(whole);
                return TextType().IsMatch(Type) ? octets.Replace("\r\n", "\n", StringComparison.Ordinal) : octets;
            default: return whole;
        }
    }

    /// <summary>White space as Perl has it for octets.</summary>
    internal static readonly char[] Blank = [' ', '\t', '\n', '\r', '\f', '\v'];

    [GeneratedRegex(@"\n[ \t]+")]
    private static partial Regex Folded();

    [GeneratedRegex(@"\.s?html?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex HtmlName();

    [GeneratedRegex(@"^(?:text|message)\b/")]
    private static partial Regex TextType();
}
