using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Sternpost.Acme;

/// <summary>When the authority wants a certificate renewed (RFC 9773 §4.2).</summary>
/// <param name="Start">From then.</param>
/// <param name="End">Until then.</param>
/// <param name="Explanation">A page that tells why, where the time is unusual; empty for none.</param>
/// <param name="AskAgain">When to ask again.</param>
public sealed record RenewalInfo(DateTimeOffset Start, DateTimeOffset End, string Explanation, TimeSpan AskAgain)
{
    // RFC 9773 §4.3.2: what the authority says, within reason; §4.3.3: six hours where it says nothing.
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(1), Usual = TimeSpan.FromHours(6), Most = TimeSpan.FromHours(24);

    /// <summary>How the authority names a certificate (RFC 9773 §4.1): its issuer's key identifier and its serial number; null where it has none of the first.</summary>
    public static string? IdOf(X509Certificate2 certificate)
    {
        var issuer = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier;
        if (issuer is null) return null;
        // The number as it is encoded: with the zero in front that keeps it positive.
        var serial = certificate.SerialNumberBytes.Span;
        return Base64Url.EncodeToString(issuer.Value.Span) + "." + Base64Url.EncodeToString(serial[0] >= 0x80 ? [0, .. serial] : serial);
    }

    internal static RenewalInfo? Of(JsonElement json, TimeSpan? retryAfter)
    {
        var window = Json.Member(json, "suggestedWindow");
        if (Json.Time(window, "start") is not { } start || Json.Time(window, "end") is not { } end || end <= start) return null;
        var again = retryAfter ?? Usual;
        var page = Json.Text(json, "explanationURL");
        return new RenewalInfo(start, end, page.Length < 500 ? page : "", again < Least ? Least : again > Most ? Most : again);
    }
}

/// <summary>When a certificate is renewed.</summary>
public static class RenewalTime
{
    private static readonly TimeSpan Short = TimeSpan.FromDays(10);

    /// <summary>Without a word of the authority: at two thirds of the life, at half of one of a few days.</summary>
    public static DateTimeOffset Usual(DateTimeOffset notBefore, DateTimeOffset notAfter) =>
        notBefore + ((notAfter - notBefore) * (notAfter - notBefore < Short ? 0.5 : 2.0 / 3));

    /// <summary>A time within the window, by chance, so that not all come at once (RFC 9773 §4.2).</summary>
    /// <param name="info">The window.</param>
    /// <param name="chance">From 0 up to 1.</param>
    public static DateTimeOffset Within(RenewalInfo info, double chance) => info.Start + ((info.End - info.Start) * chance);
}
