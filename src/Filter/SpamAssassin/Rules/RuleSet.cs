using System.Globalization;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>The rules of some folders, ready to run on messages. Never changes once made; any number of messages may be looked at at once.</summary>
public sealed class RuleSet
{
    internal RuleSet()
    {
    }

    /// <summary>Reads rule files.</summary>
    /// <param name="paths">Folders of <c>.cf</c> and <c>.pre</c> files, or single files; later ones replace what earlier ones say.</param>
    /// <exception cref="IOException">A folder or file cannot be read.</exception>
    public static RuleSet Load(IEnumerable<string> paths) => RuleSetBuilder.Build(RuleFiles.Read(paths));

    /// <summary>Rules that can hit, those that only other rules look at included.</summary>
    public int Count => Names.Length;

    /// <summary>Rules and settings in the files that are not used, each with its reason.</summary>
    public IReadOnlyList<UnsupportedRule> Unsupported { get; internal init; } = [];

    internal string[] Names { get; init; } = [];

    /// <summary>Each rule's place in the order of names.</summary>
    internal int[] Ranks { get; init; } = [];

    /// <summary>Whether only other rules look at a rule.</summary>
    internal bool[] IsSubrule { get; init; } = [];

    internal double[] Scores { get; init; } = [];

    internal string[] Descriptions { get; init; } = [];

    /// <summary>Rules by the field they look at, as rules write it (<c>From:addr</c>).</summary>
    internal IReadOnlyList<(string Field, PatternGroup Patterns, ExistsRule[] Exist)> Headers { get; init; } = [];

    internal PatternGroup Body { get; init; } = new([]);

    internal PatternGroup RawBody { get; init; } = new([]);

    internal PatternGroup Uri { get; init; } = new([]);

    internal PatternGroup Full { get; init; } = new([]);

    internal TemplateRule[] Templates { get; init; } = [];

    internal MimeHeaderRule[] MimeHeaders { get; init; } = [];

    internal UriDetailRule[] UriDetails { get; init; } = [];

    internal FunctionRule[] Functions { get; init; } = [];

    /// <summary>Meta rules, each after those it depends on.</summary>
    internal MetaRule[] Metas { get; init; } = [];

    /// <summary>The place of each rule in <see cref="Metas"/>; -1 for one that is none of them.</summary>
    internal int[] MetaNumbers { get; init; } = [];

    /// <summary>For each rule the places in <see cref="Metas"/> of those that look at it.</summary>
    internal int[][] MetasOf { get; init; } = [];

    /// <summary>Places in <see cref="Metas"/> of those that hit when nothing else does.</summary>
    internal int[] MetasOfNothing { get; init; } = [];

    internal RuleData Data { get; init; } = RuleData.Empty;

    internal IEnumerable<PatternGroup> Groups => [.. Headers.Select(header => header.Patterns), Body, RawBody, Uri, Full];

    /// <summary>One line for logs and the command line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Count} rules: {Headers.Sum(header => header.Patterns.Count + header.Exist.Length)} on header fields, {Body.Count} on the text, {RawBody.Count} on its markup, {Uri.Count + UriDetails.Length} on links, {MimeHeaders.Length} on MIME parts, {Full.Count} on the whole, {Functions.Length} functions, {Metas.Length} on other rules; {Unsupported.Count} not used");
}
