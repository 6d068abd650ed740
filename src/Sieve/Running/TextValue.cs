using System.Text;

namespace Sternpost.Sieve.Running;

/// <summary>A string of a script: fixed, or with variables in it (RFC 5229 §3).</summary>
internal abstract class TextValue
{
    /// <summary>The string where it is the same for each message; null where it is not.</summary>
    internal virtual string? Constant => null;

    internal abstract string Of(ScriptRun run);

    internal static TextValue Fixed(string text) => new FixedText(text);

    /// <summary>Reads the variables in a string.</summary>
    /// <param name="text">The string, encoded characters undone.</param>
    /// <param name="problem">What is wrong with a reference in it, or null.</param>
    internal static TextValue Parse(string text, out string? problem)
    {
        problem = null;
        List<Piece> pieces = [];
        var literal = 0;
        for (var at = text.IndexOf("${", StringComparison.Ordinal); at >= 0 && at < text.Length; at = text.IndexOf("${", at, StringComparison.Ordinal))
        {
            var end = Reference(text, at + 2);
            if (end < 0)
            {
                at += 2;
                continue;
            }
            var name = text[(at + 2)..end];
            if (literal < at) pieces.Add(new Piece(text[literal..at], null, -1));
            if (char.IsAsciiDigit(name[0]))
            {
                // RFC 5229 §3.2: leading zeros mean nothing.
                var digits = name.TrimStart('0');
                var number = digits.Length switch { 0 => 0, > 4 => int.MaxValue, _ => int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture) };
                if (number > MaxMatch) problem ??= $"match value index {(number == int.MaxValue ? digits : number)} is out of range: there are at most {MaxMatch}";
                pieces.Add(new Piece("", null, number));
            }
            else
            {
                if (name.Contains('.', StringComparison.Ordinal) && !name.StartsWith("global.", StringComparison.OrdinalIgnoreCase)) problem ??= $"the namespace of the variable '{name}' is not known";
                pieces.Add(new Piece("", name.ToLowerInvariant(), -1));
            }
            at = literal = end + 1;
        }
        if (pieces.Count == 0) return new FixedText(text);
        if (literal < text.Length) pieces.Add(new Piece(text[literal..], null, -1));
        return new VariableText(pieces);
    }

    /// <summary>Most match values; RFC 5229 §3.2 asks for nine at least.</summary>
    internal const int MaxMatch = 32;

    // variable-ref = "${" *namespace variable-name "}": the place of its brace, or -1 where it is none and stays text.
    private static int Reference(string text, int at)
    {
        var start = at;
        if (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            return at < text.Length && text[at] == '}' ? at : -1;
        }
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_' || (text[at] == '.' && at > start && text[at - 1] != '.')))
        {
            // A part of a name begins with no digit.
            if (char.IsAsciiDigit(text[at]) && (at == start || text[at - 1] == '.')) return -1;
            at++;
        }
        return at > start && at < text.Length && text[at] == '}' && text[at - 1] != '.' ? at : -1;
    }

    private readonly record struct Piece(string Literal, string? Variable, int Match);

    private sealed class FixedText(string text) : TextValue
    {
        internal override string? Constant => text;

        internal override string Of(ScriptRun run) => text;
    }

    private sealed class VariableText(List<Piece> pieces) : TextValue
    {
        internal override string Of(ScriptRun run)
        {
            var text = new StringBuilder();
            foreach (var piece in pieces)
            {
                text.Append(piece.Variable is { } variable ? run.Variables.Get(variable) : piece.Match >= 0 ? run.MatchValue(piece.Match) : piece.Literal);
                // What would be longer than any variable is cut (RFC 5229 §6), and no string doubles itself without end.
                if (text.Length > run.Limits.VariableCharacters * 4) break;
            }
            run.Budget.Spend(text.Length, 0);
            return text.ToString();
        }
    }
}
