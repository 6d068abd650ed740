using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Smtp.Client.Wires;

/// <summary>One connection as its keeper has it: octets go to and fro between the server and the other one, until the server lets go.</summary>
/// <param name="server">The server's end.</param>
/// <param name="alone">Ends when the server has ended.</param>
internal sealed class HeldWire(Socket server, Task alone) : IDisposable
{
    private const int Block = 32 * 1024;
    // A server that ends lets go of everything within a moment; one that lets go and lives has given the reply up.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    private readonly WireFrames frames = new(server);
    private readonly byte[] outgoing = new byte[Block];
    private readonly CancellationTokenSource end = new();
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private volatile KeptNote? note;
    private bool closed;

    /// <summary>The last message, where it was noted.</summary>
    internal KeptNote? Note => note;

    /// <summary>Ends when all that the server sent has been carried on.</summary>
    internal Task Drained => drained.Task;

    /// <inheritdoc/>
    public void Dispose() => end.Dispose();

    /// <summary>Lets no further message come to its end; answers the last one that may.</summary>
    internal KeptNote? Close()
    {
        lock (gate)
        {
            closed = true;
            return note;
        }
    }

    /// <summary>Runs until the server has let go of it and nothing is left to be heard.</summary>
    internal async Task RunAsync()
    {
        Socket? other = null;
        Stream? stream = null;
        var hearing = Task.CompletedTask;
        try
        {
            if (await frames.NextAsync(end.Token).ConfigureAwait(false) is not WireFrame.Connect) return;
            var wish = WireFrames.Parse<ConnectWish>(await frames.AllAsync(end.Token).ConfigureAwait(false));
            // Whoever gives up waiting for a connection closes his end.
            var next = frames.NextAsync(end.Token).AsTask();
            other = await ConnectAsync(wish, next).ConfigureAwait(false);
            if (other is null) return;
            stream = new NetworkStream(other);
            var pause = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
            hearing = HearAsync(stream, pause.Token);
            while (await next.ConfigureAwait(false) is { } kind)
            {
                switch (kind)
                {
                    case WireFrame.Data:
                        await CarryAsync(stream).ConfigureAwait(false);
                        break;
                    case WireFrame.Note:
                        if (!Take(new KeptNote(await frames.AllAsync(end.Token).ConfigureAwait(false)))) return;
                        break;
                    case WireFrame.Tls:
                        var tls = WireFrames.Parse<TlsWish>(await frames.AllAsync(end.Token).ConfigureAwait(false));
                        await pause.CancelAsync().ConfigureAwait(false);
                        await hearing.ConfigureAwait(false);
                        pause.Dispose();
                        next = frames.NextAsync(end.Token).AsTask();
                        if (await SecureAsync(stream, tls, next).ConfigureAwait(false) is not { } secure) return;
                        stream = secure;
                        pause = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
                        hearing = HearAsync(stream, pause.Token);
                        continue;
                    default: return;
                }
                next = frames.NextAsync(end.Token).AsTask();
            }
        }
        catch (Exception gone) when (IsEnd(gone))
        {
            // One end or the other is gone; the rest says what that means.
        }
        finally
        {
            // Cut off before its end it is not taken.
            if (note is { IsSent: false } cut) cut.End();
            drained.TrySetResult();
            await ListenOnAsync(hearing).ConfigureAwait(false);
            if (stream is not null) await stream.DisposeAsync().ConfigureAwait(false);
            other?.Dispose();
            server.Dispose();
        }
    }

