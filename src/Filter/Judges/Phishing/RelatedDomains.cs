using Sternpost.Dns;

namespace Sternpost.Filter.Judges.Phishing;

/// <summary>Whether two hosts belong together for a reader: the same registered name.</summary>
internal static class RelatedDomains
{
    internal static bool Same(ReadOnlySpan<char> a, ReadOnlySpan<char> b) => Registered(a).Equals(Registered(b), StringComparison.OrdinalIgnoreCase);

    /// <summary>The part its owner registered; the host itself where there is none.</summary>
    internal static ReadOnlySpan<char> Registered(ReadOnlySpan<char> host)
    {
        var registered = PublicSuffixes.RegistrableDomain(host);
        return registered.IsEmpty ? host : registered;
    }
}
