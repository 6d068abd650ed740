using System.Text;

namespace Sternpost.MailAuth.Spf;

/// <summary>The macro language of SPF (RFC 7208 §7): checking it when a record is read, expanding it when a term is evaluated.</summary>
internal static class SpfMacro
{
    /// <summary>Letters of §7.2 that a domain-spec may use.</summary>
    public const string DomainLetters = "slodiphv";

    /// <summary>All letters; c, r and t mean something only in explanations.</summary>
    public const string AnyLetter = "slodiphvcrt";

    private const int MaxExpansion = 4096;

    /// <summary>Answers a macro letter's value; asynchronous because p asks DNS.</summary>
    public delegate ValueTask<string> Values(char letter, CancellationToken cancellation);

    public static bool IsMacroString(string text, string letters)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                // macro-literal = %x21-24 / %x26-7E
                if (text[i] is <= ' ' or > '~') return false;
                continue;
            }
            if (++i == text.Length) return false;
            if (text[i] is '%' or '_' or '-') continue;
            if (text[i] != '{' || !TryReadExpand(text, ref i, letters, out _)) return false;
        }
        return true;
    }

    /// <summary>RFC 7208 §7.1 domain-spec: a macro-string that ends in a top label or in a macro.</summary>
    public static bool IsDomainSpec(string text)
    {
        if (!IsMacroString(text, DomainLetters)) return false;
        // macro-expand at the end: "%%", "%_", "%-" or a closing brace that belongs to a macro.
        if (EndsInMacro(text)) return true;
        var end = text.EndsWith('.') ? text.Length - 1 : text.Length;
        var dot = end > 0 ? text.LastIndexOf('.', end - 1) : -1;
        return dot >= 0 && IsTopLabel(text[(dot + 1)..end]);
    }

    /// <summary>Expands a macro-string that <see cref="IsMacroString"/> accepted; null where the outcome grows past all use.</summary>
    public static async ValueTask<string?> ExpandAsync(string text, Values values, CancellationToken cancellation)
    {
        if (!text.Contains('%', StringComparison.Ordinal)) return text;
        var expanded = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (expanded.Length > MaxExpansion) return null;
            if (text[i] != '%')
            {
                expanded.Append(text[i]);
                continue;
            }
            switch (text[++i])
            {
                case '%': expanded.Append('%'); break;
                case '_': expanded.Append(' '); break;
                case '-': expanded.Append("%20"); break;
                default:
                    if (!TryReadExpand(text, ref i, AnyLetter, out var macro)) return null;
                    var value = Transform(await values(char.ToLowerInvariant(macro.Letter), cancellation).ConfigureAwait(false), macro);
                    // RFC 7208 §7.3: an upper-case letter asks for URL escaping.
                    expanded.Append(char.IsAsciiLetterUpper(macro.Letter) ? Uri.EscapeDataString(value) : value);
                    break;
            }
        }
        return expanded.Length > MaxExpansion ? null : expanded.ToString();
    }

    private static string Transform(string value, Expand macro)
    {
        var parts = value.Split([.. macro.Delimiters.Length == 0 ? "." : macro.Delimiters]);
        if (macro.Reverse) Array.Reverse(parts);
        return string.Join('.', macro.Keep is { } keep && keep < parts.Length ? parts[^keep..] : parts);
    }

    // From the opening brace to the closing one; leaves the index on the latter.
    private static bool TryReadExpand(string text, ref int i, string letters, out Expand macro)
    {
        macro = default;
        var at = i + 1;
        if (at >= text.Length || !letters.Contains(char.ToLowerInvariant(text[at]), StringComparison.Ordinal)) return false;
        var letter = text[at++];
        int? keep = null;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            keep = Math.Min(((keep ?? 0) * 10) + text[at++] - '0', 1000);
        }
        // RFC 7208 §7.3: a zero is an error.
        if (keep == 0) return false;
        var reverse = at < text.Length && text[at] is 'r' or 'R';
        if (reverse) at++;
        var delimiters = at;
        while (at < text.Length && ".-+,/_=".Contains(text[at], StringComparison.Ordinal)) at++;
        if (at >= text.Length || text[at] != '}') return false;
        macro = new Expand(letter, keep, reverse, text[delimiters..at]);
        i = at;
        return true;
    }

    private static bool EndsInMacro(string text)
    {
        var ends = false;
        for (var i = 0; i < text.Length; i++)
        {
            ends = text[i] == '%';
            if (!ends) continue;
            i++;
            if (text[i] == '{') i = text.IndexOf('}', i);
        }
        return ends;
    }

    // toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
    private static bool IsTopLabel(string label) =>
        label.Length > 0 && label[0] != '-' && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && label.Any(c => !char.IsAsciiDigit(c));

    private readonly record struct Expand(char Letter, int? Keep, bool Reverse, string Delimiters);
}
