using System.Globalization;
using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Evals;
using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>Makes a rule set of a book: patterns read, functions found, expressions put in order. What cannot be used is listed.</summary>
internal sealed partial class RuleSetBuilder
{
    private const string AsksNetwork = "asks the network, or what was learned";
    private static readonly HashSet<string> Modifiers = new(StringComparer.OrdinalIgnoreCase) { "raw", "addr", "name", "host", "domain", "ip", "revip", "first", "last" };

    private readonly RuleBook book;
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly List<RuleDefinition> kept = [];
    private readonly Dictionary<string, (List<PatternRule> Patterns, List<ExistsRule> Exist)> headers = new(StringComparer.Ordinal);
    private readonly List<PatternRule> body = [];
    private readonly List<PatternRule> rawBody = [];
    private readonly List<PatternRule> uri = [];
    private readonly List<PatternRule> full = [];
    private readonly List<MimeHeaderRule> mimeHeaders = [];
    private readonly List<TemplateRule> templates = [];
    private readonly List<UriDetailRule> uriDetails = [];
    private readonly List<FunctionRule> functions = [];
    private readonly List<RuleDefinition> metas = [];

    private RuleSetBuilder(RuleBook book) => this.book = book;

    internal static RuleSet Build(RuleBook book) => new RuleSetBuilder(book).Build();

    private RuleSet Build()
    {
        foreach (var rule in book.Rules.Values)
        {
            // A score of 0 turns a rule off.
            if (ScoreOf(rule.Name) == 0) continue;
            if (rule.Kind == RuleKind.Network || (rule.Kind == RuleKind.Function && (HasFlag(rule.Name, "net") || HasFlag(rule.Name, "learn")))) book.Refuse(rule.Name, AsksNetwork, rule.Place);
            else Add(rule);
        }
        var (ordered, names) = OrderMetas();
        var data = RuleData.Of(book);
        foreach (var (setting, (reason, place, times)) in book.Ignored) book.Refuse(setting, times == 1 ? reason : $"{reason} ({times} lines)", place);
        var metasOf = new List<int>[names.Count];
        for (var i = 0; i < ordered.Count; i++)
        {
            foreach (var used in ordered[i].Expression.Names) (metasOf[used] ??= []).Add(i);
        }
        var nothing = new double[names.Count];
        var metaNumbers = Enumerable.Repeat(-1, names.Count).ToArray();
        for (var i = 0; i < ordered.Count; i++) metaNumbers[ordered[i].Id] = i;
        return new RuleSet
        {
            Unsupported = book.Unsupported,
            Names = [.. names],
            Ranks = RanksOf([.. names]),
            IsSubrule = [.. names.Select(IsSubrule)],
            Scores = [.. names.Select(ScoreOf)],
            Descriptions = [.. names.Select(name => book.Descriptions.GetValueOrDefault(name, ""))],
            Headers = [.. headers.Select(header => (header.Key, new PatternGroup(header.Value.Patterns, UsualText.OfField(header.Key)), header.Value.Exist.ToArray()))],
            Body = new PatternGroup(body),
            RawBody = new PatternGroup(rawBody, UsualText.Markup),
            Uri = new PatternGroup(uri, UsualText.Link),
            Full = new PatternGroup(full, UsualText.Whole),
            Templates = [.. templates],
            MimeHeaders = [.. mimeHeaders],
            UriDetails = [.. uriDetails],
            Functions = [.. functions],
            Metas = [.. ordered],
            MetaNumbers = metaNumbers,
            MetasOf = [.. metasOf.Select(list => list?.ToArray() ?? [])],
            MetasOfNothing = [.. Enumerable.Range(0, ordered.Count).Where(i => ordered[i].Expression.Evaluate(nothing) != 0)],
            Data = data,
        };
    }

    private static int[] RanksOf(string[] names)
    {
        var order = Enumerable.Range(0, names.Length).ToArray();
        Array.Sort(names, order, StringComparer.Ordinal);
        var ranks = new int[order.Length];
        for (var i = 0; i < order.Length; i++) ranks[order[i]] = i;
        return ranks;
    }

    /// <summary>Rules that begin so are only for other rules to look at.</summary>
    internal static bool IsSubrule(string name) => name.StartsWith("__", StringComparison.Ordinal);

    private double ScoreOf(string name)
    {
        if (book.Scores.TryGetValue(name, out var score)) return score;
        // SpamAssassin's default: a point, almost none for rules on trial, and against the message for nice ones.
        var standard = name.StartsWith("T_", StringComparison.Ordinal) ? 0.01 : 1.0;
        return HasFlag(name, "nice") ? -standard : standard;
    }

    private bool HasFlag(string name, string flag) => book.Flags.TryGetValue(name, out var flags) && flags.Split([' ', '\t']).Contains(flag, StringComparer.Ordinal);

    private int NumberOf(string name)
    {
        if (!numbers.TryGetValue(name, out var number)) numbers.Add(name, number = numbers.Count);
        return number;
    }