    // What was sent whole may yet be taken: the reply is waited for although nobody is there to hear it.
    private async Task ListenOnAsync(Task hearing)
    {
        if (note is { IsSent: true, Over.IsCompleted: false } open)
        {
            end.CancelAfter(open.Within);
            if (await Task.WhenAny(open.Over, alone, Task.Delay(Moment, end.Token)).ConfigureAwait(false) == alone)
                await ((Task)open.Over.WaitAsync(end.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await end.CancelAsync().ConfigureAwait(false);
        await hearing.ConfigureAwait(false);
        note?.End();
    }

    private bool Take(KeptNote next)
    {
        lock (gate)
        {
            if (!closed) note = next;
            return !closed;
        }
    }

    private async ValueTask CarryAsync(Stream stream)
    {
        while (frames.Left > 0)
        {
            var read = await frames.ReadAsync(outgoing, end.Token).ConfigureAwait(false);
            note?.Send(read);
            await stream.WriteAsync(outgoing.AsMemory(0, read), end.Token).ConfigureAwait(false);
        }
    }

    private async Task HearAsync(Stream stream, CancellationToken pause)
    {
        var heard = new byte[WireFrames.Header + Block];
        var listens = true;
        try
        {
            while (true)
            {
                var read = await stream.ReadAsync(heard.AsMemory(WireFrames.Header), pause).ConfigureAwait(false);
                if (read == 0) break;
                note?.Hear(heard.AsSpan(WireFrames.Header, read));
                WireFrames.WriteHeader(heard, WireFrame.Data, read);
                listens = listens && await TellAsync(heard.AsMemory(0, WireFrames.Header + read)).ConfigureAwait(false);
            }
            note?.End();
            await TellAsync(Single(WireFrame.End)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Somebody else reads on, or nobody.
        }
        catch (Exception broken) when (IsEnd(broken))
        {
            note?.End();
            await TellAsync(Single(WireFrame.Broken)).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> TellAsync(ReadOnlyMemory<byte> frame)
    {
        try
        {
            await WireFrames.SendAllAsync(server, frame, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private async ValueTask<Socket?> ConnectAsync(ConnectWish wish, Task<WireFrame?> letGo)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
        IPAddress? from = null;
        if (!IPAddress.TryParse(wish.Address, out var address) || wish.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort || (wish.From is not null && !IPAddress.TryParse(wish.From, out from))) throw WireFrames.Damaged();
        var connecting = DirectWires.SocketTo(new IPEndPoint(address, wish.Port), from, given.Token).AsTask();
        if (await Task.WhenAny(connecting, letGo).ConfigureAwait(false) == letGo) await given.CancelAsync().ConfigureAwait(false);
        try
        {
            var socket = await connecting.ConfigureAwait(false);
            await WireFrames.SendAsync(server, WireFrame.Connect, new ConnectAnswer((socket.LocalEndPoint as IPEndPoint)?.Address.ToString(), 0), end.Token).ConfigureAwait(false);
            return socket;
        }
        catch (SocketException failed)
        {
            await WireFrames.SendAsync(server, WireFrame.Connect, new ConnectAnswer(null, (int)failed.SocketErrorCode), end.Token).ConfigureAwait(false);
            return null;
        }
    }

    private async ValueTask<SslStream?> SecureAsync(Stream clear, TlsWish wish, Task<WireFrame?> letGo)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
        var (others, errors, statuses) = (new List<byte[]>(), SslPolicyErrors.None, (IReadOnlyList<X509ChainStatusFlags>)[]);
        X509Certificate2Collection? roots = wish.Roots is null ? null : [.. wish.Roots.Select(X509CertificateLoader.LoadCertificate)];
        // The server decides whether that will do: it gets all that its decision rests on.
        var request = new TlsRequest(wish.Host, roots, chain =>
        {
            others.AddRange(chain.Others.Select(certificate => certificate.RawData));
            (errors, statuses) = (chain.Errors, chain.Statuses);
            return true;
        });
        var tls = new SslStream(clear, leaveInnerStreamOpen: false);
        try
        {
            var handshake = tls.AuthenticateAsClientAsync(request.ToOptions(), given.Token);
            if (await Task.WhenAny(handshake, letGo).ConfigureAwait(false) == letGo) await given.CancelAsync().ConfigureAwait(false);
            await handshake.ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is AuthenticationException or CryptographicException or NotSupportedException or InvalidOperationException || IsEnd(failed))
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            await WireFrames.SendAsync(server, WireFrame.Tls, new TlsAnswer((failed.InnerException ?? failed).Message, default, default, null, [], default, []), end.Token).ConfigureAwait(false);
            return null;
        }
        var answer = new TlsAnswer(null, tls.SslProtocol, tls.NegotiatedCipherSuite, (tls.RemoteCertificate as X509Certificate2)?.RawData, others, errors, statuses);
        await WireFrames.SendAsync(server, WireFrame.Tls, answer, end.Token).ConfigureAwait(false);
        return tls;
    }

    private static byte[] Single(WireFrame kind)
    {
        var frame = new byte[WireFrames.Header];
        WireFrames.WriteHeader(frame, kind, 0);
        return frame;
    }

    private static bool IsEnd(Exception thrown) => thrown is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidDataException or CryptographicException;
}
