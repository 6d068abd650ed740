namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>What a rule looks at.</summary>
internal enum RuleKind
{
    /// <summary>A header field, or a pseudo field.</summary>
    Header,
    /// <summary>The text as it is read, subject first.</summary>
    Body,
    /// <summary>The text parts decoded, with their markup.</summary>
    RawBody,
    /// <summary>Each link.</summary>
    Uri,
    /// <summary>The message as it came.</summary>
    Full,
    /// <summary>Other rules.</summary>
    Meta,
    /// <summary>A header field of each MIME part.</summary>
    MimeHeader,
    /// <summary>Several sides of one link at once.</summary>
    UriDetail,
    /// <summary>A function.</summary>
    Function,
    /// <summary>A function that asks the network; never run.</summary>
    Network,
}

/// <summary>A rule as a file has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it looks at.</param>
/// <param name="Text">Pattern, expression or call.</param>
/// <param name="Place">File and line, for the list of what is unsupported.</param>
/// <param name="OfMarkup">True for a function that a <c>rawbody</c> rule calls, which looks at the text with its markup.</param>
internal sealed record RuleDefinition(string Name, RuleKind Kind, string Text, string Place, bool OfMarkup = false);

/// <summary>A rule or setting that is not used, and why.</summary>
/// <param name="Name">Name of the rule or setting.</param>
/// <param name="Reason">One short sentence.</param>
/// <param name="Place">File and line where it (first) stands.</param>
public sealed record UnsupportedRule(string Name, string Reason, string Place);
