using System.Diagnostics.CodeAnalysis;

namespace Sternpost.MailAuth.Dkim;

/// <summary>A published key (RFC 6376 §3.6.1, RFC 8463 §4).</summary>
internal sealed class DkimKeyRecord
{
    private string[]? hashes;

    /// <summary>k=: "rsa" where absent.</summary>
    public required string KeyType { get; init; }

    /// <summary>The key as published: SubjectPublicKeyInfo or RSAPublicKey for RSA, 32 octets for Ed25519; empty where revoked.</summary>
    public required byte[] Key { get; init; }

    /// <summary>t=y.</summary>
    public bool Testing { get; private init; }

    /// <summary>t=s: i= must name d= itself.</summary>
    public bool StrictIdentity { get; private init; }

    /// <summary>s= includes mail.</summary>
    public bool ForEmail { get; private init; } = true;

    /// <summary>h= allows the hash.</summary>
    public bool Allows(string hash) => hashes is null || hashes.Contains(hash, StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a TXT record; says in plain words what is wrong where it is no key.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DkimKeyRecord? record, out string problem)
    {
        record = null;
        if (!TagList.TryParse(text, out var tags))
        {
            problem = "the key record is not a list of tags";
            return false;
        }
        // RFC 6376 §3.6.1 v=: first if at all.
        if (tags["v"] is { } version && (version != "DKIM1" || !tags.StartsWith("v", "DKIM1")))
        {
            problem = "the key record is of an unknown version";
            return false;
        }
        if (tags["p"] is not { } key)
        {
            problem = "the key record has no p=";
            return false;
        }
        var octets = new byte[(key.Length * 3 / 4) + 3];
        if (!Convert.TryFromBase64String(key, octets, out var length))
        {
            problem = "the key is not base64";
            return false;
        }
        var flags = List(tags["t"]);
        record = new DkimKeyRecord
        {
            KeyType = tags["k"]?.ToLowerInvariant() ?? "rsa",
            Key = octets[..length],
            Testing = Has(flags, "y"),
            StrictIdentity = Has(flags, "s"),
            // RFC 6376 §3.6.1 s=: services; "*" is all.
            ForEmail = List(tags["s"]) is not { } services || Has(services, "*") || Has(services, "email"),
            hashes = List(tags["h"]),
        };
        problem = "";
        return true;
    }

    private static string[]? List(string? value) => value is null ? null : TagList.WithoutSpace(value).Split(':');

    private static bool Has(string[]? list, string word) => list is not null && list.Contains(word, StringComparer.OrdinalIgnoreCase);
}
