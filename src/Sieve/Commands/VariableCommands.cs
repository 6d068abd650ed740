using System.Globalization;
using System.Text;
using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Commands;

/// <summary><c>set</c> (RFC 5229 §4) and what sets a variable elsewhere.</summary>
internal static class VariableCommands
{
    private const int MaxName = 64;

    // RFC 5229 §4.1: of one precedence there is one at most; the highest is applied first.
    internal static readonly TagSpec[] Modifiers =
    [
        new("lower", "case"), new("upper", "case"), new("lowerfirst", "first"), new("upperfirst", "first"),
        new("quotewildcard", "quoting"), new("quoteregex", "quoting", null, "regex"), new("encodeurl", "encoding", null, "enotify"), new("length", "length"),
    ];

    internal static readonly CommandSpec Set = new("set")
    {
        Extension = "variables",
        Tags = Modifiers,
        Positionals = [new(ArgumentKind.Text, "variable name"), new(ArgumentKind.Text, "value")],
        Command = static bound =>
        {
            if (Name(bound, bound.Positional(0)) is not { } name) return null;
            var (value, modify, line) = (bound.Text(1), ReadModifiers(bound), bound.Line);
            return run =>
            {
                run.Variables.Set(name, modify(run, value.Of(run)), line);
                return Flow.Next;
            };
        },
    };

    /// <summary>A variable's name; null after an error that was reported.</summary>
    internal static string? Name(BoundCommand bound, Argument argument)
    {
        if (argument.Texts is not [var name])
        {
            bound.Fail($"the {bound.Title} takes one variable name");
            return null;
        }
        if (!bound.Compiler.Has("variables"))
        {
            bound.Fail($"the {bound.Title} needs: require \"variables\"");
            return null;
        }
        if (!bound.Compiler.IsVariable(name, out var problem))
        {
            bound.Fail(problem);
            return null;
        }
        return name.ToLowerInvariant();
    }

    /// <summary>Whether it is <c>[A-Za-z_][A-Za-z0-9_]*</c> of reasonable length.</summary>
    internal static bool IsIdentifier(string name) => name.Length is > 0 and <= MaxName && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    internal static Func<ScriptRun, string, string> ReadModifiers(BoundCommand bound)
    {
        var (casing, first, quoting, encoding, length) = (bound.Tag("case"), bound.Tag("first"), bound.Tag("quoting"), bound.Tag("encoding"), bound.Has("length"));
        return (run, text) =>
        {
            // Precedence 40 to 10.
            if (casing is not null) text = casing == "lower" ? Change(text, static c => char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c) : Change(text, static c => char.IsAsciiLetterLower(c) ? (char)(c & ~0x20) : c);
            if (first is not null && text.Length > 0) text = (first == "lowerfirst" ? char.IsAsciiLetterUpper(text[0]) ? (char)(text[0] | 0x20) : text[0] : char.IsAsciiLetterLower(text[0]) ? (char)(text[0] & ~0x20) : text[0]) + text[1..];
            if (quoting is not null) text = Quote(text, quoting == "quotewildcard" ? "*?\\" : "\\^$.[]|()*+?{}");
            if (encoding is not null) text = EncodeUrl(text, run.Limits.VariableCharacters);
            // RFC 5229 §4.1.5: in characters.
            return length ? Characters(text).ToString(CultureInfo.InvariantCulture) : text;
        };
    }

    private static int Characters(string text)
    {
        var count = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])) at++;
            count++;
        }
        return count;
    }

    private static string Change(string text, Func<char, char> change) => string.Create(text.Length, (text, change), static (made, from) =>
    {
        for (var at = 0; at < made.Length; at++) made[at] = from.change(from.text[at]);
    });

    private static string Quote(string text, string special)
    {
        var quoted = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (special.Contains(c, StringComparison.Ordinal)) quoted.Append('\\');
            quoted.Append(c);
        }
        return quoted.ToString();
    }

    // RFC 5435 §6: everything but the unreserved characters.
    private static string EncodeUrl(string text, int limit)
    {
        var encoded = new StringBuilder(text.Length * 2);
        var one = new StringBuilder(12);
        for (var at = 0; at < text.Length; at++)
        {
            var pair = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
            one.Clear();
            foreach (var octet in SieveText.Encode(pair ? text.Substring(at, 2) : text.Substring(at, 1)))
            {
                if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~') one.Append((char)octet);
                else one.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
            }
            // A variable is not cut within a character, and an encoded one has up to twelve.
            if (encoded.Length + one.Length > limit) break;
            encoded.Append(one);
            if (pair) at++;
        }
        return encoded.ToString();
    }
}
