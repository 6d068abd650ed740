namespace Sternpost.Filter.Judges.Phishing;

/// <summary>Whether two hosts belong together for a reader: same registered name, by a short rule instead of the public suffix list.</summary>
internal static class RelatedDomains
{
    internal static bool Same(ReadOnlySpan<char> a, ReadOnlySpan<char> b) => Registered(a).Equals(Registered(b), StringComparison.OrdinalIgnoreCase);

    /// <summary>The last two labels, or three where the last two look like a registry's (co.uk, com.br).</summary>
    internal static ReadOnlySpan<char> Registered(ReadOnlySpan<char> host)
    {
        var last = host.LastIndexOf('.');
        if (last <= 0) return host;
        var second = host[..last].LastIndexOf('.');
        if (second < 0) return host;
        var isRegistry = host.Length - last - 1 == 2 && last - second - 1 <= 3;
        if (!isRegistry) return host[(second + 1)..];
        var third = host[..second].LastIndexOf('.');
        return third < 0 ? host : host[(third + 1)..];
    }
}
