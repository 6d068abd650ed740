using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>A Content-Type field as SpamAssassin reads it.</summary>
/// <param name="Type">Type and subtype, lower case; unknown kinds of text are <c>text/plain</c>.</param>
/// <param name="Boundary">The boundary, null where there is none.</param>
/// <param name="Charset">The charset, null where there is none.</param>
/// <param name="Name">The name, null where there is none.</param>
/// <param name="Missing">True where there was no usable type.</param>
internal readonly partial record struct ContentType(string Type, string? Boundary, string? Charset, string? Name, bool Missing)
{
    internal static ContentType Of(string? field)
    {
        var missing = string.IsNullOrEmpty(field);
        var text = missing ? "text/plain; charset=us-ascii" : field!;
        var boundary = BoundaryOf().Match(text);
        var charset = CharsetOf().Match(text);
        var name = NameOf().Match(text);
        var type = text.TrimStart();
        var semicolon = type.IndexOf(';', StringComparison.Ordinal);
        if (semicolon >= 0) type = type[..semicolon];
        type = TypeOf().Replace(type, "$1").ToLowerInvariant();
        if (type.Length == 0) missing = true;
        if (type.Length == 0 || (TextWord().IsMatch(type) && type is not ("text/x-vcard" or "text/calendar" or "text/html"))) type = "text/plain";
        return new ContentType(
            Clean(type), boundary.Success ? boundary.Groups[1].Value.Replace("\"", "", StringComparison.Ordinal) : null, charset.Success ? charset.Groups[1].Value : null,
            name.Success && name.Groups[1].Length > 0 ? name.Groups[1].Value : Continued(text), missing);
    }

    // RFC 2231 §3: name*0, name*1 and so on.
    private static string? Continued(string text)
    {
        var pieces = new SortedDictionary<int, string>();
        foreach (Match match in ContinuedName().Matches(text))
        {
            if (int.TryParse(match.Groups[1].Value, out var number) && number < 100) pieces[number] = match.Groups[2].Value;
        }
        return pieces.Count == 0 || !pieces.ContainsKey(0) ? null : string.Concat(pieces.Values);
    }

    // Whatever RFC 2045 §5.1 allows in no token.
    private static string Clean(string type) => string.Concat(type.Where(c => c is > ' ' and < '\x7F' and not ('"' or '(' or ')' or ',' or (>= ':' and <= '?') or '@' or '[' or '\\' or ']')));

    [GeneratedRegex("""\bboundary\s*=\s*("[^"]+|[^\s";]+(?=[\s;]|$))""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BoundaryOf();

    [GeneratedRegex("""\bcharset\s*=\s*["']?(.*?)["']?(?:;|$)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CharsetOf();

    [GeneratedRegex("""\b(?:file)?name\s*=\s*["']?(.*?)["']?(?:;|$)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NameOf();

    [GeneratedRegex("""\b(?:file)?name\*(\d+)\s*=\s*["']?(.*?)["']?(?:;|$)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ContinuedName();

    [GeneratedRegex(@"^([^/]+(?:/[^/\s]*)?).*$", RegexOptions.Singleline)]
    private static partial Regex TypeOf();

    [GeneratedRegex(@"^text\b")]
    private static partial Regex TextWord();
}
