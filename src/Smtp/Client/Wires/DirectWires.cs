using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Smtp.Client.Wires;

/// <summary>Connections held by this process itself.</summary>
public sealed class DirectWires : IOutboundWires
{
    /// <summary>The one there need be.</summary>
    public static DirectWires Instance { get; } = new();

    /// <inheritdoc/>
    public async ValueTask<OutboundWire> ConnectAsync(IPEndPoint to, IPAddress? from, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(to);
        return new DirectWire(await SocketTo(to, from, cancellation).ConfigureAwait(false));
    }

    internal static async ValueTask<Socket> SocketTo(IPEndPoint to, IPAddress? from, CancellationToken cancellation)
    {
        // Throws where this computer has no such address family at all.
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (from is not null) socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(to, cancellation).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class DirectWire(Socket socket) : OutboundWire
    {
        private Stream stream = new NetworkStream(socket, ownsSocket: true);

        public override Stream Stream => stream;

        public override IPAddress? LocalAddress { get; } = (socket.LocalEndPoint as IPEndPoint)?.Address;

        public override async ValueTask<TlsHandshake> StartTlsAsync(TlsRequest request, CancellationToken cancellation)
        {
            var tls = new SslStream(stream, leaveInnerStreamOpen: false);
            stream = tls;
            await tls.AuthenticateAsClientAsync(request.ToOptions(), cancellation).ConfigureAwait(false);
            return new TlsHandshake(tls.SslProtocol, tls.NegotiatedCipherSuite, tls.RemoteCertificate as X509Certificate2);
        }

        protected override ValueTask CloseAsync() => stream.DisposeAsync();
    }
}
