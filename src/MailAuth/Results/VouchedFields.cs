using System.Text;
using Sternpost.Dns;
using Sternpost.MailAuth.Canonical;

namespace Sternpost.MailAuth.Results;

/// <summary>Which fields of a stored message a signature covers that this server found good when the message came in; nothing is verified again.</summary>
public static class VouchedFields
{
    private const int ShortestPrefix = 8;

    /// <summary>The signer of a good signature that covers all of these fields; null where there is none, or where one of the fields is not there exactly once.</summary>
    /// <param name="message">The message as it is stored, with the lines this server put before it.</param>
    /// <param name="host">This server.</param>
    /// <param name="names">The fields.</param>
    public static DomainName? SignerOf(ReadOnlyMemory<byte> message, DomainName host, params IReadOnlyList<string> names)
    {
        var header = RawHeader.Parse(message);
        if (header.Truncated || OwnResultsOf(header, host) is not { } results) return null;
        // A signature covers the last of several fields of one name (RFC 6376 §5.4.2); a reader may look at another.
        foreach (var name in names)
        {
            if (header.Count(Encoding.ASCII.GetBytes(name)) != 1) return null;
        }
        foreach (var field in header.Fields)
        {
            if (!header.Is(field, "DKIM-Signature"u8) || !TagList.TryParse(Encoding.UTF8.GetString(header.Value(field)), out var tags)) continue;
            if (tags["d"] is not { } domain || tags["h"] is not { } covered || tags["b"] is not { } signature) continue;
            if (!results.Any(result => IsOf(result, domain, tags["s"] ?? "", TagList.WithoutSpace(signature)))) continue;
            var signed = TagList.WithoutSpace(covered).Split(':');
            if (names.All(name => signed.Contains(name, StringComparer.OrdinalIgnoreCase)) && DomainName.TryParse(domain, out var signer)) return signer;
        }
        return null;
    }

    // Ours stand above our own Received; what is below came with the message.
    private static List<MethodResult>? OwnResultsOf(RawHeader header, DomainName host)
    {
        foreach (var field in header.Fields)
        {
            if (header.Is(field, "Received"u8)) return null;
            if (header.Is(field, "Authentication-Results"u8) && AuthservId.Is(header.Value(field), host)) return [.. ResultsReader.Read(Encoding.UTF8.GetString(header.Value(field)))];
        }
        return null;
    }

    // RFC 6008: the beginning of a signature tells which of several a result is about.
    private static bool IsOf(MethodResult result, string domain, string selector, string signature) =>
        result is { Method: "dkim", Result: "pass" } && result["header.b"] is { Length: >= ShortestPrefix } prefix && signature.StartsWith(prefix, StringComparison.Ordinal)
        && string.Equals(result["header.d"], domain, StringComparison.OrdinalIgnoreCase) && string.Equals(result["header.s"], selector, StringComparison.OrdinalIgnoreCase);
}
