using System.Globalization;

namespace Sternpost.Dns;

/// <summary>The rules of the public suffix list, as <c>https://github.com/publicsuffix/list/wiki/Format</c> describes them, in A-labels and U-labels alike.</summary>
internal sealed class SuffixRules
{
    private readonly Dictionary<string, Kinds> rules;
    private readonly Dictionary<string, Kinds>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly int maxLabels;

    private SuffixRules(Dictionary<string, Kinds> rules, int maxLabels)
    {
        this.rules = rules;
        this.maxLabels = maxLabels;
        lookup = rules.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    [Flags]
    private enum Kinds : byte
    {
        None = 0,
        Suffix = 1,
        // Written "*.name": every name directly below is a suffix.
        Wildcard = 2,
        // Written "!name": not a suffix, whatever the wildcard says.
        Exception = 4,
    }

    internal int Count => rules.Count;

    internal static SuffixRules Load()
    {
        using var stream = typeof(SuffixRules).Assembly.GetManifestResourceStream("PublicSuffixList.txt")
            ?? throw new InvalidOperationException("The public suffix list is missing from this build.");
        using var reader = new StreamReader(stream);
        return Read(reader);
    }

    internal static SuffixRules Read(TextReader list)
    {
        var idn = new IdnMapping { AllowUnassigned = true, UseStd3AsciiRules = false };
        var rules = new Dictionary<string, Kinds>(12_000, StringComparer.Ordinal);
        var maxLabels = 1;
        while (list.ReadLine() is { } line)
        {
            // A rule ends at the first white space; what follows, and every line of a comment, is for people.
            var end = line.AsSpan().IndexOfAny(' ', '\t');
            var rule = end < 0 ? line : line[..end];
            if (rule.Length == 0 || rule.StartsWith("//", StringComparison.Ordinal)) continue;
            var (name, kind) = rule switch
            {
                ['!', .. var rest] => (rest, Kinds.Exception),
                ['*', '.', .. var rest] => (rest, Kinds.Wildcard),
                _ => (rule, Kinds.Suffix),
            };
            name = name.ToLowerInvariant();
            Add(rules, name, kind);
            if (!System.Text.Ascii.IsValid(name) && ToAscii(idn, name) is { } ascii) Add(rules, ascii, kind);
            maxLabels = Math.Max(maxLabels, name.AsSpan().Count('.') + (kind == Kinds.Wildcard ? 2 : 1));
        }
        return new SuffixRules(rules, maxLabels);
    }

    /// <summary>Where the suffix of a lower-case name begins. The rule of the most labels prevails, an exception over all; without any, the last label is the suffix.</summary>
    internal int SuffixStart(ReadOnlySpan<char> name)
    {
        var start = Skip(name);
        while (true)
        {
            var dot = name[start..].IndexOf('.');
            if (dot < 0) return start;
            var parent = start + dot + 1;
            var kinds = Find(name[start..]);
            if ((kinds & Kinds.Exception) != 0) return parent;
            if ((kinds & Kinds.Suffix) != 0 || (Find(name[parent..]) & Kinds.Wildcard) != 0) return start;
            start = parent;
        }
    }

    // Where the last labels begin that a rule can speak of, so that a name of many labels costs no more than others.
    private int Skip(ReadOnlySpan<char> name)
    {
        var start = name.Length;
        for (var labels = 0; labels < maxLabels; labels++)
        {
            var dot = name[..Math.Max(0, start - 1)].LastIndexOf('.');
            if (dot < 0) return 0;
            start = dot + 1;
        }
        return start;
    }

    // Null for what is no name: no name will meet such a rule.
    private static string? ToAscii(IdnMapping idn, string name)
    {
        try
        {
            return idn.GetAscii(name);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private Kinds Find(ReadOnlySpan<char> name) => lookup.TryGetValue(name, out var kinds) ? kinds : Kinds.None;

    private static void Add(Dictionary<string, Kinds> rules, string name, Kinds kind) => rules[name] = rules.GetValueOrDefault(name) | kind;
}
