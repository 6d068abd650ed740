namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>A Perl pattern that was understood, or why it was not.</summary>
/// <param name="Root">The pattern; null where <paramref name="Fault"/> says why there is none.</param>
/// <param name="Fault">A short reason for the list of unsupported rules.</param>
internal sealed record PerlPattern(PatternNode? Root, string? Fault)
{
    /// <summary>Longest pattern read; the longest of SpamAssassin's own have some 80,000 characters once their tags are replaced.</summary>
    internal const int LongestPattern = 256 * 1024;

    /// <summary>Reads a pattern with its delimiters, as rule files have it: <c>/…/i</c> or <c>m{…}</c>.</summary>
    internal static PerlPattern ParseDelimited(string text)
    {
        if (!Undelimit(text, out var body, out var modifiers, out var fault)) return new(null, fault);
        return Parse(body, modifiers);
    }

    /// <summary>Reads a pattern without delimiters.</summary>
    internal static PerlPattern Parse(string body, string modifiers = "")
    {
        if (body.Length > LongestPattern) return new(null, "the pattern is too long");
        var parser = new PerlPatternParser(body, modifiers);
        var root = parser.Parse();
        return parser.Fault is null ? new(root, null) : new(null, parser.Fault);
    }

    /// <summary>Takes delimiters and modifiers off.</summary>
    internal static bool Undelimit(string text, out string body, out string modifiers, out string? fault)
    {
        body = modifiers = "";
        fault = null;
        var start = text.StartsWith('/') ? 1 : text.StartsWith("qr", StringComparison.Ordinal) ? 3 : text.StartsWith('m') ? 2 : 0;
        if (start == 0 || text.Length <= start)
        {
            fault = "the pattern has no delimiters";
            return false;
        }
        var open = text[start - 1];
        if (char.IsAsciiLetterOrDigit(open) || open is '_' or '\\')
        {
            fault = "the pattern has no delimiters";
            return false;
        }
        var close = open switch { '{' => '}', '(' => ')', '<' => '>', '[' => ']', _ => open };
        var end = text.Length;
        // The modifier e would run code.
        while (end > start && char.IsAsciiLetterLower(text[end - 1]) && text[end - 1] != 'e') end--;
        if (end <= start || text[end - 1] != close)
        {
            fault = "the pattern does not end with its delimiter";
            return false;
        }
        body = text[start..(end - 1)];
        modifiers = text[end..];
        return true;
    }
}
