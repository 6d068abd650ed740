using Sternpost.Filter.SpamAssassin.Patterns;

namespace Sternpost.Filter.SpamAssassin.Rules;

/// <summary>A list of addresses with * and ?, as <c>welcomelist_from</c> has them. Most hold no wildcard and cost one look-up.</summary>
internal sealed class AddressPatterns
{
    private readonly HashSet<string> exact = new(StringComparer.Ordinal);
    private readonly HashSet<string> wild = new(StringComparer.Ordinal);

    internal void Add(string pattern)
    {
        var lower = ByteText.Lower(pattern);
        (lower.AsSpan().IndexOfAny('*', '?') < 0 ? exact : wild).Add(lower);
    }

    internal void Remove(string pattern)
    {
        exact.Remove(ByteText.Lower(pattern));
        wild.Remove(ByteText.Lower(pattern));
    }

    internal bool IsEmpty => exact.Count == 0 && wild.Count == 0;

    internal bool Contains(string address)
    {
        var lower = ByteText.Lower(address);
        if (exact.Contains(lower)) return true;
        foreach (var pattern in wild)
        {
            if (Glob.Matches(pattern, lower)) return true;
        }
        return false;
    }
}

/// <summary>Addresses that are believed only from hosts of certain names, as <c>welcomelist_from_rcvd</c> has them.</summary>
internal sealed class AddressFromHost
{
    private readonly Dictionary<string, List<string>> entries = new(StringComparer.Ordinal);

    internal void Add(string pattern, string host)
    {
        var lower = ByteText.Lower(pattern);
        if (!entries.TryGetValue(lower, out var hosts)) entries.Add(lower, hosts = []);
        hosts.Add(ByteText.Lower(host));
    }

    internal void Remove(string pattern) => entries.Remove(ByteText.Lower(pattern));

    /// <summary>The hosts that may use this address; none where it is in no entry.</summary>
    internal IEnumerable<string> HostsOf(string lowerAddress) => entries.Where(entry => Glob.Matches(entry.Key, lowerAddress)).SelectMany(entry => entry.Value);
}
