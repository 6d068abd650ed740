using Sternpost.Messages.Addresses;

namespace Sternpost.Sieve.Actions;

/// <summary>An address a script names: bare, or behind a name (RFC 5228 §2.4.2.3).</summary>
internal static class OutgoingAddress
{
    private static readonly System.Buffers.SearchValues<char> NotInNames = System.Buffers.SearchValues.Create("<>@,;\r\n");

    /// <summary>The address and the name before it; null where it is not exactly one.</summary>
    internal static (EmailAddress Address, string? Name)? Parse(string text)
    {
        text = text.Trim(' ', '\t', '\r', '\n');
        string? name = null;
        if (text.EndsWith('>'))
        {
            var open = text.LastIndexOf('<');
            if (open < 0) return null;
            name = text[..open].Trim().Trim('"');
            if (name.AsSpan().ContainsAny(NotInNames)) return null;
            text = text[(open + 1)..^1].Trim();
        }
        var at = text.LastIndexOf('@');
        if (at <= 0) return null;
        // White space around the at-sign is that of old mail programs (RFC 5322 §4.4) and means nothing.
        var local = text[..at].Trim();
        var domain = text[(at + 1)..].Trim();
        if (local.Length == 0 || domain.Length == 0 || domain.Contains(' ', StringComparison.Ordinal)) return null;
        if (local is ['"', .., '"'] && local.Length > 2)
        {
            if (Unquote(local) is not { } plain) return null;
            local = plain;
        }
        else if (!local.All(IsAtomText)) return null;
        return EmailAddress.TryParse($"{Quoted(local)}@{domain}", out var address) ? (address, string.IsNullOrEmpty(name) ? null : name) : null;
    }

    private static bool IsAtomText(char c) => char.IsAsciiLetterOrDigit(c) || c is '!' or '#' or '$' or '%' or '&' or '\'' or '*' or '+' or '-' or '/' or '=' or '?' or '^' or '_' or '`' or '{' or '|' or '}' or '~' or '.';

    private static string? Unquote(string quoted)
    {
        var text = new System.Text.StringBuilder();
        for (var at = 1; at < quoted.Length - 1; at++)
        {
            if (quoted[at] == '"' || char.IsControl(quoted[at])) return null;
            if (quoted[at] == '\\' && at + 1 < quoted.Length - 1) at++;
            text.Append(quoted[at]);
        }
        return text.ToString();
    }

    // RFC 5321 §4.1.2: quoted only where it must be; dots in odd places, as Japanese providers had them, need quotes too.
    private static string Quoted(string local)
    {
        var atoms = local.Split('.');
        if (atoms.All(atom => atom.Length > 0 && atom.All(IsAtomText))) return local;
        return "\"" + local.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
    }
}
