namespace Sternpost.MailAuth;

/// <summary>What one message may cost. Honest mail stays far below; what goes beyond is not checked, and the result says so.</summary>
internal static class AuthenticationBudget
{
    /// <summary>Header fields looked at; mail through many relays and lists has less than 200.</summary>
    public const int HeaderFields = 2000;

    /// <summary>Octets of header looked at.</summary>
    public const int HeaderOctets = 1024 * 1024;

    /// <summary>DKIM signatures verified, from the top (RFC 6376 §6.1 lets a verifier limit them).</summary>
    public const int Signatures = 10;

    /// <summary>Octets of one signature field.</summary>
    public const int SignatureOctets = 16 * 1024;

    /// <summary>Names in h=; oversigned lists of large senders have about sixty.</summary>
    public const int SignedNames = 300;

    /// <summary>Key records tried where one name holds several (RFC 6376 §3.6.2.2 leaves the result undefined).</summary>
    public const int KeyRecords = 3;

    /// <summary>Bits of an RSA key beyond which a verification costs too much (RFC 8301 §3.2 asks for 4096).</summary>
    public const int RsaBits = 8192;

    /// <summary>Different hashes made of one body: two forms, and some of signatures with l=.</summary>
    public const int BodyHashes = 5;

    /// <summary>Questions put to DNS over all methods. SPF alone may need a hundred by its own limits (RFC 7208 §4.6.4), real mail ten to twenty.</summary>
    public const int Lookups = 120;
}
