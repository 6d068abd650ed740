namespace Sternpost.Dns;

/// <summary>
/// The public suffix list: below which names anybody may register one of his own (<c>com</c>, <c>co.uk</c>, <c>github.io</c>), and so
/// which part of a name belongs to one owner. Private suffixes count, because their customers are strangers to each other.
/// DMARC does not use it (RFC 9989 §4.10 walks the tree instead); what compares names for a reader's eye does.
/// Lookups allocate nothing and take names in any case, as A-labels or U-labels.
/// </summary>
public static class PublicSuffixes
{
    // The longest name is 253 octets (RFC 1035 §2.3.4); in U-labels it has fewer characters.
    private const int MaxLength = 253;

    private static readonly Lazy<SuffixRules> Rules = new(SuffixRules.Load);

    /// <summary>
    /// The part of <paramref name="domain"/> its owner registered: the public suffix and one label more, as a slice of what was given.
    /// Empty where the name is a public suffix itself, an IP address, or no domain name.
    /// </summary>
    public static ReadOnlySpan<char> RegistrableDomain(ReadOnlySpan<char> domain)
    {
        domain = WithoutRoot(domain);
        var suffix = SuffixStart(domain);
        if (suffix <= 0) return [];
        var dot = domain[..(suffix - 1)].LastIndexOf('.');
        return domain[(dot + 1)..];
    }

    /// <summary>The public suffix of <paramref name="domain"/>, as a slice of what was given; empty for an IP address or no domain name.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> domain)
    {
        domain = WithoutRoot(domain);
        var suffix = SuffixStart(domain);
        return suffix < 0 ? [] : domain[suffix..];
    }

    /// <summary>True where two names have the same registrable domain, or are the same name where neither has one.</summary>
    public static bool SameOwner(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        var first = RegistrableDomain(a);
        var second = RegistrableDomain(b);
        return first.IsEmpty && second.IsEmpty
            ? WithoutRoot(a).Equals(WithoutRoot(b), StringComparison.OrdinalIgnoreCase)
            : first.Equals(second, StringComparison.OrdinalIgnoreCase);
    }

    private static ReadOnlySpan<char> WithoutRoot(ReadOnlySpan<char> domain) => domain is [.., '.'] ? domain[..^1] : domain;

    // Where the public suffix begins; below 0 where there is no name to speak of.
    private static int SuffixStart(ReadOnlySpan<char> domain)
    {
        if (domain.Length is 0 or > MaxLength || domain[0] == '.' || domain.IndexOf("..") >= 0) return -1;
        // No top-level domain is all digits (RFC 3696 §2): this is an address, or nothing.
        if (domain[(domain.LastIndexOf('.') + 1)..].IndexOfAnyExceptInRange('0', '9') < 0) return -1;
        Span<char> lower = stackalloc char[domain.Length];
        domain.ToLowerInvariant(lower);
        return Rules.Value.SuffixStart(lower);
    }
}
