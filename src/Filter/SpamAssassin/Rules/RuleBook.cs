using System.Net;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>All that the rule files say, before anything is made of it. Later lines replace earlier ones, as in SpamAssassin.</summary>
internal sealed class RuleBook
{
    /// <summary>Most rules kept; Debian's package has 3,200.</summary>
    internal const int MostRules = 50_000;

    internal Dictionary<string, RuleDefinition> Rules { get; } = new(StringComparer.Ordinal);

    /// <summary>Scores without network and Bayes: the first of four.</summary>
    internal Dictionary<string, double> Scores { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, string> Flags { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, string> Descriptions { get; } = new(StringComparer.Ordinal);

    internal ReplaceTags Replacements { get; } = new();

    internal List<string> RedirectorPatterns { get; } = [];

    /// <summary>Lists of addresses, by the setting's or the list's name.</summary>
    internal Dictionary<string, AddressPatterns> Addresses { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Lists of addresses with the hosts they are believed from, by the setting's name.</summary>
    internal Dictionary<string, AddressFromHost> AddressesFromHosts { get; } = new(StringComparer.Ordinal);

    /// <summary>Lists of hosts in links, by name; false for an exception.</summary>
    internal Dictionary<string, Dictionary<string, bool>> UriHosts { get; } = new(StringComparer.Ordinal);

    internal List<(string Setting, string Pattern)> SubjectLists { get; } = [];

    internal HashSet<string> TopLevels { get; } = new(StringComparer.Ordinal);

    internal HashSet<string> SecondLevels { get; } = new(StringComparer.Ordinal);

    internal HashSet<string> ThirdLevels { get; } = new(StringComparer.Ordinal);

    internal HashSet<string> FreeMailDomains { get; } = new(StringComparer.Ordinal);

    internal List<string> FreeMailPatterns { get; } = [];

    internal HashSet<string> FreeMailExceptions { get; } = new(StringComparer.Ordinal);

    internal List<string> OriginatingHeaders { get; } = ["X-Yahoo-Post-IP", "X-Originating-IP", "X-Apparently-From", "X-SenderIP"];

    /// <summary>Networks by <c>trusted_networks</c>, <c>internal_networks</c> and <c>msa_networks</c>; true for one that is excluded.</summary>
    internal Dictionary<string, List<(IPNetwork Network, bool Excluded)>> Networks { get; } = new(StringComparer.Ordinal);

    /// <summary>Settings that are one value.</summary>
    internal Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>Settings that mean nothing here, each once, with how often it stood.</summary>
    internal Dictionary<string, (string Reason, string Place, int Times)> Ignored { get; } = new(StringComparer.Ordinal);

    internal List<UnsupportedRule> Unsupported { get; } = [];

    internal AddressPatterns AddressList(string name)
    {
        if (!Addresses.TryGetValue(name, out var list)) Addresses.Add(name, list = new AddressPatterns());
        return list;
    }

    internal AddressFromHost HostList(string name)
    {
        if (!AddressesFromHosts.TryGetValue(name, out var list)) AddressesFromHosts.Add(name, list = new AddressFromHost());
        return list;
    }

    internal Dictionary<string, bool> UriHostList(string name)
    {
        if (!UriHosts.TryGetValue(name, out var list)) UriHosts.Add(name, list = new(StringComparer.Ordinal));
        return list;
    }

    internal void Ignore(string setting, string reason, string place)
    {
        if (Ignored.TryGetValue(setting, out var known)) Ignored[setting] = known with { Times = known.Times + 1 };
        else if (Ignored.Count < 1000) Ignored.Add(setting, (reason, place, 1));
    }

    internal void Refuse(string name, string reason, string place)
    {
        if (Unsupported.Count < MostRules) Unsupported.Add(new UnsupportedRule(name, reason, place));
    }
}
