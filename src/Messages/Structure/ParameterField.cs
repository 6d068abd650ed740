using System.Text;

namespace Sternpost.Messages.Structure;

/// <summary>
/// A field of the form <c>value; name=value; …</c> (RFC 2045 §5.1, RFC 2183), read as tolerantly as readers of mail do: comments are
/// skipped, a value may be unquoted though it holds spaces, and what cannot be read is left out.
/// </summary>
internal ref struct ParameterField
{
    private const int MaxParameters = 100;

    private readonly string text;
    private int position;

    private ParameterField(string text) => this.text = text;

    /// <summary>Splits the field; the value is trimmed, in lower case, and may be anything.</summary>
    internal static (string Value, IReadOnlyList<KeyValuePair<string, string>> Parameters) Parse(string text)
    {
        var field = new ParameterField(text);
        var value = field.Until(';').ToLowerInvariant();
        List<KeyValuePair<string, string>>? parameters = null;
        while (field.position < text.Length && (parameters?.Count ?? 0) < MaxParameters)
        {
            if (field.Parameter() is { } parameter) (parameters ??= []).Add(parameter);
        }
        return (value, parameters ?? (IReadOnlyList<KeyValuePair<string, string>>)[]);
    }

    /// <summary>The boundary of a multipart, its pieces joined where RFC 2231 §3 split it; null where there is none that can be used.</summary>
    internal static byte[]? Boundary(IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        string? boundary = null;
        var pieces = 0;
        foreach (var (name, value) in parameters)
        {
            if (name == "boundary") return Usable(value);
            if (!name.StartsWith("boundary*", StringComparison.Ordinal)) continue;
            var plain = name[^1] == '*' ? Unescape(pieces == 0 ? value[(value.LastIndexOf('\'') + 1)..] : value) : value;
            boundary = pieces++ == 0 ? plain : boundary + plain;
        }
        return boundary is null ? null : Usable(boundary);
    }

    // RFC 2046 §5.1.1 allows 70 characters; mail with more exists, and a line of mail has at most 998.
    private static byte[]? Usable(string boundary)
    {
        boundary = boundary.TrimEnd(' ', '\t');
        if (boundary.Length is 0 or > 998) return null;
        return Ascii.IsValid(boundary) ? Encoding.ASCII.GetBytes(boundary) : Encoding.UTF8.GetBytes(boundary);
    }

    private static string Unescape(string value)
    {
        if (!value.Contains('%', StringComparison.Ordinal)) return value;
        var plain = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '%' && i + 2 < value.Length && byte.TryParse(value.AsSpan(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var octet))
            {
                plain.Append((char)octet);
                i += 2;
            }
            else plain.Append(value[i]);
        }
        return plain.ToString();
    }

    private KeyValuePair<string, string>? Parameter()
    {
        var name = Until('=', ';').ToLowerInvariant();
        if (position == 0 || position > text.Length || text[position - 1] != '=') return null;
        while (position < text.Length && text[position] is ' ' or '\t') position++;
        string value;
        if (position < text.Length && text[position] == '"')
        {
            value = Quoted();
            Until(';');
        }
        else
        {
            value = Until(';');
        }
        return name.Length == 0 || name.Contains(' ', StringComparison.Ordinal) ? null : new(name, value);
    }

    /// <summary>Text up to and past a stop character outside comments and quotes, comments left out, trimmed.</summary>
    private string Until(char stop, char otherStop = ';')
    {
        var start = position;
        StringBuilder? withoutComments = null;
        while (position < text.Length)
        {
            var c = text[position];
            if (c == stop || c == otherStop) break;
            if (c == '(' && (position == start || text[position - 1] is ' ' or '\t' or ')'))
            {
                (withoutComments ??= new StringBuilder()).Append(text, start, position - start);
                start = position = EndOfComment(text, position);
            }
            else if (c == '"')
            {
                Quoted();
            }
            else
            {
                position++;
            }
        }
        var tail = text.AsSpan(start, position - start);
        if (position < text.Length) position++;
        return withoutComments is null ? tail.Trim().ToString() : withoutComments.Append(tail).ToString().Trim();
    }

    /// <summary>Past the comment that begins at <paramref name="start"/>: comments nest (RFC 5322 §3.2.2), and one that never ends goes to the end.</summary>
    internal static int EndOfComment(string text, int start)
    {
        var depth = 0;
        for (var i = start; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\': i++; break;
                case '(': depth++; break;
                case ')' when --depth == 0: return i + 1;
            }
        }
        return text.Length;
    }

    /// <summary>The quoted string at the position, unquoted; one that never ends goes to the end of the field.</summary>
    private string Quoted()
    {
        var start = ++position;
        StringBuilder? unescaped = null;
        for (; position < text.Length && text[position] != '"'; position++)
        {
            if (text[position] != '\\' || position + 1 == text.Length) continue;
            (unescaped ??= new StringBuilder()).Append(text, start, position - start);
            start = ++position;
        }
        var tail = text.AsSpan(start, Math.Min(position, text.Length) - start);
        if (position < text.Length) position++;
        return unescaped is null ? tail.ToString() : unescaped.Append(tail).ToString();
    }
}
