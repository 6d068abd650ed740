using System.Buffers;

namespace Sternpost.MailAuth.Results;

/// <summary>One method's result in an Authentication-Results field.</summary>
/// <param name="Method">Lower case, without its version.</param>
/// <param name="Result">Lower case.</param>
/// <param name="Properties">As written, for example <c>header.from</c> and its value, in order.</param>
public sealed record MethodResult(string Method, string Result, IReadOnlyList<KeyValuePair<string, string>> Properties)
{
    /// <summary>The first value of a property, or null.</summary>
    public string? this[string property]
    {
        get
        {
            foreach (var (name, value) in Properties)
            {
                if (name.Equals(property, StringComparison.OrdinalIgnoreCase)) return value;
            }
            return null;
        }
    }
}

/// <summary>Reads what other servers wrote into Authentication-Results and ARC-Authentication-Results (RFC 8601 §2.2). Takes any text; what makes no sense is left out.</summary>
public static class ResultsReader
{
    private const int MaxLength = 16 * 1024;
    private const int MaxResults = 64;
    private const int MaxTokens = 1024;

    private static readonly SearchValues<char> Delimiters = SearchValues.Create(" \t\r\n;=(\"");

    /// <summary>The results of a value that begins with an authserv-id.</summary>
    public static IReadOnlyList<MethodResult> Read(string value)
    {
        var results = new List<MethodResult>();
        if (value.Length > MaxLength) return results;
        var tokens = Tokens(value);
        var start = 0;
        for (var i = 0; i <= tokens.Count && results.Count < MaxResults; i++)
        {
            if (i < tokens.Count && tokens[i] != ";") continue;
            // The first part is the authserv-id.
            if (start > 0 && Result(tokens, start, i) is { } result) results.Add(result);
            start = i + 1;
        }
        return results;
    }

    private static MethodResult? Result(List<string> tokens, int start, int end)
    {
        if (end - start < 3 || tokens[start + 1] != "=") return null;
        var method = tokens[start].ToLowerInvariant();
        if (method.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash) method = method[..slash];
        var properties = new List<KeyValuePair<string, string>>();
        for (var i = start + 3; i + 2 < end; i++)
        {
            if (tokens[i + 1] != "=") continue;
            properties.Add(new(tokens[i], tokens[i + 2]));
            i += 2;
        }
        return new MethodResult(method, tokens[start + 2].ToLowerInvariant(), properties);
    }

    // Words, quoted strings without their quotes, "=" and ";"; comments are left out.
    private static List<string> Tokens(string text)
    {
        var tokens = new List<string>();
        for (var i = 0; i < text.Length && tokens.Count < MaxTokens;)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c)) i++;
            else if (c is ';' or '=')
            {
                tokens.Add(c == ';' ? ";" : "=");
                i++;
            }
            else if (c == '(') i = AfterComment(text, i);
            else if (c == '"') i = AddQuoted(text, i, tokens);
            else
            {
                var end = text.AsSpan(i).IndexOfAny(Delimiters);
                end = end < 0 ? text.Length : i + Math.Max(end, 1);
                tokens.Add(text[i..end]);
                i = end;
            }
        }
        return tokens;
    }

    private static int AddQuoted(string text, int start, List<string> tokens)
    {
        var value = new System.Text.StringBuilder();
        var i = start + 1;
        for (; i < text.Length && text[i] != '"'; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length) i++;
            value.Append(text[i]);
        }
        tokens.Add(value.ToString());
        return i + 1;
    }

    private static int AfterComment(string text, int start)
    {
        var depth = 0;
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '(') depth++;
            else if (text[i] == ')' && --depth == 0) return i + 1;
        }
        return text.Length;
    }
}
