using System.Text.RegularExpressions;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>Meta rules, put in an order in which each comes after what it looks at; circles are refused.</summary>
internal sealed partial class RuleSetBuilder
{
    private (List<MetaRule> Ordered, List<string> Names) OrderMetas()
    {
        var parsed = new Dictionary<int, (RuleDefinition Rule, Expression Expression)>();
        foreach (var rule in metas)
        {
            var text = RulesMatching().Replace(rule.Text, match => Matching(match.Groups[1].Value, rule.Name));
            var expression = Expression.Parse(text, NumberOf);
            if (expression is null) book.Refuse(rule.Name, "the expression is malformed", rule.Place);
            else parsed[NumberOf(rule.Name)] = (rule, expression);
        }
        var ordered = new List<MetaRule>(parsed.Count);
        var waiting = parsed.ToDictionary(meta => meta.Key, meta => meta.Value.Expression.Names.Count(parsed.ContainsKey));
        var users = parsed.SelectMany(meta => meta.Value.Expression.Names.Where(parsed.ContainsKey), (meta, used) => (meta.Key, used)).ToLookup(pair => pair.used, pair => pair.Key);
        var ready = new Queue<int>(waiting.Where(meta => meta.Value == 0).Select(meta => meta.Key));
        while (ready.TryDequeue(out var number))
        {
            ordered.Add(new MetaRule(number, parsed[number].Expression));
            parsed.Remove(number);
            foreach (var user in users[number])
            {
                if (--waiting[user] == 0) ready.Enqueue(user);
            }
        }
        foreach (var (rule, _) in parsed.Values) book.Refuse(rule.Name, "the rule depends on itself", rule.Place);
        var names = new string[numbers.Count];
        foreach (var (name, number) in numbers) names[number] = name;
        return (ordered, [.. names]);
    }

    private string Matching(string glob, string except)
    {
        var pattern = "^" + glob.Replace("?", ".", StringComparison.Ordinal).Replace("*", ".*", StringComparison.Ordinal) + "$";
        var regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        var found = book.Rules.Keys.Where(name => name != except && regex.IsMatch(name)).Order(StringComparer.Ordinal).ToList();
        return found.Count == 0 ? " (0) " : $" ({string.Join('+', found)}) ";
    }

    [GeneratedRegex(@"(?<!_)\brules_matching\(\s*([_a-zA-Z*?][_a-zA-Z0-9*?]{0,127})\s*\)")]
    private static partial Regex RulesMatching();
}
