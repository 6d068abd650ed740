using System.Runtime.InteropServices;
using Sternpost.Filter.SpamAssassin.Rules;

namespace Sternpost.Filter.SpamAssassin;

/// <summary>
/// Runs the rules that were left waiting, as far as a rule that counts depends on them. Most do not: an expression such as
/// <c>__SLOW &amp;&amp; __QUICK</c> is settled by the quick one.
/// </summary>
internal static class Dependence
{
    internal static void RunNeeded(RuleSet rules, RuleHits hits)
    {
        var low = hits.Values.ToArray();
        var high = hits.Values.ToArray();
        foreach (var waiting in hits.Waiting)
        {
            var (rule, most) = waiting.Group[waiting.Index];
            high[rule] = most;
        }
        var needed = Needed(rules, hits, low, high);
        foreach (var waiting in hits.Waiting)
        {
            if (needed[waiting.Group[waiting.Index].Rule]) waiting.Group.RunWaiting(waiting.Index, waiting.Text, hits);
        }
    }

    private static bool[] Needed(RuleSet rules, RuleHits hits, double[] low, double[] high)
    {
        var pending = new bool[rules.Metas.Length];
        foreach (var meta in rules.MetasOfNothing) pending[meta] = true;
        foreach (var rule in hits.Hit) Mark(rules.MetasOf[rule], pending);
        foreach (var waiting in hits.Waiting) Mark(rules.MetasOf[waiting.Group[waiting.Index].Rule], pending);
        var open = new List<int>();
        for (var i = 0; i < pending.Length; i++)
        {
            if (!pending[i]) continue;
            var meta = rules.Metas[i];
            var (least, most) = meta.Expression.Bounds(low, high);
            // RunMetas gives a rule whose expression is negative the value 1.
            if (least < 0) (least, most) = (most < 0 ? 1 : 0, Math.Max(most, 1));
            (low[meta.Id], high[meta.Id]) = (least, most);
            if (most == 0) continue;
            if (least != most) open.Add(i);
            Mark(rules.MetasOf[meta.Id], pending);
        }
        var needed = new bool[rules.Count];
        foreach (var i in CollectionsMarshal.AsSpan(open).ToArray().Reverse())
        {
            var meta = rules.Metas[i];
            var counts = !rules.IsSubrule[meta.Id] && low[meta.Id] == 0;
            if (!counts && !needed[meta.Id]) continue;
            foreach (var name in meta.Expression.Names) needed[name] = true;
        }
        return needed;
    }

    private static void Mark(int[] metas, bool[] pending)
    {
        foreach (var meta in metas) pending[meta] = true;
    }
}
