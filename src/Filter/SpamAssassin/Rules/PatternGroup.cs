using System.Buffers;
using System.Numerics;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>
/// All rules that look at one view. A text is read by a few automata, each for many rules, that find every rule which matches; in long texts
/// once more for the literals that rules need, which costs less than their automata would. Only rules of which that is not known for certain
/// then run on their own.
/// </summary>
internal sealed class PatternGroup
{
    private const int RulesTogether = 32;
    private const int TextsTogether = 64;
    private const int OctetsTogether = 1 << 16;
    private const int PlacesTogether = 20_000;
    private const int PlacesAlone = 100_000;
    private const int MostLiterals = 64;
    private const int ShortText = 1024;

    private readonly PatternRule[] rules;
    private readonly LiteralAutomaton? literals;
    // Bits of rules: those a literal is looked for; those that nothing rules out; those that a match of an automaton says all about.
    private readonly ulong[] literal;
    private readonly ulong[] unfiltered;
    private readonly ulong[] certain;
    private readonly ulong[] negated;
    private volatile Shard[] shards;

    private sealed record Shard(PatternAutomaton Automaton, int[] Owners);

    /// <param name="rules">The rules.</param>
    /// <param name="longTexts">Whether the texts are long enough for literals to be looked for first.</param>
    internal PatternGroup(IEnumerable<PatternRule> rules, bool longTexts = false)
    {
        this.rules = [.. rules];
        literal = new ulong[(this.rules.Length + 63) / 64];
        unfiltered = new ulong[literal.Length];
        certain = new ulong[literal.Length];
        negated = new ulong[literal.Length];
        var wanted = new List<(string, int)>();
        var owners = new List<int>();
        for (var i = 0; i < this.rules.Length; i++)
        {
            var rule = this.rules[i];
            if (rule.Negated) Set(negated, i);
            if (longTexts && !rule.Negated && rule.Regex.Required.AnyOf is { } anyOf && anyOf.Count <= MostLiterals)
            {
                wanted.AddRange(anyOf.Select(text => (text, i)));
                Set(literal, i);
                continue;
            }
            owners.Add(i);
            if (rule.Regex.IsRegular) Set(certain, i);
        }
        if (wanted.Count > 0) literals = LiteralAutomaton.Of(wanted);
        shards = [.. Divide(owners, RulesTogether)];
    }

    internal int Count => rules.Length;

    internal IReadOnlyList<PatternRule> All => rules;

    /// <summary>Rules that are too large for an automaton, and run on every text; for the figures.</summary>
    internal IEnumerable<PatternRule> Unfiltered => rules.Where((_, i) => Has(unfiltered, i));

    private static void Set(Span<ulong> bits, int bit) => bits[bit >> 6] |= 1UL << (bit & 63);

    private static void Clear(Span<ulong> bits, int bit) => bits[bit >> 6] &= ~(1UL << (bit & 63));

    private static bool Has(ReadOnlySpan<ulong> bits, int bit) => (bits[bit >> 6] & (1UL << (bit & 63))) != 0;

    private List<Shard> Divide(List<int> owners, int together)
    {
        var made = new List<Shard>();
        for (var i = 0; i < owners.Count;)
        {
            var (end, places) = (i, 0);
            while (end < owners.Count && end - i < together && (end == i || places + rules[owners[end]].Regex.Size <= PlacesTogether)) places += rules[owners[end++]].Regex.Size;
            var some = owners[i..end];
            if (PatternAutomaton.Of(some.Select(owner => rules[owner].Regex.Root), PlacesAlone) is { } automaton) made.Add(new Shard(automaton, [.. some]));
            else Forgo(some);
            i = end;
        }
        return made;
    }

    // Without an automaton nothing rules them out.
    private void Forgo(IEnumerable<int> owners)
    {
        foreach (var owner in owners)
        {
            Set(unfiltered, owner);
            Clear(certain, owner);
        }
    }

