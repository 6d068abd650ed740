using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Sternpost.Smtp.Client.Wires;

/// <summary>
/// Connections held by a <see cref="WireKeeper"/>, which is started with the first of them. Where it cannot be had they are held by
/// this process itself: mail must go out, with or without it.
/// </summary>
/// <param name="command">The program and arguments that run a keeper; the paths of socket and notes are added.</param>
/// <param name="folder">Where its notes go.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Hears where there is none.</param>
public sealed class KeptWires(IReadOnlyList<string> command, string folder, TimeProvider time, ILogger log) : IOutboundWires, IAsyncDisposable
{
    /// <summary>What the names of notes begin with.</summary>
    public const string NotesPrefix = "handover.left.";

    private const string SocketPrefix = "wires.";

    // What ends with it is a socket to whoever looks into the folder: a backup passes over it.
    private const string SocketSuffix = ".sock";

    // sockaddr_un(7): 108 octets with the zero at the end.
    private const int LongestPath = 107;
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TriedAgainAfter = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim starting = new(1, 1);
    private volatile Keeper? running;
    private DateTimeOffset notBefore;

    private sealed record Keeper(Process Process, UnixDomainSocketEndPoint EndPoint, DirectoryInfo? OwnFolder);

    /// <summary>The notes that lie in a folder.</summary>
    public static IReadOnlyList<string> NotesIn(string folder) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, NotesPrefix + "*").Where(path => !path.EndsWith(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal)] : [];

    /// <inheritdoc/>
    public async ValueTask<OutboundWire> ConnectAsync(IPEndPoint to, IPAddress? from, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (await KeeperAsync(cancellation).ConfigureAwait(false) is { } keeper)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(keeper.EndPoint, cancellation).ConfigureAwait(false);
            }
            catch (SocketException gone)
            {
                socket.Dispose();
                log.KeeperFailed(gone);
                return await DirectWires.Instance.ConnectAsync(to, from, cancellation).ConfigureAwait(false);
            }
            try
            {
                return await KeptWire.ConnectAsync(socket, to, from, cancellation).ConfigureAwait(false);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        return await DirectWires.Instance.ConnectAsync(to, from, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<Keeper?> KeeperAsync(CancellationToken cancellation)
    {
        if (running is { Process.HasExited: false } there) return there;
        await starting.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (running is { Process.HasExited: false } meanwhile) return meanwhile;
            if (time.GetUtcNow() < notBefore) return null;
            // Whatever comes of it, it is not tried at every connection.
            notBefore = time.GetUtcNow() + TriedAgainAfter;
            await EndAsync().ConfigureAwait(false);
            return running = await StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is IOException or System.ComponentModel.Win32Exception or TimeoutException or UnauthorizedAccessException)
        {
            log.KeeperFailed(failed);
            return null;
        }
        finally
        {
            starting.Release();
        }
    }

    private async ValueTask<Keeper> StartAsync(CancellationToken cancellation)
    {
        // Not the process's number: the one before may have had the same, and its keeper may be there still.
        var name = RandomNumberGenerator.GetHexString(12, lowercase: true);
        DirectoryInfo? own = null;
        var socket = Path.Combine(Path.GetFullPath(folder), SocketPrefix + name + SocketSuffix);
        if (Encoding.UTF8.GetByteCount(socket) > LongestPath) socket = Path.Combine((own = Directory.CreateTempSubdirectory("sternpost-")).FullName, "wires");
        var start = new ProcessStartInfo(command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in command.Skip(1)) start.ArgumentList.Add(argument);
        start.ArgumentList.Add(socket);
        start.ArgumentList.Add(Path.Combine(Path.GetFullPath(folder), NotesPrefix + name));
        // Small and long-lived: it is to be out of the way.
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_GCHeapHardLimit"] = "8000000";
        start.Environment["DOTNET_TieredPGO"] = "0";
        RemoveDeadSockets();
        var process = Process.Start(start) ?? throw new IOException("The wire keeper could not be started.");
        var keeper = new Keeper(process, new UnixDomainSocketEndPoint(socket), own);
        try
        {
            var ready = await process.StandardOutput.ReadLineAsync(cancellation).AsTask().WaitAsync(StartsWithin, time, cancellation).ConfigureAwait(false);
            return ready is null ? throw new IOException("The wire keeper ended at once.") : keeper;
        }
        catch
        {
            await LetGoAsync(keeper).ConfigureAwait(false);
            throw;
        }
    }

    // Those of keepers that were killed themselves.
    private void RemoveDeadSockets()
    {
        foreach (var path in Directory.EnumerateFiles(folder, SocketPrefix + "*" + SocketSuffix))
        {
            if (!HandoverNotes.IsHeld(Path.Combine(folder, NotesPrefix + Path.GetFileName(path)[SocketPrefix.Length..^SocketSuffix.Length]))) File.Delete(path);
        }
    }

    /// <summary>Lets the keeper go, which ends once nothing is left to be heard.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(false);
        starting.Dispose();
    }

    private async ValueTask EndAsync()
    {
        if (running is not { } keeper) return;
        running = null;
        await LetGoAsync(keeper).ConfigureAwait(false);
    }

    private async ValueTask LetGoAsync(Keeper keeper)
    {
        keeper.Process.StandardInput.Close();
        try
        {
            await keeper.Process.WaitForExitAsync().WaitAsync(EndsWithin, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It waits for a reply still, and leaves it to the next start.
        }
        keeper.Process.Dispose();
        keeper.OwnFolder?.Delete(recursive: true);
    }
}
