using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Smtp.Client.Wires;

/// <summary>Makes connections to other servers.</summary>
public interface IOutboundWires
{
    /// <summary>Connects.</summary>
    /// <param name="to">Where.</param>
    /// <param name="from">Our own address for it; null lets the system choose.</param>
    /// <param name="cancellation">Gives it up.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The other end is not there.</exception>
    ValueTask<OutboundWire> ConnectAsync(IPEndPoint to, IPAddress? from, CancellationToken cancellation);
}

/// <summary>The octets of one connection to another server, which can turn to TLS.</summary>
public abstract class OutboundWire : IAsyncDisposable
{
    /// <summary>What is read and written now; another one after <see cref="StartTlsAsync"/>.</summary>
    public abstract Stream Stream { get; }

    /// <summary>Our own address on it.</summary>
    public abstract IPAddress? LocalAddress { get; }

    /// <summary>Whether anybody keeps what <see cref="Note"/> is given.</summary>
    public virtual bool KeepsNotes => false;

    /// <summary>Turns to TLS.</summary>
    /// <exception cref="AuthenticationException">The handshake failed, or the certificate was turned down.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public abstract ValueTask<TlsHandshake> StartTlsAsync(TlsRequest request, CancellationToken cancellation);

    /// <summary>
    /// What is flushed next ends a message, and the next reply says whether it was taken: should this process end before it has read
    /// that reply, <paramref name="note"/> is kept with it for the next one.
    /// </summary>
    /// <param name="note">What the next process needs to know.</param>
    /// <param name="within">How long the reply may take.</param>
    public virtual void Note(ReadOnlyMemory<byte> note, TimeSpan within)
    {
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the connection without a word.</summary>
    protected abstract ValueTask CloseAsync();
}

/// <summary>How a connection turns to TLS.</summary>
/// <param name="Host">The name asked for in the handshake, and compared with the certificate.</param>
/// <param name="Roots">The authorities certificates are verified by; null for those of the operating system.</param>
/// <param name="Accepts">Says whether what the server showed will do.</param>
public sealed record TlsRequest(string Host, X509Certificate2Collection? Roots, Func<ShownChain, bool> Accepts)
{
    // RFC 8997: nothing below TLS 1.2.
    private const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>The same as the library wants it.</summary>
    internal SslClientAuthenticationOptions ToOptions()
    {
        var chain = new X509ChainPolicy
        {
            // A handshake asks nobody else on the network anything: that would tell strangers whom we write to, and wait for them.
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        if (Roots is not null)
        {
            chain.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.CustomTrustStore.AddRange(Roots);
        }
        return new SslClientAuthenticationOptions
        {
            TargetHost = Host,
            EnabledSslProtocols = Protocols,
            CertificateChainPolicy = chain,
            RemoteCertificateValidationCallback = (_, certificate, built, errors) => Accepts(new ShownChain(
                certificate as X509Certificate2, built?.ChainPolicy.ExtraStore ?? [], errors, [.. (built?.ChainStatus ?? []).Select(status => status.Status)])),
        };
    }
}

/// <summary>What a server showed in the handshake, and what the library found wrong with it.</summary>
/// <param name="Certificate">Its certificate; null where it showed none.</param>
/// <param name="Others">The other certificates it sent.</param>
/// <param name="Errors">What is wrong.</param>
/// <param name="Statuses">What is wrong with the chain.</param>
public sealed record ShownChain(X509Certificate2? Certificate, X509Certificate2Collection Others, SslPolicyErrors Errors, IReadOnlyList<X509ChainStatusFlags> Statuses);

/// <summary>What a handshake came to.</summary>
/// <param name="Protocol">The version.</param>
/// <param name="Cipher">The cipher suite.</param>
/// <param name="Certificate">The server's certificate; it belongs to the wire.</param>
public sealed record TlsHandshake(SslProtocols Protocol, TlsCipherSuite Cipher, X509Certificate2? Certificate);
