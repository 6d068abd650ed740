using System.Globalization;

namespace Sternpost.Filter.SpamAssassin.Patterns;

/// <summary>Reads a Perl pattern into its parts. Depth and size are bounded; what .NET cannot do is named in <see cref="Fault"/>.</summary>
internal sealed partial class PerlPatternParser(string text, string modifiers)
{
    private const int DeepestNesting = 200;
    private const int MostNodes = 50_000;

    private int position;
    private int depth;
    private int nodes;
    private int groups;
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly List<string> references = [];

    /// <summary>Why the pattern cannot be used; null while it can.</summary>
    internal string? Fault { get; private set; }

    private bool AtEnd => position >= text.Length || Fault is not null;

    internal PatternNode? Parse()
    {
        var flags = Modifiers.None.With(modifiers, true);
        if (flags is null) Fail("a modifier of the pattern is unknown");
        var root = ParseAlternation(flags ?? Modifiers.None);
        if (Fault is null && position < text.Length) Fail("a parenthesis has no beginning");
        foreach (var reference in references)
        {
            var known = int.TryParse(reference, out var number) ? number >= 1 && number <= groups : names.Contains(reference);
            if (!known) Fail("a reference to a group that is not there");
        }
        return Fault is null ? root : null;
    }

    private SequenceNode Fail(string reason)
    {
        Fault ??= reason;
        return SequenceNode.Empty;
    }

    private PatternNode ParseAlternation(Modifiers flags)
    {
        if (++depth > DeepestNesting) return Fail("the pattern is nested too deeply");
        List<PatternNode>? branches = null;
        var first = ParseSequence(ref flags);
        while (!AtEnd && text[position] == '|')
        {
            position++;
            (branches ??= [first]).Add(ParseSequence(ref flags));
        }
        depth--;
        return branches is null ? first : new AlternationNode(branches);
    }

    // Modifiers set in the middle hold until the end of the group, over the bars as well.
    private PatternNode ParseSequence(ref Modifiers flags)
    {
        var parts = new List<PatternNode>();
        while (!AtEnd)
        {
            var c = text[position];
            if (c is '|' or ')') break;
            if (flags.Extended && SkipExtended()) continue;
            if (++nodes > MostNodes) return Fail("the pattern has too many parts");
            var atom = ParseAtom(ref flags);
            if (atom is null) continue;
            parts.Add(ParseQuantifiers(atom, flags));
        }
        return parts.Count == 1 ? parts[0] : new SequenceNode(parts);
    }

    private bool SkipExtended()
    {
        var c = text[position];
        if (c == '#')
        {
            var end = text.IndexOf('\n', position);
            position = end < 0 ? text.Length : end + 1;
            return true;
        }
        if (!char.IsWhiteSpace(c)) return false;
        position++;
        return true;
    }

    private PatternNode ParseQuantifiers(PatternNode atom, Modifiers flags)
    {
        while (!AtEnd)
        {
            while (flags.Extended && !AtEnd && SkipExtended())
            {
            }
            if (AtEnd || !TryQuantifier(out var least, out var most)) return atom;
            if (most >= 0 && most < least) return Fail("a repetition ends before it begins");
            var manner = RepeatManner.Greedy;
            if (!AtEnd && text[position] is '?' or '+')
            {
                manner = text[position] == '?' ? RepeatManner.Lazy : RepeatManner.Possessive;
                position++;
            }
            atom = atom is AnchorNode or SequenceNode { Parts.Count: 0 } ? least == 0 ? SequenceNode.Empty : atom : new RepeatNode(atom, least, most, manner);
            if (++nodes > MostNodes) return Fail("the pattern has too many parts");
        }
        return atom;
    }

    private bool TryQuantifier(out int least, out int most)
    {
        (least, most) = (0, -1);
        switch (position < text.Length ? text[position] : '\0')
        {
            case '*': position++; return true;
            case '+': position++; least = 1; return true;
            case '?': position++; most = 1; return true;
            case '{': return TryBraces(out least, out most);
            default: return false;
        }
    }

    // perlre: a brace that is no quantifier stands for itself.
    private bool TryBraces(out int least, out int most)
    {
        (least, most) = (0, -1);
        var end = text.IndexOf('}', position);
        if (end < 0 || end - position > 12) return false;
        var inside = text.AsSpan(position + 1, end - position - 1).Trim();
        var comma = inside.IndexOf(',');
        var low = comma < 0 ? inside : inside[..comma].Trim();
        var high = comma < 0 ? inside : inside[(comma + 1)..].Trim();
        if (low.IsEmpty && high.IsEmpty) return false;
        if (!low.IsEmpty && !int.TryParse(low, NumberStyles.None, CultureInfo.InvariantCulture, out least)) return false;
        if (!high.IsEmpty && !int.TryParse(high, NumberStyles.None, CultureInfo.InvariantCulture, out most)) return false;
        if (high.IsEmpty) most = -1;
        if (least > 65535 || most > 65535) return false;
        position = end + 1;
        return true;
    }

    private PatternNode? ParseAtom(ref Modifiers flags)
    {
        var c = text[position++];
        switch (c)
        {
            case '(': return ParseGroup(ref flags);
            case '[': return ParseClass(flags);
            case '.': return new OctetNode(flags.Single ? ByteSet.All : ~ByteSet.NewLine);
            case '^': return new AnchorNode(flags.Multi ? "(?m:^)" : "\\A");
            case '$': return new AnchorNode(flags.Multi ? "(?m:$)" : "\\Z");
            case '\\': return ParseEscape(flags);
            case '*' or '+' or '?': return Fail("a repetition has nothing to repeat");
            default: return Octet(c, flags);
        }
    }

