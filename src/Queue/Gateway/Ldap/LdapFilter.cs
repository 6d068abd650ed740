using System.Formats.Asn1;
using System.Text;
using Sternpost.Messages.Addresses;

namespace Sternpost.Queue.Gateway.Ldap;

/// <summary>
/// A search filter (RFC 4515) in whose values <c>{address}</c>, <c>{local}</c> and <c>{domain}</c> stand for a recipient. It is parsed once, before any
/// recipient is known, and what a stranger wrote is put into values alone: no address can change what is asked. Encoded as RFC 4511 §4.5.1.7 says.
/// </summary>
public sealed class LdapFilter
{
    private const int MaxDepth = 16, MaxLength = 4096;

    private readonly string text;
    private readonly Item root;

    private LdapFilter(string text, Item root) => (this.text, this.root) = (text, root);

    private enum Kind
    {
        And = 0,
        Or = 1,
        Not = 2,
        Equal = 3,
        Substrings = 4,
        GreaterOrEqual = 5,
        LessOrEqual = 6,
        Present = 7,
        Approximate = 8,
        Extensible = 9,
    }

    /// <summary>Reads a filter; null where it is none, or has no place for the recipient: it would find somebody for everybody.</summary>
    public static LdapFilter? Parse(string text)
    {
        if (text.Length > MaxLength) return null;
        var at = 0;
        return ReadItem(text, ref at, 0) is { } root && at == text.Length && root.AsksForRecipient ? new LdapFilter(text, root) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => text;

    /// <summary>Writes the filter for a recipient.</summary>
    internal void Write(AsnWriter writer, EmailAddress recipient) => root.Write(writer, recipient);

    private static Item? ReadItem(string text, ref int at, int depth)
    {
        if (depth > MaxDepth || at >= text.Length || text[at] != '(') return null;
        at++;
        var item = at < text.Length && text[at] is '&' or '|' or '!' ? ReadList(text, ref at, depth) : ReadComparison(text, ref at);
        if (item is null || at >= text.Length || text[at] != ')') return null;
        at++;
        return item;
    }

    private static Item? ReadList(string text, ref int at, int depth)
    {
        var kind = text[at++] switch { '&' => Kind.And, '|' => Kind.Or, _ => Kind.Not };
        var parts = new List<Item>();
        while (at < text.Length && text[at] == '(')
        {
            if (ReadItem(text, ref at, depth + 1) is not { } part) return null;
            parts.Add(part);
        }
        return parts.Count == 0 || (kind == Kind.Not && parts.Count != 1) ? null : new Item(kind, "", [], parts);
    }

    private static Item? ReadComparison(string text, ref int at)
    {
        var end = text.IndexOf(')', at);
        var equals = text.IndexOf('=', at);
        if (end < 0 || equals <= at || equals > end) return null;
        var name = text[at..equals];
        var value = text[(equals + 1)..end];
        at = end;
        var kind = name[^1] switch { '>' => Kind.GreaterOrEqual, '<' => Kind.LessOrEqual, '~' => Kind.Approximate, ':' => Kind.Extensible, _ => Kind.Equal };
        if (kind != Kind.Equal) name = name[..^1];
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or ';' || (c == ':' && kind == Kind.Extensible)) || value.Contains('(', StringComparison.Ordinal)) return null;
        if (kind == Kind.Equal && value == "*") return new Item(Kind.Present, name, [], []);
        var pieces = new List<Piece>();
        foreach (var part in value.Split('*'))
        {
            if (Piece.Parse(part) is not { } piece) return null;
            pieces.Add(piece);
        }
        if (pieces.Count == 1) return new Item(kind, name, pieces, []);
        return kind == Kind.Equal ? new Item(Kind.Substrings, name, pieces, []) : null;
    }

    /// <summary>A value or a part of one: octets, with places for the recipient.</summary>
    private sealed record Piece(IReadOnlyList<object> Parts)
    {
        internal bool AsksForRecipient => Parts.Any(part => part is string);

        // RFC 4515 §3: an octet may be written as a backslash and two hexadecimal digits.
        internal static Piece? Parse(string text)
        {
            var parts = new List<object>();
            var octets = new List<byte>();
            for (var i = 0; i < text.Length;)
            {
                if (text[i] == '\\')
                {
                    if (i + 2 >= text.Length || !byte.TryParse(text.AsSpan(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var octet)) return null;
                    octets.Add(octet);
                    i += 3;
                    continue;
                }
                if (Array.Find((string[])["{address}", "{local}", "{domain}"], place => string.CompareOrdinal(text, i, place, 0, place.Length) == 0) is { } found)
                {
                    if (octets.Count > 0) parts.Add(octets.ToArray());
                    octets.Clear();
                    parts.Add(found);
                    i += found.Length;
                    continue;
                }
                octets.AddRange(Encoding.UTF8.GetBytes(text, i, char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1));
                i += char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
            }
            if (octets.Count > 0) parts.Add(octets.ToArray());
            return new Piece(parts);
        }

        internal byte[] Of(EmailAddress recipient) => [.. Parts.SelectMany(part => part switch
        {
            "{address}" => Encoding.UTF8.GetBytes(recipient.ToString()),
            "{local}" => Encoding.UTF8.GetBytes(recipient.LocalPart),
            "{domain}" => Encoding.UTF8.GetBytes(recipient.Domain.Ascii),
            _ => (byte[])part,
        })];
    }

    private sealed record Item(Kind Kind, string Attribute, IReadOnlyList<Piece> Values, IReadOnlyList<Item> Parts)
    {
        internal bool AsksForRecipient => Values.Any(value => value.AsksForRecipient) || (Kind != Kind.Not && Parts.Any(part => part.AsksForRecipient));

        internal void Write(AsnWriter writer, EmailAddress recipient)
        {
            var tag = new Asn1Tag(TagClass.ContextSpecific, (int)Kind, isConstructed: Kind != Kind.Present);
            switch (Kind)
            {
                case Kind.And or Kind.Or:
                    using (writer.PushSetOf(tag))
                    {
                        foreach (var part in Parts) part.Write(writer, recipient);
                    }
                    break;
                case Kind.Not:
                    using (writer.PushSequence(tag)) Parts[0].Write(writer, recipient);
                    break;
                case Kind.Present:
                    writer.WriteOctetString(Encoding.ASCII.GetBytes(Attribute), tag);
                    break;
                case Kind.Substrings:
                    using (writer.PushSequence(tag))
                    {
                        writer.WriteOctetString(Encoding.ASCII.GetBytes(Attribute));
                        using (writer.PushSequence()) WriteParts(writer, recipient);
                    }
                    break;
                case Kind.Extensible:
                    using (writer.PushSequence(tag)) WriteRule(writer, recipient);
                    break;
                default:
                    using (writer.PushSequence(tag))
                    {
                        writer.WriteOctetString(Encoding.ASCII.GetBytes(Attribute));
                        writer.WriteOctetString(Values[0].Of(recipient));
                    }
                    break;
            }
        }

        // initial [0], any [1], final [2]; an empty piece at either end is an asterisk there.
        private void WriteParts(AsnWriter writer, EmailAddress recipient)
        {
            for (var i = 0; i < Values.Count; i++)
            {
                var value = Values[i].Of(recipient);
                if (value.Length > 0) writer.WriteOctetString(value, new Asn1Tag(TagClass.ContextSpecific, i == 0 ? 0 : i == Values.Count - 1 ? 2 : 1));
            }
        }

        // attribute:dn:rule:=value, of which attribute, dn and rule may each be missing.
        private void WriteRule(AsnWriter writer, EmailAddress recipient)
        {
            var words = Attribute.Split(':');
            var isDn = words.Skip(1).Contains("dn", StringComparer.OrdinalIgnoreCase);
            if (words.Skip(1).FirstOrDefault(word => word.Length > 0 && !word.Equals("dn", StringComparison.OrdinalIgnoreCase)) is { } rule) writer.WriteOctetString(Encoding.ASCII.GetBytes(rule), new Asn1Tag(TagClass.ContextSpecific, 1));
            if (words[0].Length > 0) writer.WriteOctetString(Encoding.ASCII.GetBytes(words[0]), new Asn1Tag(TagClass.ContextSpecific, 2));
            writer.WriteOctetString(Values[0].Of(recipient), new Asn1Tag(TagClass.ContextSpecific, 3));
            if (isDn) writer.WriteBoolean(true, new Asn1Tag(TagClass.ContextSpecific, 4));
        }
    }
}
