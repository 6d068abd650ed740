using System.Net;
using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Patterns;
using Sternpost.Filter.SpamAssassin.Views;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>Lists and settings that views and functions look into.</summary>
internal sealed class RuleData
{
    internal static readonly RuleData Empty = Of(new RuleBook());

    internal required RegisteredDomains Domains { get; init; }

    internal required IReadOnlyList<RuleRegex> Redirectors { get; init; }

    internal required IReadOnlyDictionary<string, AddressPatterns> Addresses { get; init; }

    internal required IReadOnlyDictionary<string, AddressFromHost> AddressesFromHosts { get; init; }

    internal required IReadOnlyDictionary<string, Dictionary<string, bool>> UriHosts { get; init; }

    /// <summary>Patterns to find in a lower-case subject, by the setting's name.</summary>
    internal required IReadOnlyDictionary<string, List<string>> SubjectLists { get; init; }

    internal required IReadOnlySet<string> FreeMailDomains { get; init; }

    internal required IReadOnlySet<string> FreeMailExceptions { get; init; }

    internal required Regex? FreeMailPattern { get; init; }

    internal required IReadOnlyList<string> OriginatingHeaders { get; init; }

    internal required IReadOnlyDictionary<string, List<(IPNetwork Network, bool Excluded)>> Networks { get; init; }

    internal required IReadOnlyDictionary<string, string> Values { get; init; }

    internal int Number(string setting, int standard) => Values.TryGetValue(setting, out var text) && int.TryParse(text, out var number) && number >= 0 ? number : standard;

    internal bool Flag(string setting, bool standard) => Values.TryGetValue(setting, out var text) ? text.ToLowerInvariant() is "1" or "yes" : standard;

    internal static RuleData Of(RuleBook book)
    {
        var redirectors = new List<RuleRegex>();
        foreach (var text in book.RedirectorPatterns)
        {
            var pattern = PerlPattern.ParseDelimited(text);
            if (pattern.Root is not null) redirectors.Add(new RuleRegex(pattern.Root, captures: true));
            else book.Refuse("redirector_pattern", pattern.Fault!, text);
        }
        return new RuleData
        {
            Domains = new RegisteredDomains(book.TopLevels, book.SecondLevels, book.ThirdLevels),
            Redirectors = redirectors,
            Addresses = book.Addresses,
            AddressesFromHosts = book.AddressesFromHosts,
            UriHosts = book.UriHosts,
            SubjectLists = book.SubjectLists.GroupBy(entry => entry.Setting).ToDictionary(group => group.Key, group => group.Select(entry => $"*{ByteText.Lower(entry.Pattern)}*").ToList()),
            FreeMailDomains = book.FreeMailDomains,
            FreeMailExceptions = book.FreeMailExceptions,
            FreeMailPattern = FreeMail(book.FreeMailPatterns),
            OriginatingHeaders = book.OriginatingHeaders,
            Networks = book.Networks,
            Values = book.Values,
        };
    }

    // Within one label: a * does not reach over a dot.
    private static Regex? FreeMail(List<string> patterns)
    {
        if (patterns.Count == 0) return null;
        var alternatives = patterns.Select(pattern => Regex.Escape(pattern).Replace("\\*", "[^.]*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal));
        return new Regex($"@(?:{string.Join('|', alternatives)})$", RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(100));
    }
}
