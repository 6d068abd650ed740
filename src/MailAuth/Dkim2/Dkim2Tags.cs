using System.Globalization;
using System.Text;

namespace Sternpost.MailAuth.Dkim2;

/// <summary>
/// The tags of a Message-Instance or DKIM2-Signature field (draft §7, §8), without any white space: it means nothing in them, and the
/// signed form has none (§9.6). Names do not mind case; one that is there twice spoils the field.
/// </summary>
internal sealed class Dkim2Tags
{
    private const int MaxTags = 64;

    private readonly List<(string Name, string Value)> tags = [];

    private Dkim2Tags(string canonical) => Canonical = canonical;

    /// <summary>The whole field as it is signed: name in lower case, no white space, no line end.</summary>
    internal string Canonical { get; }

    internal string? this[string name]
    {
        get
        {
            foreach (var (key, value) in tags)
            {
                if (key == name) return value;
            }
            return null;
        }
    }

    internal static bool TryParse(string fieldName, ReadOnlySpan<byte> value, out Dkim2Tags tags)
    {
        var text = new StringBuilder(value.Length);
        var sound = true;
        foreach (var octet in value)
        {
            if (octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') continue;
            sound &= octet is > 0x20 and < 0x7f;
            text.Append((char)octet);
        }
        var bare = text.ToString();
        tags = new Dkim2Tags(fieldName + ":" + bare);
        if (!sound) return false;
        var parts = bare.Split(';');
        for (var i = 0; i < parts.Length; i++)
        {
            // The semicolon ends a tag; drafts before -04 only put it between two.
            if (parts[i].Length == 0)
            {
                if (i == parts.Length - 1) break;
                return false;
            }
            var equals = parts[i].IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || tags.tags.Count == MaxTags) return false;
            var name = parts[i][..equals].ToLowerInvariant();
            if (!char.IsAsciiLetter(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || tags[name] is not null) return false;
            tags.tags.Add((name, parts[i][(equals + 1)..]));
        }
        return tags.tags.Count > 0;
    }

    /// <summary>The tag as a number; null where it is missing or none.</summary>
    internal long? Number(string name) =>
        this[name] is { Length: > 0 and <= 15 } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The field as it was when its signatures were made: the values of s= empty (§9.6).</summary>
    internal string WithoutSignatures()
    {
        var colon = Canonical.IndexOf(':', StringComparison.Ordinal);
        var parts = Canonical[(colon + 1)..].Split(';');
        for (var i = 0; i < parts.Length; i++)
        {
            if (!parts[i].StartsWith("s=", StringComparison.OrdinalIgnoreCase)) continue;
            var sets = parts[i][2..].Split(',').Select(set =>
            {
                var pieces = set.Split(':', 3);
                return pieces.Length == 3 ? $"{pieces[0]}:{pieces[1]}:" : set;
            });
            parts[i] = parts[i][..2] + string.Join(',', sets);
        }
        return Canonical[..(colon + 1)] + string.Join(';', parts);
    }

    /// <summary>Octets of base64; null where it is none (§2.14: padded, so that values can be compared as text).</summary>
    internal static byte[]? Base64(string text)
    {
        var octets = new byte[(text.Length * 3 / 4) + 3];
        return text.Length > 0 && Convert.TryFromBase64String(text, octets, out var length) ? octets[..length] : null;
    }
}