    private void Add(RuleDefinition rule)
    {
        var fault = rule.Kind switch
        {
            RuleKind.Header => AddHeader(rule),
            RuleKind.Body => AddPattern(rule, rule.Text, body),
            RuleKind.RawBody => AddPattern(rule, rule.Text, rawBody),
            RuleKind.Uri => AddPattern(rule, rule.Text, uri),
            RuleKind.Full => AddPattern(rule, rule.Text, full),
            RuleKind.MimeHeader => AddMimeHeader(rule),
            RuleKind.UriDetail => AddUriDetail(rule),
            RuleKind.Function => AddFunction(rule),
            _ => AddMeta(rule),
        };
        if (fault is not null) book.Refuse(rule.Name, fault, rule.Place);
    }

    private string? AddMeta(RuleDefinition rule)
    {
        metas.Add(rule);
        return null;
    }

    private string? AddPattern(RuleDefinition rule, string text, List<PatternRule> target)
    {
        var pattern = Pattern(rule, text, out var fault);
        if (pattern is not null) target.Add(pattern);
        return fault;
    }

    private PatternRule? Pattern(RuleDefinition rule, string text, out string? fault)
    {
        if (Template().IsMatch(text))
        {
            fault = AddTemplate(rule, text);
            return null;
        }
        var regex = Regex(rule.Name, text, out fault);
        if (regex is null) return null;
        return new PatternRule(NumberOf(rule.Name), regex) { MostHits = MostHits(rule.Name), WithoutSubject = HasFlag(rule.Name, "nosubject"), Captures = NamedCapture().IsMatch(text), CanWait = IsSubrule(rule.Name) && !NamedCapture().IsMatch(text) };
    }