    /// <summary>Runs the rules on one text, adding to the hits in <paramref name="hits"/>.</summary>
    internal void Run(string text, RuleHits hits) => RunTogether([text], 0, false, hits);

    /// <summary>Runs the rules on the texts, of which the first may be the subject.</summary>
    internal void Run(IReadOnlyList<string> texts, bool beginsWithSubject, RuleHits hits)
    {
        if (rules.Length == 0) return;
        Span<string> some = new string[Math.Min(texts.Count, TextsTogether)];
        for (var i = 0; i < texts.Count;)
        {
            var (first, count, length) = (i, 0, 0);
            for (; i < texts.Count && count < TextsTogether && (count == 0 || length + texts[i].Length <= OctetsTogether); i++)
            {
                some[count++] = texts[i];
                length += texts[i].Length;
            }
            RunTogether(some[..count], first, beginsWithSubject, hits);
        }
    }

    // Every automaton reads all the texts before the next one has its turn: its table is then in the processor's cache.
    private void RunTogether(ReadOnlySpan<string> texts, int first, bool beginsWithSubject, RuleHits hits)
    {
        if (rules.Length == 0) return;
        var length = 0;
        foreach (var text in texts) length += text.Length;
        var rented = length > ShortText ? ArrayPool<byte>.Shared.Rent(length) : null;
        var octets = rented is null ? stackalloc byte[ShortText] : rented;
        Span<int> ends = stackalloc int[texts.Length];
        for (var (i, at) = (0, 0); i < texts.Length; i++)
        {
            ByteText.Octets(texts[i], octets.Slice(at, texts[i].Length));
            ends[i] = at += texts[i].Length;
        }
        var words = unfiltered.Length;
        var bits = ArrayPool<ulong>.Shared.Rent(2 * words * texts.Length);
        var found = bits.AsSpan(0, words * texts.Length);
        var sure = bits.AsSpan(words * texts.Length, words * texts.Length);
        Find(octets, ends, found, sure, hits.Budget);
        for (var i = 0; i < texts.Length; i++)
        {
            var begin = i == 0 ? 0 : ends[i - 1];
            TryAll(texts[i], octets[begin..ends[i]], beginsWithSubject && first + i == 0, found.Slice(i * words, words), sure.Slice(i * words, words), hits);
        }
        ArrayPool<ulong>.Shared.Return(bits);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    private void TryAll(string text, ReadOnlySpan<byte> octets, bool isSubject, ReadOnlySpan<ulong> found, ReadOnlySpan<ulong> sure, RuleHits hits)
    {
        for (var word = 0; word < found.Length; word++)
        {
            for (var bits = found[word] | negated[word]; bits != 0; bits &= bits - 1)
            {
                var i = (word << 6) + BitOperations.TrailingZeroCount(bits);
                if (!rules[i].WithoutSubject || !isSubject) Try(i, text, octets, Has(found, i), Has(sure, i), hits);
            }
        }
    }

    /// <summary>Finds the rules that may match each text, and those of which that is certain.</summary>
    private void Find(ReadOnlySpan<byte> octets, ReadOnlySpan<int> ends, Span<ulong> found, Span<ulong> sure, RunBudget budget)
    {
        var words = unfiltered.Length;
        for (var i = 0; i < ends.Length; i++)
        {
            unfiltered.CopyTo(found[(i * words)..]);
            certain.CopyTo(sure[(i * words)..]);
        }
        if (literals is not null)
        {
            for (var i = 0; i < ends.Length; i++)
            {
                var mine = found.Slice(i * words, words);
                if (literals.Find(octets[(i == 0 ? 0 : ends[i - 1])..ends[i]], mine, budget)) continue;
                for (var word = 0; word < words; word++) mine[word] |= literal[word];
            }
        }
        foreach (var shard in shards)
        {
            for (var i = 0; i < ends.Length; i++) Find(shard, octets[(i == 0 ? 0 : ends[i - 1])..ends[i]], found.Slice(i * words, words), sure.Slice(i * words, words), budget);
            if (shard.Automaton.IsTooLarge) Split(shard);
        }
    }

    private static void Find(Shard shard, ReadOnlySpan<byte> octets, Span<ulong> found, Span<ulong> sure, RunBudget budget)
    {
        var bits = 0UL;
        var finished = shard.Automaton.Find(octets, ref bits, budget);
        for (var left = finished ? bits : ~0UL >> (64 - shard.Owners.Length); left != 0; left &= left - 1)
        {
            var owner = shard.Owners[BitOperations.TrailingZeroCount(left)];
            Set(found, owner);
            if (!finished) Clear(sure, owner);
        }
    }

    private void Split(Shard shard)
    {
        lock (rules)
        {
            if (!shards.Contains(shard)) return;
            if (shard.Owners.Length == 1) Forgo(shard.Owners);
            var halves = shard.Owners.Length == 1 ? [] : Divide([.. shard.Owners], (shard.Owners.Length + 1) / 2);
            shards = [.. shards.Where(other => other != shard), .. halves];
        }
    }

    /// <summary>Runs the rules on a field that is not there.</summary>
    internal void RunOnAbsent(RuleHits hits)
    {
        foreach (var rule in OnAbsent) hits.Add(rule.Id, 1);
    }

    private PatternRule[] OnAbsent => field ??= FindOnAbsent();

    private PatternRule[] FindOnAbsent()
    {
        var budget = new RunBudget();
        var found = new ulong[unfiltered.Length];
        var sure = new ulong[unfiltered.Length];
        Find([], [0], found, sure, budget);
        return [.. rules.Where((rule, i) => (rule.IfUnset is { Length: > 0 } text ? rule.Regex.IsMatch(text, budget) : Has(found, i) && (Has(sure, i) || rule.Regex.IsMatch("", budget))) != rule.Negated)];
    }

    private void Try(int i, string text, ReadOnlySpan<byte> octets, bool found, bool sure, RuleHits hits)
    {
        var rule = rules[i];
        var already = hits.CountOf(rule.Id);
        if (already >= rule.MostHits) return;
        if (rule.Negated)
        {
            if (!found || (!sure && hits.Budget.Allows() && !rule.Regex.IsMatch(text, hits.Budget))) hits.Add(rule.Id, 1);
            return;
        }
        if (rule is { MostHits: 1, Captures: false } && sure)
        {
            hits.Add(rule.Id, 1);
            return;
        }
        if (!hits.Budget.Allows() || (Has(literal, i) && !rule.Regex.MayMatch(octets, hits.Budget, out sure))) return;
        if (sure && rule is { MostHits: 1, Captures: false }) hits.Add(rule.Id, 1);
        else if (rule.CanWait && !hits.IsComplete) hits.Waiting.Add(new WaitingRule(this, i, text));
        else Run(rule, text, octets, hits);
    }

    /// <summary>Runs a rule that had to wait.</summary>
    internal void RunWaiting(int i, string text, RuleHits hits)
    {
        if (hits.CountOf(rules[i].Id) < rules[i].MostHits && hits.Budget.Allows()) Run(rules[i], text, ByteText.Octets(text), hits);
    }

    /// <summary>The number of a rule of the group, and how often it may hit.</summary>
    internal (int Rule, int MostHits) this[int i] => (rules[i].Id, rules[i].MostHits);

    private static void Run(PatternRule rule, string text, ReadOnlySpan<byte> octets, RuleHits hits)
    {
        if (rule.MostHits > 1)
        {
            if (rule.Regex.Count(text, rule.MostHits - hits.CountOf(rule.Id), hits.Budget) is > 0 and var count) hits.Add(rule.Id, count);
        }
        else if (rule.Captures ? hits.Capture(rule.Regex.Match(text, hits.Budget)) : rule.Regex.IsMatch(text, octets, hits.Budget)) hits.Add(rule.Id, 1);
    }
}
