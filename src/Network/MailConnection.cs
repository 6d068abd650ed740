using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Sternpost.Network.Local;
using Sternpost.Network.Tls;

namespace Sternpost.Network;

/// <summary>
/// One client connection, as SMTP, IMAP and POP3 see it: a pair of pipes that can turn to TLS once, the peer's address
/// (the one PROXY protocol named, where it did), and the deadline of the current wait.
/// </summary>
public sealed class MailConnection : IAsyncDisposable
{
    // Reading ahead of a session that does not consume: one read's worth, so a flood waits in the kernel, not here.
    private const int TlsReadSize = 16 * 1024;

    // A command under way may be finished, but not the download of a whole mailbox.
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private readonly ConnectionContext transport;
    private readonly TlsCertificates certificates;
    private readonly TimeSpan handshakeTimeout;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource deadline;
    private readonly CancellationTokenSource ending;
    private ITimer? patience;
    private SslStream? tls;

    internal MailConnection(ConnectionContext transport, IPEndPoint remote, IPEndPoint local, TlsCertificates certificates, TimeSpan handshakeTimeout, TimeProvider time, CancellationToken draining)
    {
        this.transport = transport;
        this.certificates = certificates;
        this.handshakeTimeout = handshakeTimeout;
        this.time = time;
        Remote = remote;
        Local = local;
        ending = CancellationTokenSource.CreateLinkedTokenSource(draining);
        Draining = ending.Token;
        Input = transport.Transport.Input;
        Output = transport.Transport.Output;
        deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    /// <summary>Bytes from the client.</summary>
    public PipeReader Input { get; private set; }

    /// <summary>Bytes to the client.</summary>
    public PipeWriter Output { get; private set; }

    /// <summary>The client; IPv4-mapped addresses unmapped.</summary>
    public IPEndPoint Remote { get; }

    /// <summary>Our end.</summary>
    public IPEndPoint Local { get; }

    /// <summary>Who is at the other end, where it is a program of this computer at a socket of the file system; null elsewhere.</summary>
    public PeerCredentials? Peer { get; init; }

    /// <summary>True once TLS is up.</summary>
    public bool IsTls => tls is not null;

    /// <summary>For example <c>TLSv1.3</c>; null on cleartext.</summary>
    public string? TlsVersion => tls is null ? null : TlsNames.Version(tls.SslProtocol);

    /// <summary>IANA cipher suite name; null on cleartext.</summary>
    public string? TlsCipher => tls?.NegotiatedCipherSuite.ToString();

    /// <summary>tls-server-end-point channel binding data (RFC 5929 §4), or null on cleartext.</summary>
    public byte[]? TlsServerEndPoint { get; private set; }

    /// <summary>Cancelled when the server is shutting down, or this session must end: finish the command, say goodbye, return.</summary>
    public CancellationToken Draining { get; }

    /// <summary>Why this session alone must end; null where the whole server goes down.</summary>
    public string? EndReason { get; private set; }

    /// <summary>Ends this session as a shutdown would, and cuts it off where it does not end soon. From any thread.</summary>
    /// <param name="reason">A sentence for the client, without a full stop.</param>
    public void EndSession(string reason)
    {
        EndReason = reason;
        try
        {
            patience = time.CreateTimer(static transport => ((ConnectionContext)transport!).Abort(), transport, EndPatience, Timeout.InfiniteTimeSpan);
            ending.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>
    /// A token cancelled when <paramref name="timeout"/> passes, for the next wait only; each call starts the clock anew on the
    /// same source. A peer that is gone ends reads and writes by itself; one that has only closed its sending side may still be
    /// answered (a half-close of TCP), and some clients wait for just that.
    /// </summary>
    public CancellationToken Within(TimeSpan timeout)
    {
        deadline.CancelAfter(timeout);
        return deadline.Token;
    }

    /// <summary>
    /// Turns the connection to TLS after the go-ahead reply has been flushed. Whatever the client pipelined in cleartext is
    /// never read as TLS plaintext (CVE-2011-0411): it stays in front of the handshake, which therefore fails.
    /// False where the handshake failed; the connection is then useless.
    /// </summary>
    public async Task<bool> StartTlsAsync()
    {
        if (tls is not null) throw new InvalidOperationException("TLS is already up.");
        var stream = new SslStream(new DuplexPipeStream(Input, Output), leaveInnerStreamOpen: true);
        try
        {
            await stream.AuthenticateAsServerAsync(certificates.SelectAsync, null, Within(handshakeTimeout)).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is System.Security.Authentication.AuthenticationException or IOException or OperationCanceledException or ConnectionResetException)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            return false;
        }
        tls = stream;
        TlsServerEndPoint = certificates.EndPointBinding(stream.LocalCertificate);
        // Zero-byte reads: a client that sends nothing keeps no buffer.
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(MemoryPool<byte>.Shared, TlsReadSize, leaveOpen: true, useZeroByteReads: true));
        Output = PipeWriter.Create(stream, new StreamPipeWriterOptions(MemoryPool<byte>.Shared, leaveOpen: true));
        return true;
    }

    /// <summary>Ends the connection at once; what was written and not yet sent is lost.</summary>
    public void Abort() => transport.Abort();

    /// <summary>Ends the connection: what was written is sent, close-notify where TLS is up, then the socket. A peer that takes none of it is cut off.</summary>
    public async ValueTask DisposeAsync()
    {
        if (tls is not null && !await SayGoodbyeAsync(tls).ConfigureAwait(false)) transport.Abort();
        await TransportEnd.CloseAsync(transport, time).ConfigureAwait(false);
        if (tls is not null) await tls.DisposeAsync().ConfigureAwait(false);
        deadline.Dispose();
        if (patience is not null) await patience.DisposeAsync().ConfigureAwait(false);
        ending.Dispose();
    }

    private async ValueTask<bool> SayGoodbyeAsync(SslStream stream)
    {
        try
        {
            await Goodbye().WaitAsync(TransportEnd.Patience, time).ConfigureAwait(false);
            return true;
        }
        catch (Exception gone) when (gone is IOException or TimeoutException or InvalidOperationException or OperationCanceledException)
        {
            // The peer has left, or does not read: there is nobody to say goodbye to.
            return false;
        }

        async Task Goodbye()
        {
            await Output.CompleteAsync().ConfigureAwait(false);
            await Input.CompleteAsync().ConfigureAwait(false);
            await stream.ShutdownAsync().ConfigureAwait(false);
        }
    }
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
