using Sternpost.Filter.SpamAssassin.Patterns;
using Sternpost.Filter.SpamAssassin.Rules;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin;

/// <summary>Runs a rule set on messages.</summary>
internal static class RuleRunner
{
    /// <summary>The rules that hit, those that only other rules look at (<c>__…</c>) included.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="raw">The message.</param>
    /// <param name="within">What it may take.</param>
    /// <param name="time">The clock; the system's where null.</param>
    /// <param name="complete">False to leave out rules that only other rules look at where they are slow and change nothing.</param>
    internal static RuleHits Run(RuleSet rules, ReadOnlySpan<byte> raw, RunBudget? within = null, TimeProvider? time = null, bool complete = true)
    {
        var budget = within ?? new RunBudget();
        var scan = new MessageScan(raw, rules.Data, budget, (time ?? TimeProvider.System).GetUtcNow());
        var hits = new RuleHits(rules.Count, budget, complete);
        foreach (var (field, patterns, exist) in rules.Headers) RunHeader(scan, field, patterns, exist, hits);
        // Functions before the text: FreeMail takes addresses out of it.
        foreach (var rule in rules.Functions)
        {
            if (!budget.Allows()) break;
            if (rule.Function(scan, rule.Arguments)) hits.Add(rule.Id, 1);
        }
        rules.Body.Run(scan.Body, true, hits);
        rules.Uri.Run([.. scan.Links.All], false, hits);
        foreach (var rule in rules.UriDetails)
        {
            if (budget.Allows() && scan.Links.Links.Any(link => Fits(rule, link.Key, link.Value, budget))) hits.Add(rule.Id, 1);
        }
        foreach (var rule in rules.MimeHeaders) RunMimeHeader(scan, rule, hits);
        rules.RawBody.Run(scan.Markup, false, hits);
        rules.Full.Run(scan.Whole, hits);
        foreach (var rule in rules.Templates) RunTemplate(scan, rule, hits);
        if (hits.Waiting.Count > 0) Dependence.RunNeeded(rules, hits);
        RunMetas(rules, hits);
        return hits;
    }

    private static void RunHeader(MessageScan scan, string field, PatternGroup patterns, ExistsRule[] exist, RuleHits hits)
    {
        var value = scan.Header.Joined(field);
        if (value is null)
        {
            patterns.RunOnAbsent(hits);
            return;
        }
        foreach (var rule in exist) hits.Add(rule.Id, 1);
        patterns.Run(value, hits);
    }

    // Most texts do not hold what was captured, so the pattern is hardly ever made.
    private static void RunTemplate(MessageScan scan, TemplateRule rule, RuleHits hits)
    {
        if (!rule.Names.All(hits.Captured.ContainsKey)) return;
        IEnumerable<string> texts = rule.Kind switch
        {
            RuleKind.Header => scan.Header.Joined(rule.Field) is { } value ? [value] : [],
            RuleKind.Body => scan.Body,
            RuleKind.RawBody => scan.Markup,
            RuleKind.Uri => scan.Links.All,
            _ => [scan.Whole],
        };
        RuleRegex? regex = null;
        foreach (var text in texts)
        {
            if (!rule.Names.All(name => hits.Captured[name].Exists(value => text.Contains(value, StringComparison.OrdinalIgnoreCase)))) continue;
            if (!hits.Budget.Allows()) return;
            if (!rule.Outline.MayMatch(ByteText.Octets(text), hits.Budget, out _)) continue;
            regex ??= Fill(rule, hits);
            if (regex is null) return;
            if (!regex.IsMatch(text, hits.Budget)) continue;
            hits.Add(rule.Id, 1);
            return;
        }
    }

    private static RuleRegex? Fill(TemplateRule rule, RuleHits hits)
    {
        var pattern = RuleSetBuilder.Template().Replace(rule.Pattern, match => $"(?:{string.Join('|', hits.Captured[match.Groups[1].Value].Select(Quoted))})");
        return PerlPattern.Parse(pattern, rule.Modifiers) is { Root: { } root } ? new RuleRegex(root) : null;
    }

    private static string Quoted(string value) => string.Concat(value.Select(c => char.IsAsciiLetterOrDigit(c) ? c.ToString() : $"\\x{ByteText.Octet(c):x2}"));

    private static void RunMimeHeader(MessageScan scan, MimeHeaderRule rule, RuleHits hits)
    {
        var index = 0;
        var count = 0;
        var whole = "";
        foreach (var part in scan.Message.Root.Walk())
        {
            if (++index > rule.LastPart) break;
            if (index < rule.FirstPart) continue;
            var value = Value(part, rule);
            if (rule.Concatenated) whole += value.EndsWith('\n') ? value : value + "\n";
            else if ((count = Check(rule, value, hits)) != 0) break;
        }
        if (rule.Concatenated) count = Check(rule, whole, hits);
        if (rule.Pattern.Negated ? count == 0 : count > 0) hits.Add(rule.Id, Math.Max(1, count));
    }

    private static int Check(MimeHeaderRule rule, string value, RuleHits hits) => hits.Budget.Allows() ? rule.Pattern.Regex.Count(value, rule.Pattern.Negated ? 1 : rule.Pattern.MostHits, hits.Budget) : 0;

    private static string Value(MessagePart part, MimeHeaderRule rule)
    {
        if (rule.Field == "ALL") return string.Concat(part.Fields.Select(field => $"{field.Name}: {(rule.Raw ? field.Raw.TrimEnd('\n') : field.Decoded)}\n"));
        var fields = part.FieldsOf(rule.Field.ToLowerInvariant());
        return fields.Count == 0 ? rule.Pattern.IfUnset ?? "" : rule.Raw ? fields[^1].Raw : fields[^1].Decoded + "\n";
    }

    private static bool Fits(UriDetailRule rule, string uri, LinkDetail link, RunBudget budget)
    {
        foreach (var (side, negated, regex) in rule.Criteria)
        {
            IEnumerable<string> texts = side switch
            {
                "raw" => [uri],
                "type" => link.Types,
                "cleaned" => link.Cleaned,
                "text" => link.AnchorTexts,
                "domain" => link.Domains,
                _ => link.Hosts.Keys,
            };
            if (!texts.Any(text => regex.IsMatch(text, budget) != negated)) return false;
        }
        return true;
    }

    // Only metas that look at something that hit can differ from what they are for nothing.
    private static void RunMetas(RuleSet rules, RuleHits hits)
    {
        var pending = new bool[rules.Metas.Length];
        foreach (var meta in rules.MetasOfNothing) pending[meta] = true;
        foreach (var rule in hits.Hit)
        {
            foreach (var meta in rules.MetasOf[rule]) pending[meta] = true;
        }
        for (var i = 0; i < pending.Length; i++)
        {
            if (!pending[i]) continue;
            var meta = rules.Metas[i];
            var value = meta.Expression.Evaluate(hits.Values);
            if (value == 0) continue;
            hits.Add(meta.Id, value > 0 ? value : 1);
            foreach (var user in rules.MetasOf[meta.Id]) pending[user] = true;
        }
    }
}