    private string? AddTemplate(RuleDefinition rule, string text)
    {
        if (rule.Kind is not (RuleKind.Header or RuleKind.Body or RuleKind.RawBody or RuleKind.Uri or RuleKind.Full)) return "a pattern of this kind cannot hold what others captured";
        if (!PerlPattern.Undelimit(text, out var inside, out var modifiers, out var fault)) return fault;
        var names = Template().Matches(inside).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal).ToList();
        var outline = PerlPattern.Parse(Template().Replace(inside, "(?:[\\s\\S]+)"), modifiers);
        if (outline.Root is null) return outline.Fault;
        var field = rule.Kind == RuleKind.Header ? HeaderTest().Match(rule.Text).Groups[1].Value.TrimEnd(':') : "";
        templates.Add(new TemplateRule(NumberOf(rule.Name), rule.Kind, field, inside, modifiers, names, new RuleRegex(outline.Root)));
        return null;
    }

    private RuleRegex? Regex(string name, string text, out string? fault)
    {
        if (!PerlPattern.Undelimit(text, out var inside, out var modifiers, out fault)) return null;
        if (book.Replacements.Rules.Contains(name))
        {
            // The modifiers go first, so that a tag at the beginning has something before it.
            inside = book.Replacements.Expand(modifiers.Length == 0 ? inside : $"(?{modifiers}){inside}", PerlPattern.LongestPattern);
            modifiers = "";
        }
        var pattern = PerlPattern.Parse(inside, modifiers);
        fault = pattern.Fault;
        return pattern.Root is null ? null : new RuleRegex(pattern.Root, NamedCapture().IsMatch(inside), (inside, modifiers));
    }

    private int MostHits(string name)
    {
        if (!HasFlag(name, "multiple")) return 1;
        return FlagNumber(name, "maxhits=") ?? 1000;
    }

    private int? FlagNumber(string name, string prefix) =>
        book.Flags.TryGetValue(name, out var flags) && flags.Split([' ', '\t']).FirstOrDefault(flag => flag.StartsWith(prefix, StringComparison.Ordinal)) is { } found
            && int.TryParse(found.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private string? AddHeader(RuleDefinition rule)
    {
        if (rule.Text.StartsWith("exists:", StringComparison.Ordinal))
        {
            var field = rule.Text["exists:".Length..].TrimEnd(':');
            if (field.Length == 0) return "the field has no name";
            Header(field).Exist.Add(new ExistsRule(NumberOf(rule.Name)));
            return null;
        }
        var match = HeaderTest().Match(rule.Text);
        if (!match.Success) return "the test is malformed";
        var name = match.Groups[1].Value.TrimEnd(':');
        if (name.Split(':').Skip(1).FirstOrDefault(modifier => !Modifiers.Contains(modifier)) is { } unknown) return $"the modifier :{unknown} is not known";
        var text = match.Groups[3].Value;
        var unset = IfUnset().Match(text);
        if (unset.Success) text = text[..unset.Index];
        var pattern = Pattern(rule, text, out var fault);
        if (pattern is not null) Header(name).Patterns.Add(pattern with { Negated = match.Groups[2].Value == "!~", IfUnset = unset.Success ? unset.Groups[1].Value : null });
        return fault;
    }

    private (List<PatternRule> Patterns, List<ExistsRule> Exist) Header(string field)
    {
        if (!headers.TryGetValue(field, out var header)) headers.Add(field, header = ([], []));
        return header;
    }

    private string? AddMimeHeader(RuleDefinition rule)
    {
        var match = MimeHeaderTest().Match(rule.Text);
        if (!match.Success) return "the test is malformed";
        var field = match.Groups[1].Value.TrimEnd(':');
        var raw = field.EndsWith(":raw", StringComparison.Ordinal);
        var text = match.Groups[3].Value;
        var unset = IfUnset().Match(text);
        if (unset.Success) text = text[..unset.Index];
        var pattern = Pattern(rule, text, out var fault);
        if (pattern is null) return fault;
        var (first, last) = PartRange(rule.Name);
        pattern = pattern with { Negated = match.Groups[2].Value == "!~", IfUnset = unset.Success ? unset.Groups[1].Value : "", MostHits = HasFlag(rule.Name, "multiple") ? MostHits(rule.Name) : 1 };
        mimeHeaders.Add(new MimeHeaderRule(pattern.Id, raw ? field[..^4] : field, raw, pattern, HasFlag(rule.Name, "concat"), first, last));
        return null;
    }

    private (int First, int Last) PartRange(string name)
    {
        var flags = book.Flags.GetValueOrDefault(name, "");
        var match = RangeFlag().Match(flags);
        if (!match.Success) return (0, 1000);
        var first = match.Groups[1].Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        var last = match.Groups[3].Success ? int.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture) : match.Groups[2].Success ? 1000 : first;
        return (first, last);
    }

    private string? AddUriDetail(RuleDefinition rule)
    {
        var criteria = new List<(string, bool, RuleRegex)>();
        foreach (Match match in UriCriterion().Matches(rule.Text))
        {
            var side = match.Groups[1].Value;
            if (side is not ("raw" or "type" or "cleaned" or "text" or "domain" or "host")) return $"a link has no side '{side}'";
            var regex = Regex(rule.Name, match.Groups[3].Value, out var fault);
            if (regex is null) return fault;
            criteria.Add((side, match.Groups[2].Value == "!~", regex));
        }
        if (criteria.Count == 0) return "the test is malformed";
        uriDetails.Add(new UriDetailRule(NumberOf(rule.Name), criteria));
        return null;
    }

    private string? AddFunction(RuleDefinition rule)
    {
        var match = FunctionCall().Match(rule.Text);
        if (!match.Success) return "the call is malformed";
        var name = match.Groups[1].Value;
        if (EvalFunctions.Find(name, rule.OfMarkup) is not { } function) return EvalFunctions.AsksNetwork(name) ? AsksNetwork : $"the function {name} is not supported";
        if (Arguments(match.Groups[2].Value) is not { } arguments) return "the arguments of the call are malformed";
        functions.Add(new FunctionRule(NumberOf(rule.Name), function, arguments));
        return null;
    }

    private static string[]? Arguments(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) return [];
        var arguments = new List<string>();
        var at = 0;
        while (at < text.Length)
        {
            var match = Argument().Match(text, at);
            if (!match.Success || match.Index != at || match.Length == 0) return null;
            arguments.Add(match.Groups[2].Success ? match.Groups[2].Value : match.Groups[3].Value);
            at += match.Length;
        }
        return [.. arguments];
    }

    [GeneratedRegex(@"^([\w.-]+(?::|(?::[a-z]+){1,2})?)\s*([=!]~)\s*(.+)$")]
    private static partial Regex HeaderTest();

    [GeneratedRegex(@"^([^:\s]+(?::(?:raw)?)?)\s*([=!]~)\s*(.+)$")]
    private static partial Regex MimeHeaderTest();

    [GeneratedRegex(@"\s+\[if-unset:\s+(.+)\]$")]
    private static partial Regex IfUnset();

    [GeneratedRegex(@"^(\w+)\((.*?)\)$")]
    private static partial Regex FunctionCall();

    [GeneratedRegex("""\G\s*(?:(['"])(.*?)\1|([\d.:A-Za-z-]+?))\s*(?:,\s*|$)""")]
    private static partial Regex Argument();

    [GeneratedRegex(@"\b(\w+)\b\s*([=!]~)\s*((?:/.*?/|m(\W).*?\4)[imsx]*)(?=\s|$)")]
    private static partial Regex UriCriterion();

    [GeneratedRegex(@"(?<!\\)%\{([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)\}")]
    internal static partial Regex Template();

    [GeneratedRegex(@"\(\?P?[<'][A-Z]")]
    private static partial Regex NamedCapture();

    [GeneratedRegex(@"(?:^|\s)range=(\d+)?(-)?(\d+)?(?:\s|$)")]
    private static partial Regex RangeFlag();
}
