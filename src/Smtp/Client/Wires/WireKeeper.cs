using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Sternpost.Smtp.Client.Wires;

/// <summary>
/// Holds a server's connections to other servers in a process of its own. RFC 1047: between the end of a message and the reading of the
/// reply the other server may take what this one, killed, would send again. The keeper outlives it, hears the reply, and leaves it to
/// the next one in <see cref="HandoverNotes"/>.
/// </summary>
/// <param name="socketPath">Where the server connects.</param>
/// <param name="notesPath">Where what is left of it is written.</param>
public sealed class WireKeeper(string socketPath, string notesPath)
{
    // A server that ends lets go of its connections before, or a moment after, its end is seen.
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);
    // What a server sent before its end is carried on; a message that a slow server has not taken by then is cut off, and sent again whole.
    private static readonly TimeSpan Draining = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<HeldWire, Task> held = new();
    private readonly ConcurrentQueue<(long EndedAt, KeptNote Note)> ended = new();
    private readonly TaskCompletionSource alone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs until the server has ended and nothing is left to be heard.</summary>
    /// <param name="server">Ends when the server does.</param>
    /// <param name="ready">Called when connections are taken.</param>
    /// <exception cref="IOException">The socket or the notes cannot be made.</exception>
    public async Task RunAsync(Stream server, Action ready)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(ready);
        using var notes = HandoverNotes.Create(notesPath);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        File.Delete(socketPath);
        socket.Bind(new UnixDomainSocketEndPoint(socketPath));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(socketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        socket.Listen(512);
        ready();
        using var over = new CancellationTokenSource();
        var taking = TakeAsync(socket, over.Token);
        await EndOfAsync(server).ConfigureAwait(false);
        alone.SetResult();
        await over.CancelAsync().ConfigureAwait(false);
        await taking.ConfigureAwait(false);
        File.Delete(socketPath);
        await LeaveAsync(notes).ConfigureAwait(false);
    }

    private static async Task EndOfAsync(Stream server)
    {
        var nothing = new byte[64];
        try
        {
            while (await server.ReadAsync(nothing).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Gone is gone.
        }
    }

    private async Task TakeAsync(Socket socket, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                Hold(await socket.AcceptAsync(over).ConfigureAwait(false));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // Too many open files, mostly: the next one may find a place again.
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private void Hold(Socket server)
    {
        var wire = new HeldWire(server, alone.Task);
        var running = Task.Run(wire.RunAsync);
        held[wire] = running;
        _ = running.ContinueWith(done =>
        {
            if (wire.Note is { IsSettled: false } note) ended.Enqueue((Environment.TickCount64, note));
            held.TryRemove(wire, out _);
            wire.Dispose();
            while (!alone.Task.IsCompleted && ended.TryPeek(out var oldest) && Environment.TickCount64 - oldest.EndedAt > Kept.TotalMilliseconds) ended.TryDequeue(out _);
        }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    // Whoever comes next must know at once what to leave alone, and each reply when it is there.
    private async Task LeaveAsync(HandoverNotes notes)
    {
        await Task.WhenAny(Task.WhenAll(held.Keys.Select(wire => wire.Drained)), Task.Delay(Draining)).ConfigureAwait(false);
        List<KeptNote> left = [];
        foreach (var (wire, _) in held)
        {
            if (wire.Close() is { IsSettled: false } note) left.Add(note);
        }
        foreach (var (endedAt, note) in ended)
        {
            if (Environment.TickCount64 - endedAt <= Kept.TotalMilliseconds && !left.Contains(note)) left.Add(note);
        }
        if (left.Count == 0)
        {
            notes.Remove();
            return;
        }
        notes.List([.. left.Select(note => note.Note)]);
        await Task.WhenAll(left.Select(async (note, number) => notes.Answer(number, await note.Over.ConfigureAwait(false)))).ConfigureAwait(false);
        await Task.WhenAll(held.Values).ConfigureAwait(false);
    }
}
