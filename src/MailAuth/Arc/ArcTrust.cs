using Sternpost.Dns;
using Sternpost.MailAuth.Results;

namespace Sternpost.MailAuth.Arc;

/// <summary>Whether a chain explains why a message no longer authenticates: only sealers the administrator named are believed (RFC 8617 §7.2, §9.4).</summary>
public static class ArcTrust
{
    /// <summary>The link at which the message still passed DMARC for <paramref name="author"/>, provided it and all later links are of trusted sealers; otherwise null.</summary>
    public static ArcLink? Explains(ArcResult chain, DomainName author, IReadOnlyList<DomainName> trusted)
    {
        if (chain.Kind != ArcKind.Pass || trusted.Count == 0) return null;
        // From the newest down: behind a link that is not believed anything could have been made up.
        for (var i = chain.Links.Count - 1; i >= 0; i--)
        {
            var link = chain.Links[i];
            if (!trusted.Any(sealer => link.Sealer.IsWithin(sealer))) return null;
            foreach (var result in ResultsReader.Read(link.AuthenticationResults))
            {
                if (result is { Method: "dmarc", Result: "pass" } && DomainName.TryParse(result["header.from"], out var from) && from == author) return link;
            }
        }
        return null;
    }
}
