namespace Sternpost.MailAuth.Published;

/// <summary>How much depends on a record.</summary>
public enum RecordImportance
{
    /// <summary>Without it mail does not arrive, or is refused.</summary>
    Essential,
    /// <summary>Mail is safer or better believed with it.</summary>
    Recommended,
    /// <summary>A convenience, or something that few look at.</summary>
    Optional,
}

/// <summary>A record the administrator is asked to publish.</summary>
/// <param name="Name">The owner name, absolute without the trailing dot.</param>
/// <param name="Type">The record type's mnemonic.</param>
/// <param name="Ttl">Seconds.</param>
/// <param name="Value">The value: for TXT the whole text without quotes, for the rest as a zone file has it, names without the trailing dot.</param>
/// <param name="Why">What it is good for, in one sentence.</param>
public sealed record DnsRecordToPublish(string Name, string Type, int Ttl, string Value, string Why)
{
    /// <summary>How much depends on it.</summary>
    public RecordImportance Importance { get; init; } = RecordImportance.Recommended;

    /// <summary>What follows where it is missing, in one sentence.</summary>
    public string Without { get; init; } = "";
}

/// <summary>What a DKIM key is used for.</summary>
public enum KeyUse
{
    /// <summary>It waits: published first, used once it has been seen in DNS for some days.</summary>
    Next = 0,
    /// <summary>It signs.</summary>
    Signing = 1,
    /// <summary>It signs no more; mail that it signed may still be checked.</summary>
    Retired = 2,
    /// <summary>It is good for nothing any more.</summary>
    Revoked = 3,
}

/// <summary>The public half of a DKIM key.</summary>
/// <param name="Selector">The selector its record is found by.</param>
/// <param name="Algorithm"><c>rsa</c> or <c>ed25519</c>, as in k=.</param>
/// <param name="PublicKey">The value of p=, base64; empty for a key that is revoked.</param>
public sealed record PublishedKey(string Selector, string Algorithm, string PublicKey)
{
    /// <summary>What it is used for.</summary>
    public KeyUse Use { get; init; } = KeyUse.Signing;

    /// <summary>The TXT record's text (RFC 6376 §3.6.1, RFC 8463 §4).</summary>
    public string RecordText => $"v=DKIM1; k={Algorithm}; p={PublicKey}";
}
