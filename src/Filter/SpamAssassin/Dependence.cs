using Sternpost.Filter.SpamAssassin.Rules;

namespace Sternpost.Filter.SpamAssassin;

/// <summary>
/// Runs the rules that were left waiting, as far as a rule that counts depends on them, one after another until it does no more. Most
/// never run: an expression such as <c>__SLOW &amp;&amp; __QUICK</c> is settled by the quick one.
/// </summary>
internal sealed class Dependence
{
    private readonly RuleSet rules;
    private readonly RuleHits hits;
    // Between what each rule's value lies as far as is known.
    private readonly double[] low;
    private readonly double[] high;
    // The last thing each rule waits for, and what came before each: a chain for each rule.
    private readonly Dictionary<int, Chain> chains = [];
    private readonly int[] before;

    private record struct Chain(int Last, int Length);

    private Dependence(RuleSet rules, RuleHits hits)
    {
        this.rules = rules;
        this.hits = hits;
        low = hits.Values.ToArray();
        high = hits.Values.ToArray();
        before = new int[hits.Waiting.Count];
        for (var i = 0; i < before.Length; i++)
        {
            var waiting = hits.Waiting[i];
            var (rule, most) = waiting.Group[waiting.Index];
            high[rule] = most;
            var chain = chains.GetValueOrDefault(rule, new Chain(-1, 0));
            before[i] = chain.Last;
            chains[rule] = new Chain(i, chain.Length + waiting.View.LengthOf(waiting.Text));
        }
    }

    internal static void RunNeeded(RuleSet rules, RuleHits hits)
    {
        var dependence = new Dependence(rules, hits);
        foreach (var meta in dependence.Open()) dependence.Settle(meta);
    }

    /// <summary>The rules that count and may yet hit or not.</summary>
    private List<int> Open()
    {
        var pending = new bool[rules.Metas.Length];
        foreach (var meta in rules.MetasOfNothing) pending[meta] = true;
        foreach (var rule in hits.Hit) Mark(rules.MetasOf[rule], pending);
        foreach (var rule in chains.Keys) Mark(rules.MetasOf[rule], pending);
        var open = new List<int>();
        for (var i = 0; i < pending.Length; i++)
        {
            if (!pending[i]) continue;
            var id = rules.Metas[i].Id;
            Bound(i);
            if (high[id] == 0) continue;
            if (low[id] == 0 && !rules.IsSubrule[id]) open.Add(i);
            Mark(rules.MetasOf[id], pending);
        }
        return open;
    }

    private static void Mark(int[] metas, bool[] pending)
    {
        foreach (var meta in metas) pending[meta] = true;
    }

    private void Bound(int meta)
    {
        var (least, most) = rules.Metas[meta].Expression.Bounds(low, high);
        // RunMetas gives a rule whose expression is negative the value 1.
        if (least < 0) (least, most) = (most < 0 ? 1 : 0, Math.Max(most, 1));
        (low[rules.Metas[meta].Id], high[rules.Metas[meta].Id]) = (least, most);
    }

    /// <summary>Finds out what the rule depends on, least work first, until it is known whether it hits; where others may count with its very value, until that is known.</summary>
    private void Settle(int meta, bool exactly = false)
    {
        var id = rules.Metas[meta].Id;
        for (Bound(meta); low[id] != high[id] && (exactly || low[id] == 0) && hits.Budget.Allows(); Bound(meta))
        {
            var (next, least) = (-1, int.MaxValue);
            foreach (var name in rules.Metas[meta].Expression.Names)
            {
                if (low[name] == high[name]) continue;
                var work = chains.TryGetValue(name, out var chain) ? chain.Length : int.MaxValue - 1;
                if (work < least) (next, least) = (name, work);
            }
            if (next < 0) return;
            if (chains.ContainsKey(next)) Run(next);
            else Settle(rules.MetaNumbers[next], exactly: true);
            if (low[next] != high[next]) return;
        }
    }

    private void Run(int rule)
    {
        for (var i = chains[rule].Last; i >= 0; i = before[i])
        {
            var waiting = hits.Waiting[i];
            waiting.Group.RunWaiting(waiting.Index, waiting.View, waiting.Text, hits);
        }
        low[rule] = high[rule] = hits.Values[rule];
    }
}
