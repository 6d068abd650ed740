using Sternpost.Sieve.Compiling;
using Sternpost.Sieve.Language;
using Sternpost.Sieve.Matching;
using Sternpost.Sieve.Running;

namespace Sternpost.Sieve.Tests;

/// <summary>The tags tests share: match type, comparator, part of an address, which of several fields, which parts of a message.</summary>
internal static class MatchTags
{
    private const string MatchGroup = "match-type", ComparatorGroup = "comparator", PartGroup = "address-part", IndexGroup = "index";

    /// <summary>Match type and comparator.</summary>
    internal static readonly TagSpec[] Match =
    [
        new("is", MatchGroup), new("contains", MatchGroup), new("matches", MatchGroup), new("regex", MatchGroup, null, "regex"),
        new("count", MatchGroup, ArgumentKind.Text, "relational"), new("value", MatchGroup, ArgumentKind.Text, "relational"),
        new("comparator", ComparatorGroup, ArgumentKind.Text),
    ];

    /// <summary>Parts of an address (RFC 5228 §2.7.4, RFC 5233).</summary>
    internal static readonly TagSpec[] AddressPart =
    [
        new("all", PartGroup), new("localpart", PartGroup), new("domain", PartGroup), new("user", PartGroup, null, "subaddress"), new("detail", PartGroup, null, "subaddress"),
    ];

    /// <summary>Which of several fields of a name (RFC 5260 §6).</summary>
    internal static readonly TagSpec[] Index = [new("index", IndexGroup, ArgumentKind.Number, "index"), new("last", "last", null, "index")];

    /// <summary>Parts of the message (RFC 5703 §4).</summary>
    internal static readonly TagSpec[] MimeFields = [new("mime", "mime", null, "mime"), new("anychild", "anychild", null, "mime")];

    /// <summary>Those, and what of a field's value (RFC 5703 §4.2).</summary>
    internal static readonly TagSpec[] Mime =
    [
        .. MimeFields,
        new("type", "mime-part", null, "mime"), new("subtype", "mime-part", null, "mime"), new("contenttype", "mime-part", null, "mime"), new("param", "mime-part", ArgumentKind.TextList, "mime"),
    ];

    /// <summary>What the tags of a test say; null after an error that was reported.</summary>
    /// <param name="bound">The test.</param>
    /// <param name="keys">What it looks for: expressions among them are checked now.</param>
    internal static MatchTest? Read(BoundCommand bound, IReadOnlyList<TextValue> keys)
    {
        var kind = bound.Tag(MatchGroup) switch { "contains" => MatchKind.Contains, "matches" => MatchKind.Matches, "regex" => MatchKind.Regex, "count" => MatchKind.Count, "value" => MatchKind.Value, _ => MatchKind.Is };
        if (ReadComparator(bound) is not { } comparator) return null;
        if (!comparator.HasSubstrings && kind is MatchKind.Contains or MatchKind.Matches or MatchKind.Regex && !comparator.HasSubstrings)
        {
            bound.Fail($"the {comparator.Name} comparator does not support :{bound.Tag(MatchGroup)}, which looks for a part of a string");
            return null;
        }
        var relation = Relation.Equal;
        if (kind is MatchKind.Count or MatchKind.Value)
        {
            if (bound.Constant(bound.TextOf(MatchGroup)!, "relation") is not { } word) return null;
            if (MatchTest.FindRelation(word) is not { } known)
            {
                bound.Fail($"the :{bound.Tag(MatchGroup)} tag knows the relations gt, ge, lt, le, eq and ne, but not '{word}'");
                return null;
            }
            relation = known;
        }
        if (kind == MatchKind.Regex)
        {
            foreach (var key in keys)
            {
                if (key.Constant is not { } pattern || RegexPattern.TryMake(pattern, comparator != Comparator.Octet, out var problem) is not null) continue;
                bound.Fail(problem);
                return null;
            }
        }
        return new MatchTest(kind, relation, comparator, bound.Line);
    }

    /// <summary>The field asked for by <c>:index</c> and <c>:last</c>: 1 is the first, -1 the last, 0 means all; null after an error that was reported.</summary>
    internal static int? ReadIndex(BoundCommand bound)
    {
        if (bound.Parameter(IndexGroup) is not { } given)
        {
            if (!bound.Has("last")) return 0;
            bound.Fail($"the :last tag of the {bound.Title} needs :index beside it");
            return null;
        }
        if (given.Number is 0 or > int.MaxValue)
        {
            bound.Fail($"the :index of the {bound.Title} counts from 1");
            return null;
        }
        return bound.Has("last") ? -(int)given.Number : (int)given.Number;
    }

    /// <summary>Takes the field asked for out of all of a name.</summary>
    internal static IEnumerable<T> At<T>(IEnumerable<T> all, int index)
    {
        if (index == 0) return all;
        var list = all.ToList();
        var at = index > 0 ? index - 1 : list.Count + index;
        return at >= 0 && at < list.Count ? [list[at]] : [];
    }

    private static Comparator? ReadComparator(BoundCommand bound)
    {
        if (bound.TextOf(ComparatorGroup) is not { } given) return Comparator.AsciiCasemap;
        if (bound.Constant(given, "comparator") is not { } name) return null;
        if (Comparator.Find(name) is not { } found)
        {
            bound.Fail($"unknown comparator '{name}'");
            return null;
        }
        // RFC 5228 §2.7.3: these two are there without being required.
        if (found == Comparator.Octet || found == Comparator.AsciiCasemap || bound.Compiler.Has("comparator-" + name)) return found;
        bound.Fail($"the comparator '{name}' needs: require \"comparator-{name}\"");
        return null;
    }
}
