using System.Buffers;
using System.Numerics;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>
/// All rules that look at one view. A text is read once for the literals that rules need and once for each 64 of the fragments that others
/// need instead; only rules of which what they need is there then run, each on its own automaton. So a text costs about the same however
/// many rules there are.
/// </summary>
internal sealed class PatternGroup
{
    private const int TextsTogether = 64;
    private const int OctetsTogether = 1 << 16;
    private const int RulesTogether = 32;
    private const int PlacesTogether = 20_000;
    private const int SmallPattern = 150;
    private const int MiddlingPattern = 200;
    private const int ShortMatch = 64;
    private const int MostLiterals = 512;
    private const int ShortText = 1024;
    // So few rules are quicker tried than ruled out.
    private const int FewRules = 2;
    // How much rarer than its literals a rule's fragments must be to be looked for as well.
    private const double MuchRarer = 0.02;

    private readonly PatternRule[] rules;
    private readonly LiteralAutomaton? literals;
    private readonly FragmentFilter? fragments;
    private readonly Shard[] shards;
    // Bits of rules: all, those no literal is looked for, those no fragment is looked for, and those that hit where they do not match.
    private readonly ulong[] all;
    private readonly ulong[] withoutLiteral;
    private readonly ulong[] withoutFragment;
    private readonly ulong[] negated;
    // Rules that may be in any text and that only others look at: they wait at once, for all texts together.
    private readonly ulong[] alwaysWaiting;

    // Rules that one automaton looks for together, and says all about.
    private sealed record Shard(PatternAutomaton Automaton, int[] Owners);

    /// <param name="rules">The rules.</param>
    /// <param name="usual">what texts of the view usually have (<see cref="UsualText"/>): to look for that rules nothing out.</param>
    internal PatternGroup(IEnumerable<PatternRule> rules, string usual = "")
    {
        this.rules = [.. rules];
        all = new ulong[(this.rules.Length + 63) / 64];
        withoutLiteral = new ulong[all.Length];
        withoutFragment = new ulong[all.Length];
        negated = new ulong[all.Length];
        alwaysWaiting = new ulong[all.Length];
        var wanted = new List<(string, int)>();
        var rows = new List<(Fragment, int)>();
        var together = new List<int>();
        var middling = new List<int>();
        for (var i = 0; i < this.rules.Length; i++)
        {
            var rule = this.rules[i];
            Set(all, i);
            if (rule.Negated) Set(negated, i);
            var needed = this.rules.Length <= FewRules ? (null, null) : Needed(rule.Regex, usual);
            if (this.rules.Length > FewRules && needed.Literals is null && GoesTogether(rule))
            {
                together.Add(i);
                continue;
            }
            if (this.rules.Length > FewRules && needed is (null, null) && rule is { Negated: false, Captures: false, CanWait: false, MostHits: 1 } && rule.Regex.Size <= MiddlingPattern)
            {
                middling.Add(i);
                continue;
            }
            if (needed.Literals is null) Set(withoutLiteral, i);
            else wanted.AddRange(needed.Literals.Select(text => (text, i)));
            if (needed.Fragments is null) Set(withoutFragment, i);
            else rows.AddRange(needed.Fragments.Select(row => (row, i)));
            if (needed is (null, null) && rule is { CanWait: true, Negated: false }) Set(alwaysWaiting, i);
        }
        if (wanted.Count > 0) literals = LiteralAutomaton.Of(wanted);
        if (rows.Count > 0) fragments = FragmentFilter.Of(rows);
        shards = [.. together.Chunk(RulesTogether).Concat(middling.Chunk(RulesTogether)).Select(owners => new Shard(PatternAutomaton.Of(owners.Select(owner => this.rules[owner].Regex.Root), PlacesTogether)!, owners))];
    }

    // Short patterns of which nothing is left some octets after a text has ceased to match: many of them need few states together.
    private static bool GoesTogether(PatternRule rule) =>
        rule is { Negated: false, MostHits: 1, Captures: false, Regex: { IsRegular: true, Size: <= SmallPattern } regex } && PatternLanguage.Longest(regex.Root) <= ShortMatch;

