namespace Sternpost.Smtp.Client;

/// <summary>How TLS with a server failed, in the kinds that TLS reports count (RFC 8460 §4.3).</summary>
public enum TlsResultType
{
    /// <summary>The server offers no STARTTLS, or refused it.</summary>
    StartTlsNotSupported,
    /// <summary>The certificate is for other names.</summary>
    CertificateHostMismatch,
    /// <summary>The certificate is not valid any more, or not yet.</summary>
    CertificateExpired,
    /// <summary>The certificate leads to no authority that is trusted.</summary>
    CertificateNotTrusted,
    /// <summary>Anything else: the handshake broke, or the certificate is not one of those the TLSA records name.</summary>
    ValidationFailure,
}
