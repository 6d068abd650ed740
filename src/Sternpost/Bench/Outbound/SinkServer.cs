using System.Net;
using System.Net.Sockets;

namespace Sternpost.Bench.Outbound;

/// <summary>All destinations behind one port, each at a loopback address of its own (<see cref="SinkNames"/>).</summary>
internal sealed class SinkServer(SinkTally tally) : IDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(int port, TaskCompletionSource listening, CancellationToken cancellation)
    {
        // Linux answers on all of 127.0.0.0/8, but a socket can be bound to one address or to all.
        listener.Bind(new IPEndPoint(IPAddress.Any, port));
        listener.Listen(4096);
        listening.SetResult();
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(cancellation);
                // Nobody beyond this computer is served.
                if (!IPAddress.IsLoopback(((IPEndPoint)socket.RemoteEndPoint!).Address)) socket.Dispose();
                else _ = ServeAsync(socket, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Told to end.
        }
    }

    public void Dispose() => listener.Dispose();

    private async Task ServeAsync(Socket socket, CancellationToken cancellation)
    {
        tally.Connected();
        try
        {
            using (socket) await new SinkSession(socket, tally).RunAsync(cancellation);
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone, which is its right.
        }
        finally
        {
            tally.Disconnected();
        }
    }
}