    private static (IReadOnlyList<string>? Literals, IReadOnlyList<Fragment>? Fragments) Needed(RuleRegex regex, string usual)
    {
        var literals = regex.RequiredBeside(usual).AnyOf is { } anyOf && anyOf.Count <= MostLiterals ? anyOf : null;
        var fragments = Fragment.Of(regex.Root, usual);
        return literals is null || fragments is null || Fragment.FrequencyOf(fragments) < MuchRarer * literals.Sum(LetterFrequency.Of) ? (literals, fragments) : (literals, null);
    }

    internal int Count => rules.Length;

    internal IReadOnlyList<PatternRule> All => rules;

    /// <summary>Rules that nothing rules out, so that they run on every text; for the figures.</summary>
    internal IEnumerable<PatternRule> Unfiltered => rules.Where((_, i) => Has(withoutLiteral, i) && Has(withoutFragment, i));

    private static void Set(Span<ulong> bits, int bit) => bits[bit >> 6] |= 1UL << (bit & 63);

    private static bool Has(ReadOnlySpan<ulong> bits, int bit) => (bits[bit >> 6] & (1UL << (bit & 63))) != 0;

    /// <summary>Runs the rules on one text, adding to the hits in <paramref name="hits"/>.</summary>
    internal void Run(string text, RuleHits hits) => Run([text], false, hits);

    /// <summary>Runs the rules on the texts, of which the first may be the subject.</summary>
    internal void Run(IReadOnlyList<string> texts, bool beginsWithSubject, RuleHits hits)
    {
        if (rules.Length == 0 || texts.Count == 0) return;
        var view = new ViewTexts(texts, beginsWithSubject);
        if (!hits.IsComplete) WaitAlways(view, hits);
        for (var i = 0; i < texts.Count;)
        {
            var (first, length) = (i, 0);
            for (; i < texts.Count && i - first < TextsTogether && (i == first || length + texts[i].Length <= OctetsTogether); i++) length += texts[i].Length;
            RunTogether(view, first, i - first, length, hits);
        }
    }

    private void WaitAlways(ViewTexts view, RuleHits hits)
    {
        for (var word = 0; word < alwaysWaiting.Length; word++)
        {
            for (var bits = alwaysWaiting[word]; bits != 0; bits &= bits - 1) hits.Waiting.Add(new WaitingRule(this, (word << 6) + BitOperations.TrailingZeroCount(bits), view, ViewTexts.Each));
        }
    }

