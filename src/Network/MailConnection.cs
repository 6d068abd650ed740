using System.IO.Pipelines;
using System.Net;

namespace Sternpost.Network;

/// <summary>
/// One client connection, as SMTP, IMAP and POP3 see it: a pair of pipes that can turn to TLS once, the peer's address
/// (the one PROXY protocol named, where it did), and the deadline of the current wait.
/// </summary>
public sealed class MailConnection
{
    /// <summary>Bytes from the client.</summary>
    public PipeReader Input => throw new NotImplementedException();

    /// <summary>Bytes to the client.</summary>
    public PipeWriter Output => throw new NotImplementedException();

    /// <summary>The client; IPv4-mapped addresses unmapped.</summary>
    public IPEndPoint Remote => throw new NotImplementedException();

    /// <summary>Our end.</summary>
    public IPEndPoint Local => throw new NotImplementedException();

    /// <summary>True once TLS is up.</summary>
    public bool IsTls => throw new NotImplementedException();

    /// <summary>For example <c>TLSv1.3</c>; null on cleartext.</summary>
    public string? TlsVersion => throw new NotImplementedException();

    /// <summary>IANA cipher suite name; null on cleartext.</summary>
    public string? TlsCipher => throw new NotImplementedException();

    /// <summary>tls-server-end-point channel binding data (RFC 5929 §4), or null on cleartext.</summary>
    public byte[]? TlsServerEndPoint => throw new NotImplementedException();

    /// <summary>Cancelled when the server is shutting down: finish the command, say goodbye, return.</summary>
    public CancellationToken Draining => throw new NotImplementedException();

    /// <summary>
    /// A token cancelled when the connection dies or <paramref name="timeout"/> passes, for the next wait only; each call
    /// starts the clock anew on the same source.
    /// </summary>
    public CancellationToken Within(TimeSpan timeout) => throw new NotImplementedException();

    /// <summary>
    /// Turns the connection to TLS after the go-ahead reply has been flushed. Whatever the client pipelined in cleartext is
    /// never read as TLS plaintext (CVE-2011-0411). False where the handshake failed; the connection is then useless.
    /// </summary>
    public Task<bool> StartTlsAsync() => throw new NotImplementedException();
}

/// <summary>What a listener does with a connection: one call per connection, returning ends it.</summary>
public delegate Task MailSession(MailConnection connection);

/// <summary>When TLS starts.</summary>
public enum TlsMode
{
    /// <summary>Before the first byte (RFC 8314 implicit TLS).</summary>
    Implicit,
    /// <summary>By STARTTLS/STLS.</summary>
    Upgrade,
}
