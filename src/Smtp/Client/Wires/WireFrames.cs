using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Sternpost.Smtp.Client.Wires;

/// <summary>What a frame between a server and its <see cref="WireKeeper"/> is: an octet, its length in four, and the rest.</summary>
internal enum WireFrame : byte
{
    /// <summary>To the keeper: connect (<see cref="ConnectWish"/>); from it: <see cref="ConnectAnswer"/>.</summary>
    Connect = (byte)'c',
    /// <summary>Octets for, or of, the other server.</summary>
    Data = (byte)'d',
    /// <summary>To the keeper: so many octets of the data to come end a message (<see cref="KeptNote"/>).</summary>
    Note = (byte)'n',
    /// <summary>To the keeper: turn to TLS (<see cref="TlsWish"/>); from it: <see cref="TlsAnswer"/>.</summary>
    Tls = (byte)'t',
    /// <summary>From the keeper: the other server says no more.</summary>
    End = (byte)'e',
    /// <summary>From the keeper: the connection is broken.</summary>
    Broken = (byte)'x',
}

internal sealed record ConnectWish(string Address, int Port, string? From);

internal sealed record ConnectAnswer(string? Local, int Error);

internal sealed record TlsWish(string Host, IReadOnlyList<byte[]>? Roots);

internal sealed record TlsAnswer(
    string? Failure, SslProtocols Protocol, TlsCipherSuite Cipher, byte[]? Certificate, IReadOnlyList<byte[]> Others, SslPolicyErrors Errors, IReadOnlyList<X509ChainStatusFlags> Statuses);

/// <summary>Reads frames from a socket, a header at a time and then as much of the rest as is wanted.</summary>
internal sealed class WireFrames(Socket socket)
{
    internal const int Header = 5;
    // What a note says before its own octets: how many octets end the message, and within how many milliseconds the reply is expected.
    internal const int NoteHeader = 8;
    private const int MaxFrame = 4 << 20;
    private const int Buffered = 16 * 1024;

    private readonly byte[] buffer = new byte[Buffered];
    private int start;
    private int end;

    /// <summary>Octets of the frame in turn that were not read yet.</summary>
    internal int Left { get; private set; }

    /// <summary>The next frame; null at the end.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    internal async ValueTask<WireFrame?> NextAsync(CancellationToken cancellation)
    {
        while (end - start < Header)
        {
            if (start > 0)
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
            }
            var read = await socket.ReceiveAsync(buffer.AsMemory(end), cancellation).ConfigureAwait(false);
            if (read == 0) return null;
            end += read;
        }
        var kind = (WireFrame)buffer[start];
        Left = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(start + 1));
        if (Left is < 0 or > MaxFrame) throw Damaged();
        start += Header;
        return kind;
    }

    /// <summary>Some of the frame in turn.</summary>
    internal async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellation)
    {
        var want = Math.Min(Left, into.Length);
        if (want == 0) return 0;
        int read;
        if (end > start)
        {
            read = Math.Min(want, end - start);
            buffer.AsMemory(start, read).CopyTo(into);
            start += read;
        }
        else
        {
            read = await socket.ReceiveAsync(into[..want], cancellation).ConfigureAwait(false);
            if (read == 0) throw new IOException("The connection between the server and its wire keeper is gone.");
        }
        Left -= read;
        return read;
    }

    /// <summary>All of the frame in turn.</summary>
    internal async ValueTask<byte[]> AllAsync(CancellationToken cancellation)
    {
        var all = new byte[Left];
        for (var at = 0; at < all.Length;) at += await ReadAsync(all.AsMemory(at), cancellation).ConfigureAwait(false);
        return all;
    }

    internal static void Write(IBufferWriter<byte> to, WireFrame kind, ReadOnlySpan<byte> content)
    {
        WriteHeader(to.GetSpan(Header), kind, content.Length);
        to.Advance(Header);
        to.Write(content);
    }

    internal static void WriteHeader(Span<byte> to, WireFrame kind, int length)
    {
        to[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(to[1..], length);
    }

    internal static async ValueTask SendAsync<T>(Socket socket, WireFrame kind, T content, CancellationToken cancellation)
    {
        var frame = new ArrayBufferWriter<byte>(1024);
        Write(frame, kind, JsonSerializer.SerializeToUtf8Bytes(content));
        await SendAllAsync(socket, frame.WrittenMemory, cancellation).ConfigureAwait(false);
    }

    internal static async ValueTask SendAllAsync(Socket socket, ReadOnlyMemory<byte> all, CancellationToken cancellation)
    {
        while (all.Length > 0) all = all[await socket.SendAsync(all, cancellation).ConfigureAwait(false)..];
    }

    /// <exception cref="InvalidDataException">It is none.</exception>
    internal static T Parse<T>(byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(content) ?? throw Damaged();
        }
        catch (JsonException)
        {
            throw Damaged();
        }
    }

    internal static InvalidDataException Damaged() => new("A frame between the server and its wire keeper is damaged.");
}
