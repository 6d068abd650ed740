using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>One rule that matches a pattern.</summary>
/// <param name="Id">The rule's number in its set.</param>
/// <param name="Regex">Its pattern.</param>
internal sealed record PatternRule(int Id, RuleRegex Regex)
{
    /// <summary>Hits that count, 1 unless the rule is flagged <c>multiple</c>.</summary>
    internal int MostHits { get; init; } = 1;

    /// <summary>True where the subject, the first line of a body, is left out.</summary>
    internal bool WithoutSubject { get; init; }

    /// <summary>True for !~.</summary>
    internal bool Negated { get; init; }

    /// <summary>True where what the named groups match is kept for other rules.</summary>
    internal bool Captures { get; init; }

    /// <summary>True where only other rules look at it, so that it may wait until they are known to depend on it.</summary>
    internal bool CanWait { get; init; }

    /// <summary>What an absent field is taken for.</summary>
    internal string? IfUnset { get; init; }
}

/// <summary>A rule whose pattern holds <c>%{NAME}</c>, for what another rule captured under that name.</summary>
/// <param name="Id">The rule's number in its set.</param>
/// <param name="Kind">What it looks at.</param>
/// <param name="Field">The field, for a header rule.</param>
/// <param name="Pattern">The pattern without delimiters.</param>
/// <param name="Modifiers">Its modifiers.</param>
/// <param name="Names">The names it holds.</param>
/// <param name="Outline">The pattern with anything in the place of its names: a text it does not match the rule does not either.</param>
internal sealed record TemplateRule(int Id, RuleKind Kind, string Field, string Pattern, string Modifiers, IReadOnlyList<string> Names, RuleRegex Outline);

/// <summary>A header rule that asks only whether a field is there.</summary>
internal sealed record ExistsRule(int Id);

/// <summary>A rule on a header field of MIME parts.</summary>
internal sealed record MimeHeaderRule(int Id, string Field, bool Raw, PatternRule Pattern, bool Concatenated, int FirstPart, int LastPart);

/// <summary>A rule on several sides of one link.</summary>
internal sealed record UriDetailRule(int Id, IReadOnlyList<(string Side, bool Negated, RuleRegex Regex)> Criteria);

/// <summary>A rule that calls a function.</summary>
internal sealed record FunctionRule(int Id, Evals.EvalFunction Function, string[] Arguments);

/// <summary>A rule on other rules.</summary>
internal sealed record MetaRule(int Id, Expression Expression);
