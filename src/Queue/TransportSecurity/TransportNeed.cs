namespace Sternpost.Queue.TransportSecurity;

/// <summary>What a message's sender wants of the way it takes (RFC 8689).</summary>
public enum TransportNeed
{
    /// <summary>Nothing: what the destination asks is what is done.</summary>
    Usual = 0,
    /// <summary>REQUIRETLS: only over proved TLS to servers that demand the same further on.</summary>
    RequireTls = 1,
    /// <summary><c>TLS-Required: No</c>: rather in clear than not at all, whatever the destination asks.</summary>
    TlsNotRequired = 2,
}
