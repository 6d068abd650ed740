using System.Buffers;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>
/// All rules that look at one view. A text is searched once for the literals of all of them; only rules of which one occurs run, and
/// those that have none are looked for by a piece of theirs, all in one pass again; the few that have neither run where the text has
/// the octets they need.
/// </summary>
internal sealed class PatternGroup
{
    private readonly PatternRule[] rules;
    private readonly LiteralIndex index;
    private readonly WindowAutomaton? automaton;
    // Bits of the rules whose windows the automaton looks for.
    private readonly ulong[] watched;
    // Bits of the rules that no literal can rule out.
    private readonly ulong[] unfiltered;

    internal PatternGroup(IEnumerable<PatternRule> rules)
    {
        this.rules = [.. rules];
        var literals = new List<(string, int)>();
        var windows = new List<(MatchWindow, int)>();
        unfiltered = new ulong[(this.rules.Length + 63) / 64];
        watched = new ulong[unfiltered.Length];
        for (var i = 0; i < this.rules.Length; i++)
        {
            var rule = this.rules[i];
            if (rule.Negated) unfiltered[i >> 6] |= 1UL << (i & 63);
            else if (rule.Regex.Required.AnyOf is { } anyOf) literals.AddRange(anyOf.Select(literal => (literal, i)));
            else if (rule.Regex.Window is { } window)
            {
                windows.Add((window, i));
                watched[i >> 6] |= 1UL << (i & 63);
            }
            else unfiltered[i >> 6] |= 1UL << (i & 63);
        }
        index = new LiteralIndex(literals);
        if (windows.Count > 0) automaton = new WindowAutomaton(windows);
    }

    internal int Count => rules.Length;

    internal IReadOnlyList<PatternRule> All => rules;

    /// <summary>Patterns that no literal rules out, which therefore run on nearly every text; for the figures.</summary>
    internal IEnumerable<PatternRule> Unfiltered => rules.Where((_, i) => (unfiltered[i >> 6] & (1UL << (i & 63))) != 0);

    /// <summary>Runs the rules on one text, adding to the hits in <paramref name="hits"/>.</summary>
    internal void Run(string text, bool isSubject, RuleHits hits)
    {
        if (rules.Length == 0) return;
        var octets = ArrayPool<byte>.Shared.Rent(text.Length);
        var found = ArrayPool<ulong>.Shared.Rent(unfiltered.Length);
        var lower = octets.AsSpan(0, text.Length);
        var present = Lower(text, lower);
        unfiltered.CopyTo(found, 0);
        index.Find(lower, found);
        automaton?.Find(lower, found, watched);
        for (var word = 0; word < unfiltered.Length; word++)
        {
            for (var bits = found[word]; bits != 0; bits &= bits - 1)
            {
                var rule = rules[(word << 6) + System.Numerics.BitOperations.TrailingZeroCount(bits)];
                if (rule.WithoutSubject && isSubject) continue;
                Try(rule, text, present, hits);
            }
        }
        ArrayPool<byte>.Shared.Return(octets);
        ArrayPool<ulong>.Shared.Return(found);
    }

    /// <summary>Runs the rules on a field that is not there.</summary>
    internal void RunOnAbsent(RuleHits hits)
    {
        foreach (var rule in rules)
        {
            var text = rule.IfUnset ?? "";
            if (rule.Regex.IsMatch(text, hits.Budget) != rule.Negated) hits.Add(rule.Id, 1);
        }
    }

    private static void Try(PatternRule rule, string text, in ByteSet present, RuleHits hits)
    {
        var already = hits.CountOf(rule.Id);
        if (already >= rule.MostHits) return;
        if (!rule.Negated)
        {
            foreach (var set in rule.Regex.Required.Sets)
            {
                if (!set.Meets(present)) return;
            }
        }
        if (!hits.Budget.Allows()) return;
        if (rule.Negated)
        {
            if (!rule.Regex.IsMatch(text, hits.Budget)) hits.Add(rule.Id, 1);
        }
        else if (rule.MostHits == 1)
        {
            if (rule.Captures ? hits.Capture(rule.Regex.Match(text, hits.Budget)) : rule.Regex.IsMatch(text, hits.Budget)) hits.Add(rule.Id, 1);
        }
        else if (rule.Regex.Count(text, rule.MostHits - already, hits.Budget) is > 0 and var count) hits.Add(rule.Id, count);
    }

    /// <summary>The text in lower case, and the octets it has.</summary>
    private static ByteSet Lower(string text, Span<byte> lower)
    {
        Span<bool> seen = stackalloc bool[256];
        seen.Clear();
        for (var i = 0; i < text.Length; i++)
        {
            var octet = ByteText.Octet(text[i]);
            seen[octet] = true;
            lower[i] = (uint)(octet - 'A') <= 'Z' - 'A' ? (byte)(octet | 0x20) : octet;
        }
        Span<ulong> words = stackalloc ulong[4];
        for (var octet = 0; octet < 256; octet++)
        {
            if (seen[octet]) words[octet >> 6] |= 1UL << (octet & 63);
        }
        return new ByteSet(words[0], words[1], words[2], words[3]);
    }
}
