using System.Diagnostics.CodeAnalysis;

namespace Sternpost.MailAuth;

/// <summary>
/// The tag-list of DKIM signatures, key records and DMARC records (RFC 6376 §3.2): <c>name=value; name=value</c>.
/// Names keep their case, values lose the white space around them; a name given twice spoils the whole list.
/// </summary>
internal sealed class TagList
{
    // Real lists have a dozen tags; hostile ones are refused before they cost anything.
    private const int MaxTags = 64;
    private const int MaxLength = 32 * 1024;

    private readonly List<KeyValuePair<string, string>> tags;

    private TagList(List<KeyValuePair<string, string>> tags) => this.tags = tags;

    public int Count => tags.Count;

    public string? this[string name]
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

    public bool StartsWith(string name, string value) => tags.Count > 0 && tags[0].Key == name && tags[0].Value == value;

    public static bool TryParse(string text, [NotNullWhen(true)] out TagList? list)
    {
        list = null;
        if (text.Length > MaxLength) return false;
        var tags = new List<KeyValuePair<string, string>>();
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf(';');
            var tag = Trim(end < 0 ? rest : rest[..end]);
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (tag.IsEmpty)
            {
                // Only the last semicolon may stand before nothing; two in a row are an empty tag, which the grammar lacks.
                if (Trim(rest).IsEmpty) break;
                return false;
            }
            var equals = tag.IndexOf('=');
            if (equals <= 0) return false;
            var name = Trim(tag[..equals]);
            if (!IsName(name)) return false;
            var key = name.ToString();
            if (tags.Count == MaxTags || tags.Exists(known => known.Key == key)) return false;
            tags.Add(new(key, Trim(tag[(equals + 1)..]).ToString()));
        }
        list = new TagList(tags);
        return true;
    }

    /// <summary>The value without any white space: base64 and colon lists may be folded anywhere (RFC 6376 §2.4 FWS).</summary>
    public static string WithoutSpace(string value) =>
        value.AsSpan().IndexOfAny(" \t\r\n") < 0 ? value : string.Concat(value.Where(c => c is not (' ' or '\t' or '\r' or '\n')));

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => text.Trim(" \t\r\n");

    // RFC 6376 §3.2: tag-name = ALPHA *(ALPHA / DIGIT / "_")
    private static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || !char.IsAsciiLetter(name[0])) return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_') return false;
        }
        return true;
    }
}