    // Each automaton reads all the texts before the next one has its turn: its table is then in the processor's cache.
    private void RunTogether(ViewTexts view, int first, int count, int length, RuleHits hits)
    {
        var rented = length > ShortText ? ArrayPool<byte>.Shared.Rent(length) : null;
        var octets = rented is null ? stackalloc byte[ShortText] : rented;
        Span<int> ends = stackalloc int[count];
        for (var (i, at) = (0, 0); i < count; i++)
        {
            var text = view[first + i];
            ByteText.Octets(text, octets.Slice(at, text.Length));
            ends[i] = at += text.Length;
        }
        var words = negated.Length;
        var bits = ArrayPool<ulong>.Shared.Rent(words * count);
        var found = bits.AsSpan(0, words * count);
        Find(octets, ends, found, hits);
        foreach (var shard in shards) FindTogether(shard, view, first, octets, ends, hits);
        for (var i = 0; i < count; i++)
        {
            var begin = i == 0 ? 0 : ends[i - 1];
            TryAll(view, first + i, octets[begin..ends[i]], found.Slice(i * words, words), hits);
        }
        ArrayPool<ulong>.Shared.Return(bits);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    private void TryAll(ViewTexts view, int which, ReadOnlySpan<byte> octets, ReadOnlySpan<ulong> found, RuleHits hits)
    {
        for (var word = 0; word < found.Length; word++)
        {
            for (var bits = found[word] | negated[word]; bits != 0; bits &= bits - 1)
            {
                var i = (word << 6) + BitOperations.TrailingZeroCount(bits);
                if (!rules[i].WithoutSubject || !view.IsSubject(which)) Try(i, view, which, octets, Has(found, i), hits);
            }
        }
    }

    /// <summary>Finds the rules that may match each text.</summary>
    private void Find(ReadOnlySpan<byte> octets, ReadOnlySpan<int> ends, Span<ulong> found, RuleHits hits)
    {
        var words = negated.Length;
        Span<ulong> rows = stackalloc ulong[words];
        for (var i = 0; i < ends.Length; i++)
        {
            var text = octets[(i == 0 ? 0 : ends[i - 1])..ends[i]];
            var mine = found.Slice(i * words, words);
            withoutLiteral.CopyTo(mine);
            // Where the text leads to too many states anything may be in it.
            if (literals is not null && !literals.Find(text, mine, hits.Budget)) all.CopyTo(mine);
            if (fragments is not null)
            {
                withoutFragment.CopyTo(rows);
                fragments.Find(text, rows);
                for (var word = 0; word < words; word++) mine[word] &= rows[word];
            }
            if (hits.IsComplete) continue;
            for (var word = 0; word < words; word++) mine[word] &= ~alwaysWaiting[word];
        }
    }

    private void FindTogether(Shard shard, ViewTexts view, int first, ReadOnlySpan<byte> octets, ReadOnlySpan<int> ends, RuleHits hits)
    {
        for (var i = 0; i < ends.Length; i++)
        {
            var bits = 0UL;
            var text = octets[(i == 0 ? 0 : ends[i - 1])..ends[i]];
            var finished = shard.Automaton.Find(text, ref bits, hits.Budget);
            var isSubject = view.IsSubject(first + i);
            for (var left = finished ? bits : ~0UL >> (64 - shard.Owners.Length); left != 0; left &= left - 1)
            {
                var bit = BitOperations.TrailingZeroCount(left);
                var rule = rules[shard.Owners[bit]];
                if (hits.CountOf(rule.Id) >= rule.MostHits || (isSubject && rule.WithoutSubject)) continue;
                if ((bits & (1UL << bit)) != 0 && rule is { MostHits: 1, Regex.IsRegular: true }) hits.Add(rule.Id, 1);
                else if (rule.CanWait && !hits.IsComplete) hits.Waiting.Add(new WaitingRule(this, shard.Owners[bit], view, first + i));
                else if (hits.Budget.Allows()) Run(rule, view[first + i], text, hits);
            }
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
        return [.. rules.Where(rule => rule.Regex.IsMatch(rule.IfUnset ?? "", budget) != rule.Negated)];
    }

    private void Try(int i, ViewTexts view, int which, ReadOnlySpan<byte> octets, bool found, RuleHits hits)
    {
        var rule = rules[i];
        if (hits.CountOf(rule.Id) >= rule.MostHits) return;
        if (rule.Negated)
        {
            if (!found || (hits.Budget.Allows() && !rule.Regex.IsMatch(view[which], octets, hits.Budget))) hits.Add(rule.Id, 1);
        }
        else if (rule.CanWait && !hits.IsComplete) hits.Waiting.Add(new WaitingRule(this, i, view, which));
        else if (hits.Budget.Allows()) Decide(rule, view[which], octets, hits);
    }

    /// <summary>Runs a rule that had to wait.</summary>
    /// <param name="i">Its place in the group.</param>
    /// <param name="view">The texts.</param>
    /// <param name="which">One of them, or <see cref="ViewTexts.Each"/>.</param>
    /// <param name="hits">What hit.</param>
    internal void RunWaiting(int i, ViewTexts view, int which, RuleHits hits)
    {
        var rule = rules[i];
        var (from, to) = which == ViewTexts.Each ? (0, view.Count) : (which, which + 1);
        for (var text = from; text < to && hits.CountOf(rule.Id) < rule.MostHits && hits.Budget.Allows(); text++)
        {
            if (!rule.WithoutSubject || !view.IsSubject(text)) Decide(rule, view[text], view.Octets(text), hits);
        }
    }

    private static void Decide(PatternRule rule, string text, ReadOnlySpan<byte> octets, RuleHits hits)
    {
        if (!rule.Regex.MayMatch(octets, hits.Budget, out var sure)) return;
        if (sure && rule is { MostHits: 1, Captures: false }) hits.Add(rule.Id, 1);
        else Run(rule, text, octets, hits);
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