    private static OctetNode Octet(char c, Modifiers flags) => Set(c > 0xFF ? ByteSet.None : ByteSet.Of(c), flags);

    private static OctetNode Set(ByteSet set, Modifiers flags) => new(flags.IgnoreCase ? set.BothCases() : set);

    private PatternNode? ParseGroup(ref Modifiers flags)
    {
        if (AtEnd) return Fail("a group has no end");
        if (text[position] == '*') return Fail("backtracking verbs are not supported");
        if (text[position] != '?') return Close(new CaptureNode(ParseAlternation(flags), NextGroup(), null));
        position++;
        if (AtEnd) return Fail("a group has no end");
        var kind = text[position];
        switch (kind)
        {
            case '#':
                var end = text.IndexOf(')', position);
                position = end < 0 ? text.Length : end + 1;
                return null;
            case ':': position++; return Close(ParseAlternation(flags));
            case '>': position++; return Close(new AtomicNode(ParseAlternation(flags)));
            case '=': position++; return Close(new LookNode(ParseAlternation(flags), false, false));
            case '!': position++; return Close(new LookNode(ParseAlternation(flags), false, true));
            case '|': return Fail("branch reset is not supported");
            case '(': return ParseCondition(flags);
            case '<' when position + 1 < text.Length && text[position + 1] is '=' or '!':
                var negative = text[position + 1] == '!';
                position += 2;
                return Close(new LookNode(ParseAlternation(flags), true, negative));
            case '<': return ParseNamed('>', flags, 1);
            case '\'': return ParseNamed('\'', flags, 1);
            case 'P' when position + 1 < text.Length && text[position + 1] == '<': return ParseNamed('>', flags, 2);
            case 'P' when position + 1 < text.Length && text[position + 1] == '=':
                var close = text.IndexOf(')', position);
                if (close < 0) return Fail("a group has no end");
                var name = text[(position + 2)..close];
                position = close + 1;
                return Reference(name, flags);
            case 'R' or '&' or '+' or 'P' or (>= '0' and <= '9'): return Fail("recursion is not supported");
            case '{' or '?': return Fail("code in a pattern is never run");
            default: return ParseModifiers(ref flags);
        }
    }

    private int NextGroup() => ++groups;

    private PatternNode Close(PatternNode node)
    {
        if (Fault is not null) return node;
        if (position >= text.Length || text[position] != ')') return Fail("a group has no end");
        position++;
        return node;
    }

    private PatternNode ParseNamed(char closing, Modifiers flags, int skip)
    {
        var end = text.IndexOf(closing, position + skip);
        if (end < 0) return Fail("a group's name has no end");
        var name = text[(position + skip)..end];
        if (name.Length is 0 or > 64 || char.IsAsciiDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) return Fail("a group's name is malformed");
        position = end + 1;
        names.Add(name);
        var number = NextGroup();
        return Close(new CaptureNode(ParseAlternation(flags), number, name));
    }

    private PatternNode ParseCondition(Modifiers flags)
    {
        var end = text.IndexOf(')', position);
        if (end < 0) return Fail("a condition has no end");
        var group = text[(position + 1)..end].Trim('<', '>', '\'');
        if (group.Length == 0 || !group.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || group is "DEFINE" or "R") return Fail("this kind of condition is not supported");
        position = end + 1;
        references.Add(group);
        var inner = ParseAlternation(flags);
        if (inner is AlternationNode { Branches.Count: > 2 }) return Fail("a condition has more than two branches");
        return Close(inner is AlternationNode { Branches: [var yes, var no] } ? new ConditionNode(group, yes, no) : new ConditionNode(group, inner, SequenceNode.Empty));
    }

    private PatternNode? ParseModifiers(ref Modifiers flags)
    {
        var end = position;
        while (end < text.Length && (char.IsAsciiLetterLower(text[end]) || text[end] is '-' or '^')) end++;
        if (end >= text.Length || text[end] is not (')' or ':')) return Fail("this kind of group is not supported");
        var letters = text[position..end];
        var changed = letters.StartsWith('^') ? Modifiers.None : flags;
        letters = letters.TrimStart('^');
        var dash = letters.IndexOf('-', StringComparison.Ordinal);
        var on = dash < 0 ? letters : letters[..dash];
        var off = dash < 0 ? "" : letters[(dash + 1)..];
        var result = changed.With(on, true)?.With(off, false);
        if (result is null) return Fail("a modifier of the pattern is unknown");
        position = end + 1;
        if (text[end] == ':') return Close(ParseAlternation(result.Value));
        flags = result.Value;
        return null;
    }

    /// <summary>The modifiers in force.</summary>
    private readonly record struct Modifiers(bool IgnoreCase, bool Multi, bool Single, bool Extended)
    {
        internal static readonly Modifiers None = new(false, false, false, false);

        internal Modifiers? With(string letters, bool on)
        {
            var result = this;
            foreach (var letter in letters)
            {
                switch (letter)
                {
                    case 'i': result = result with { IgnoreCase = on }; break;
                    case 'm': result = result with { Multi = on }; break;
                    case 's': result = result with { Single = on }; break;
                    case 'x': result = result with { Extended = on }; break;
                    // Character sets (a, d, l, u) say nothing new about octets; p, o, g, c and n change no answer.
                    case 'a' or 'd' or 'l' or 'u' or 'p' or 'o' or 'g' or 'c' or 'n': break;
                    default: return null;
                }
            }
            return result;
        }
    }
}
