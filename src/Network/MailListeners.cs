using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sternpost.Network.Local;
using Sternpost.Network.Proxy;
using Sternpost.Network.Tls;

namespace Sternpost.Network;

/// <summary>
/// All doors of the mail protocols, on Kestrel's socket transport: accepts, counts, reads PROXY headers, starts implicit TLS,
/// and runs one session per connection. A session that throws ends its own connection only.
/// </summary>
public sealed partial class MailListeners : IAsyncDisposable
{
    private static readonly Meter Meter = new("Sternpost");
    private static readonly UpDownCounter<int> Open = Meter.CreateUpDownCounter<int>("sternpost.network.connections.open", "{connection}");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("sternpost.network.connections.refused", "{connection}");

    private readonly TlsCertificates certificates;
    private readonly ConnectionLimits limits;
    private readonly ConnectionGate gate;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly SocketTransportFactory transports;
    private readonly List<(ListenerDefinition Definition, IConnectionListener Listener)> listeners = [];
    private readonly List<Task> accepting = [];
    private readonly ConcurrentDictionary<Task, ConnectionContext> sessions = new();
    private readonly CancellationTokenSource draining = new();

    /// <summary>Binds nothing yet.</summary>
    public MailListeners(TlsCertificates certificates, ConnectionLimits limits, TimeProvider time, ILoggerFactory loggers)
    {
        this.certificates = certificates;
        this.limits = limits;
        this.time = time;
        gate = new ConnectionGate(limits, time);
        logger = loggers.CreateLogger("Sternpost.Network");
        transports = new SocketTransportFactory(Options.Create(new SocketTransportOptions { Backlog = 1024, NoDelay = true, CreateBoundListenSocket = ListenSockets.Bound }), loggers);
    }

    /// <summary>What is bound: the definition's name and the actual address and port.</summary>
    public IReadOnlyList<(string Name, IPEndPoint EndPoint)> Bound => [.. listeners.Where(bound => bound.Listener.EndPoint is IPEndPoint).Select(bound => (bound.Definition.Name, (IPEndPoint)bound.Listener.EndPoint))];

    /// <summary>Binds a door and begins to accept.</summary>
    /// <exception cref="IOException">The address or port cannot be had; the message names it.</exception>
    public async Task ListenAsync(ListenerDefinition definition, CancellationToken cancellation)
    {
        IEnumerable<EndPoint> endPoints = definition.SocketPath.Length == 0 ? definition.EndPoints : [.. definition.EndPoints, new UnixDomainSocketEndPoint(definition.SocketPath)];
        foreach (var endPoint in endPoints)
        {
            IConnectionListener listener;
            try
            {
                listener = await transports.BindAsync(endPoint, cancellation).ConfigureAwait(false);
            }
            catch (Exception refused) when (refused is AddressInUseException or SocketException or UnauthorizedAccessException)
            {
                throw new IOException($"Cannot listen on {endPoint} ({definition.Name}): {refused.Message}", refused);
            }
            listeners.Add((definition, listener));
            accepting.Add(AcceptAsync(definition, listener));
        }
    }

