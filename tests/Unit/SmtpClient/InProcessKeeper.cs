using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using Sternpost.Smtp.Client.Wires;

namespace Sternpost.Unit.SmtpClient;

/// <summary>A keeper in the process of the tests, and wires of it.</summary>
internal sealed class InProcessKeeper : IOutboundWires, IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sternpost-wires-");
    private readonly AnonymousPipeServerStream server = new(PipeDirection.Out);
    private readonly AnonymousPipeClientStream seen;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task running;

    internal InProcessKeeper()
    {
        seen = new AnonymousPipeClientStream(PipeDirection.In, server.ClientSafePipeHandle);
        running = new WireKeeper(SocketPath, NotesPath).RunAsync(seen, ready.SetResult);
    }

    /// <summary>One for tests that want nothing but its wires.</summary>
    internal static InProcessKeeper Shared { get; } = new();

    internal string NotesPath => Path.Combine(folder.FullName, KeptWires.NotesPrefix + "1");

    /// <summary>Ends when the keeper does.</summary>
    internal Task Running => running;

    private string SocketPath => Path.Combine(folder.FullName, "wires");

    public async ValueTask<OutboundWire> ConnectAsync(IPEndPoint to, IPAddress? from, CancellationToken cancellation)
    {
        return await KeptWire.ConnectAsync(await SocketAsync(cancellation), to, from, cancellation);
    }

    /// <summary>A connection to the keeper on which nothing was said yet.</summary>
    internal async Task<Socket> SocketAsync(CancellationToken cancellation)
    {
        await ready.Task;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellation);
        return socket;
    }

    /// <summary>What the keeper sees when its server ends.</summary>
    internal void EndServer() => server.Dispose();

    public async ValueTask DisposeAsync()
    {
        EndServer();
        await running;
        await seen.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
