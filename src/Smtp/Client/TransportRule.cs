namespace Sternpost.Smtp.Client;

/// <summary>What decided how a connection is protected: for the record of a delivery, where people ask why mail waits.</summary>
public enum TransportRule
{
    /// <summary>Nobody demands anything: TLS where it can be had (RFC 7435).</summary>
    Opportunistic,
    /// <summary>The administrator: a smarthost or a static route.</summary>
    Configured,
    /// <summary>The destination's MTA-STS policy in mode enforce (RFC 8461).</summary>
    MtaSts,
    /// <summary>The destination's MTA-STS policy in mode testing: what fails is only reported.</summary>
    MtaStsTesting,
    /// <summary>The host's TLSA records (RFC 7672).</summary>
    Dane,
    /// <summary>The message's sender, by REQUIRETLS (RFC 8689 §2).</summary>
    RequireTls,
    /// <summary>The message's sender, by <c>TLS-Required: No</c> (RFC 8689 §3): whatever the destination demands is passed over.</summary>
    TlsNotRequired,
}