    /// <summary>Stops accepting, tells sessions to end, and waits for them; what is left after <paramref name="patience"/> is cut off.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        await draining.CancelAsync().ConfigureAwait(false);
        foreach (var (_, listener) in listeners) await listener.UnbindAsync().ConfigureAwait(false);
        await Task.WhenAll(accepting).ConfigureAwait(false);
        try
        {
            await Task.WhenAll(sessions.Keys).WaitAsync(patience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            foreach (var connection in sessions.Values) connection.Abort();
            await Task.WhenAll(sessions.Keys).ConfigureAwait(false);
        }
        foreach (var (definition, listener) in listeners)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
            if (definition.SocketPath.Length > 0) File.Delete(definition.SocketPath);
        }
        listeners.Clear();
        accepting.Clear();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        draining.Dispose();
    }

    private async Task AcceptAsync(ListenerDefinition definition, IConnectionListener listener)
    {
        while (await listener.AcceptAsync().ConfigureAwait(false) is { } connection)
        {
            var session = Task.Run(() => ServeAsync(definition, connection));
            sessions[session] = connection;
            _ = session.ContinueWith(ended => sessions.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    // One bad session must not take the process down, whatever it threw: this is the one place it is caught.
#pragma warning disable CA1031
    private async Task ServeAsync(ListenerDefinition definition, ConnectionContext transport)
    {
        try
        {
            await ServeConnectionAsync(definition, transport).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            LogGone(definition.Name, transport.RemoteEndPoint, gone.Message);
        }
        catch (Exception bug)
        {
            LogBug(bug, definition.Name, transport.RemoteEndPoint);
        }
        finally
        {
            await TransportEnd.CloseAsync(transport, time).ConfigureAwait(false);
        }
    }
#pragma warning restore CA1031

    private async Task ServeConnectionAsync(ListenerDefinition definition, ConnectionContext transport)
    {
        if (transport.LocalEndPoint is UnixDomainSocketEndPoint)
        {
            await ServeLocalAsync(definition, transport).ConfigureAwait(false);
            return;
        }
        // A client that reset the connection while it waited to be accepted has no address any more.
        if (transport is not { RemoteEndPoint: IPEndPoint from, LocalEndPoint: IPEndPoint to }) return;
        var (remote, local) = (Unmapped(from), Unmapped(to));
        if (definition.ProxyNetworks.Any(network => network.Contains(remote.Address)))
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(transport.ConnectionClosed);
            deadline.CancelAfter(limits.ProxyHeader);
            var (outcome, client) = await ProxyHeader.ReadAsync(transport.Transport.Input, deadline.Token).ConfigureAwait(false);
            if (outcome == ProxyHeader.Outcome.Malformed)
            {
                LogNoProxyHeader(definition.Name, remote);
                return;
            }
            remote = client ?? remote;
        }
        using var place = gate.Enter(remote.Address, definition.IsCounted);
        if (place is null)
        {
            await RefuseAsync(definition, transport, remote).ConfigureAwait(false);
            return;
        }
        await ServeAsync(definition, new MailConnection(transport, remote, local, certificates, limits.Handshake, time, draining.Token)).ConfigureAwait(false);
    }

    // A program of this computer has no address: its connections are counted by its user.
    private async Task ServeLocalAsync(ListenerDefinition definition, ConnectionContext transport)
    {
        if (transport.Features.Get<IConnectionSocketFeature>() is not { } feature || PeerCredentials.Of(feature.Socket) is not { } peer) return;
        var here = new IPEndPoint(IPAddress.Loopback, 0);
        using var place = gate.Enter(LocalSocket.CountedAs(peer.UserId));
        if (place is null)
        {
            await RefuseAsync(definition, transport, here).ConfigureAwait(false);
            return;
        }
        await ServeAsync(definition, new MailConnection(transport, here, here, certificates, limits.Handshake, time, draining.Token) { Peer = peer }).ConfigureAwait(false);
    }

    private async Task RefuseAsync(ListenerDefinition definition, ConnectionContext transport, IPEndPoint remote)
    {
        Refused.Add(1, new KeyValuePair<string, object?>("listener", definition.Name));
        LogTooMany(definition.Name, remote);
        if (definition.Tls != TlsMode.Upgrade || definition.TooManyReply.Length == 0) return;
        await transport.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes(definition.TooManyReply)).ConfigureAwait(false);
    }

    private static async Task ServeAsync(ListenerDefinition definition, MailConnection connection)
    {
        Open.Add(1, new KeyValuePair<string, object?>("listener", definition.Name));
        try
        {
            await using (connection.ConfigureAwait(false))
            {
                if (definition.Tls == TlsMode.Implicit && !await connection.StartTlsAsync().ConfigureAwait(false)) return;
                await definition.Session(connection).ConfigureAwait(false);
            }
        }
        finally
        {
            Open.Add(-1, new KeyValuePair<string, object?>("listener", definition.Name));
        }
    }

    private static IPEndPoint Unmapped(IPEndPoint endPoint) =>
        endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;

    [LoggerMessage(7001, LogLevel.Debug, "{Listener}: {Client} left: {Reason}")]
    private partial void LogGone(string listener, EndPoint? client, string reason);

    [LoggerMessage(7002, LogLevel.Error, "{Listener}: the session of {Client} failed")]
    private partial void LogBug(Exception bug, string listener, EndPoint? client);

    [LoggerMessage(7003, LogLevel.Warning, "{Listener}: {Proxy} is named as a proxy but sent no PROXY protocol v2 header; connection closed")]
    private partial void LogNoProxyHeader(string listener, IPEndPoint proxy);

    [LoggerMessage(7004, LogLevel.Information, "{Listener}: too many connections from {Client}; refused")]
    private partial void LogTooMany(string listener, IPEndPoint client);
}
