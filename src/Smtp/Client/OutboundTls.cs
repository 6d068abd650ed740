namespace Sternpost.Smtp.Client;

/// <summary>How a connection to another server is protected.</summary>
public enum OutboundTls
{
    /// <summary>STARTTLS where offered, any certificate; cleartext where it is not offered or fails (RFC 7435).</summary>
    Opportunistic,
    /// <summary>Never.</summary>
    None,
    /// <summary>STARTTLS or nothing, any certificate.</summary>
    Required,
    /// <summary>STARTTLS or nothing, and the certificate must be the host's.</summary>
    Verified,
    /// <summary>TLS from the first byte (RFC 8314 §3.3), and the certificate must be the host's.</summary>
    Implicit,
    /// <summary>STARTTLS or nothing, and the certificate must be one that the host's TLSA records name (RFC 7672).</summary>
    Dane,
}
