using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Sternpost.Smtp.Client.Wires;

namespace Sternpost.Smtp.Client;

/// <summary>
/// The octets of one outgoing session: a wire that can turn to TLS, replies read within budgets, and a deadline for each
/// wait. Whatever ends the connection comes out as <see cref="SessionLostException"/>; the caller's own cancellation as itself.
/// </summary>
internal sealed class SmtpChannel : IAsyncDisposable
{
    private const int ReadSize = 4096;

    private readonly CancellationToken caller;
    private readonly CancellationTokenSource deadline;
    private readonly CancellationTokenRegistration link;
    private readonly TimeProvider time;
    private readonly OutboundWire wire;
    private PipeReader input;
    private DateTimeOffset? budgetEnd;

    private SmtpChannel(OutboundWire wire, TimeProvider time, CancellationToken caller)
    {
        this.wire = wire;
        this.time = time;
        this.caller = caller;
        deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        link = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), deadline);
        (input, Output) = Pipes(wire.Stream);
    }

    /// <summary>What is written here leaves with <see cref="FlushAsync"/>.</summary>
    internal PipeWriter Output { get; private set; }

    /// <summary>Our own address.</summary>
    internal IPAddress? LocalAddress => wire.LocalAddress;

    /// <summary>The clock of the deadlines.</summary>
    internal TimeProvider Time => time;

    /// <summary>Nothing more can come of this connection.</summary>
    internal bool IsLost { get; private set; }

    /// <summary>Connects. Null where the server is not there, with the reason.</summary>
    internal static async ValueTask<(SmtpChannel? Channel, string Reason)> ConnectAsync(RemoteServer server, ClientOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var within = options.Deadlines.Connect;
        using var ended = new CancellationTokenSource(within, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, cancellation);
        IPAddress? from = null;
        if (options.SourceAddresses.Count > 0)
        {
            IPAddress[] fitting = [.. options.SourceAddresses.Where(address => address.AddressFamily == server.EndPoint.AddressFamily)];
            if (fitting.Length == 0) return (null, "could not be reached from here: no source address of its family is configured");
            from = fitting[RandomNumberGenerator.GetInt32(fitting.Length)];
        }
        try
        {
            return (new SmtpChannel(await options.Wires.ConnectAsync(server.EndPoint, from, both.Token).ConfigureAwait(false), time, cancellation), "");
        }
        catch (SocketException refused)
        {
            return (null, refused.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "refused the connection",
                SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.AddressNotAvailable => "could not be reached from here: " + refused.Message,
                SocketError.TimedOut => "did not answer",
                _ => "could not be connected to: " + refused.Message,
            });
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, $"did not answer within {Words(within)}");
        }
        catch (IOException broken)
        {
            return (null, "could not be connected to: " + broken.Message);
        }
    }

    /// <summary>From now on no wait may go beyond <paramref name="whole"/>, however many there are; null ends that.</summary>
    internal void Within(TimeSpan? whole) => budgetEnd = whole is { } span ? time.GetUtcNow() + span : null;

    /// <summary>Sends what was written.</summary>
    internal async ValueTask FlushAsync(string step, TimeSpan within)
    {
        try
        {
            await Output.FlushAsync(Deadline(within)).ConfigureAwait(false);
        }
        catch (Exception lost) when (IsEnd(lost))
        {
            throw Lost(lost, $"did not take {step}", within);
        }
    }

    /// <summary>Waits for a whole reply. The deadline is for all of it, so that a server gains nothing by dripping.</summary>
    /// <param name="step">What it answers, for the reason where none comes: "the greeting", "RCPT".</param>
    /// <param name="within">How long.</param>
    internal async ValueTask<SmtpReply> ReadReplyAsync(string step, TimeSpan within)
    {
        var assembly = new ReplyAssembly();
        try
        {
            var token = Deadline(within);
            while (true)
            {
                var result = await input.ReadAsync(token).ConfigureAwait(false);
                var buffer = result.Buffer;
                while (TryLine(ref buffer, out var line))
                {
                    var taken = Take(assembly, line);
                    if (taken == ReplyStep.More) continue;
                    input.AdvanceTo(buffer.Start);
                    return taken == ReplyStep.Complete ? assembly.Reply : throw Broken(step);
                }
                if (buffer.Length > ReplyAssembly.MaxLine) throw Broken(step);
                input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted) throw Closed(step);
            }
        }
        catch (Exception lost) when (IsEnd(lost))
        {
            throw Lost(lost, $"gave no reply to {step}", within);
        }
    }

    /// <summary>What the server said last before it hung up on our writing; null where it said nothing that is a reply.</summary>
    internal async ValueTask<SmtpReply?> LastWordAsync()
    {
        try
        {
            return deadline.IsCancellationRequested ? null : await ReadReplyAsync("", TimeSpan.FromSeconds(2)).ConfigureAwait(false);
        }
        catch (SessionLostException)
        {
            return null;
        }
    }

    /// <summary>Whether something has arrived that nothing was asked for.</summary>
    internal bool HasUnasked()
    {
        if (!input.TryRead(out var result)) return false;
        var any = !result.Buffer.IsEmpty;
        input.AdvanceTo(result.Buffer.Start);
        return any;
    }

    /// <summary>Turns to TLS.</summary>
    /// <exception cref="SessionLostException">The handshake failed.</exception>
    internal async ValueTask<TlsHandshake> StartTlsAsync(TlsRequest request, TimeSpan within)
    {
        await input.CompleteAsync().ConfigureAwait(false);
        await Output.CompleteAsync().ConfigureAwait(false);
        try
        {
            var handshake = await wire.StartTlsAsync(request, Deadline(within)).ConfigureAwait(false);
            (input, Output) = Pipes(wire.Stream);
            return handshake;
        }
        // CryptographicException: a certificate that cannot even be read.
        catch (Exception failed) when (failed is AuthenticationException or CryptographicException or NotSupportedException || IsEnd(failed))
        {
            IsLost = true;
            caller.ThrowIfCancellationRequested();
            // RFC 3463 X.7.5: cryptographic failure.
            throw new SessionLostException("4.7.5", failed is OperationCanceledException
                ? $"did not finish the TLS handshake within {Words(within)}"
                : "failed the TLS handshake: " + (failed.InnerException ?? failed).Message);
        }
    }

    /// <summary>What is flushed next ends a message; see <see cref="OutboundWire.Note"/>.</summary>
    internal void Note(Func<ReadOnlyMemory<byte>> note, TimeSpan within)
    {
        if (wire.KeepsNotes) wire.Note(note(), within);
    }

    public async ValueTask DisposeAsync()
    {
        IsLost = true;
        await link.DisposeAsync().ConfigureAwait(false);
        await input.CompleteAsync().ConfigureAwait(false);
        // Completed as failed, because completed as done it would write what is left.
        await Output.CompleteAsync(new IOException("The session is over.")).ConfigureAwait(false);
        await wire.DisposeAsync().ConfigureAwait(false);
        deadline.Dispose();
    }

    private static (PipeReader, PipeWriter) Pipes(Stream stream) =>
        (PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadSize, leaveOpen: true)),
         PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: ReadSize, leaveOpen: true)));

    // Old servers end lines with a bare line feed; in a reply that harms nobody.
    private static bool TryLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        line = default;
        if (buffer.PositionOf((byte)'\n') is not { } end) return false;
        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private static ReplyStep Take(ReplyAssembly assembly, in ReadOnlySequence<byte> line)
    {
        if (line.Length > ReplyAssembly.MaxLine) return ReplyStep.Malformed;
        var octets = line.IsSingleSegment ? line.FirstSpan : line.ToArray();
        return assembly.Add(octets.TrimEnd((byte)'\r'));
    }

    private CancellationToken Deadline(TimeSpan within)
    {
        if (budgetEnd is { } end)
        {
            var left = end - time.GetUtcNow();
            within = left <= TimeSpan.Zero ? TimeSpan.Zero : left < within ? left : within;
        }
        deadline.CancelAfter(within);
        return deadline.Token;
    }

    private static bool IsEnd(Exception thrown) => thrown is IOException or SocketException or OperationCanceledException or ObjectDisposedException;

    /// <summary>The server breaks the protocol: nothing it says can be relied on any more.</summary>
    internal SessionLostException Broken(string step)
    {
        IsLost = true;
        // RFC 3463 X.5.0: protocol status.
        return new SessionLostException("4.5.0", $"answered {step} with something that is not SMTP");
    }

    private SessionLostException Closed(string step)
    {
        IsLost = true;
        return new SessionLostException("4.4.2", $"closed the connection instead of answering {step}");
    }

    private SessionLostException Lost(Exception cause, string what, TimeSpan within)
    {
        IsLost = true;
        caller.ThrowIfCancellationRequested();
        return cause is OperationCanceledException
            ? new SessionLostException("4.4.2", $"{what} within {Words(within)}")
            : new SessionLostException("4.4.2", $"{what}: the connection broke off");
    }

    private static string Words(TimeSpan span) => span.TotalSeconds < 120 ? $"{span.TotalSeconds:0} seconds" : $"{span.TotalMinutes:0} minutes";
}
