using System.Net;

namespace Sternpost.Smtp.Client;

/// <summary>Why no session came about. It holds for every recipient alike.</summary>
/// <param name="Status">RFC 3463.</param>
/// <param name="Reason">What happened, in our words; goes on after the name of the server.</param>
/// <param name="Reply">What the server said, or null where it said nothing.</param>
/// <param name="IsPermanent">The server wants no mail from us, ever: trying it again is no use.</param>
public sealed record ClientFailure(string Status, string Reason, SmtpReply? Reply = null, bool IsPermanent = false)
{
    /// <summary>How TLS failed, where that is what failed.</summary>
    public TlsResultType? Tls { get; init; }

    /// <summary>Our own address on the connection; null where there was none.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>The certificate that was turned down; null where none was.</summary>
    public ShownCertificate? Certificate { get; init; }
}

/// <summary>What came of opening a session.</summary>
public abstract record ClientOpening
{
    private ClientOpening() { }

    /// <summary>Ready for messages.</summary>
    public sealed record Opened(SmtpClientConnection Connection) : ClientOpening;

    /// <summary>No session.</summary>
    public sealed record Failed(ClientFailure Failure) : ClientOpening;
}
