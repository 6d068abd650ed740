using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Sternpost.Smtp.Client.Wires;

/// <summary>A connection that a <see cref="WireKeeper"/> holds, as the server sees it.</summary>
internal sealed class KeptWire : OutboundWire
{
    private readonly Socket keeper;
    private readonly KeptStream stream;
    private X509Certificate2? certificate;

    private KeptWire(Socket keeper, WireFrames frames, IPAddress? local)
    {
        this.keeper = keeper;
        stream = new KeptStream(keeper, frames);
        LocalAddress = local;
    }

    public override Stream Stream => stream;

    public override IPAddress? LocalAddress { get; }

    public override bool KeepsNotes => true;

    /// <summary>Has the keeper at the other end of <paramref name="keeper"/> connect.</summary>
    /// <exception cref="SocketException">The other server is not there.</exception>
    /// <exception cref="IOException">The keeper is not.</exception>
    internal static async ValueTask<KeptWire> ConnectAsync(Socket keeper, IPEndPoint to, IPAddress? from, CancellationToken cancellation)
    {
        await WireFrames.SendAsync(keeper, WireFrame.Connect, new ConnectWish(to.Address.ToString(), to.Port, from?.ToString()), cancellation).ConfigureAwait(false);
        var frames = new WireFrames(keeper);
        if (await frames.NextAsync(cancellation).ConfigureAwait(false) is not WireFrame.Connect) throw new IOException("The wire keeper gave no answer.");
        var answer = WireFrames.Parse<ConnectAnswer>(await frames.AllAsync(cancellation).ConfigureAwait(false));
        if (answer.Error != 0) throw new SocketException(answer.Error);
        return new KeptWire(keeper, frames, answer.Local is null ? null : IPAddress.Parse(answer.Local));
    }

    public override void Note(ReadOnlyMemory<byte> note, TimeSpan within) => stream.Note(note.Span, within);

    public override async ValueTask<TlsHandshake> StartTlsAsync(TlsRequest request, CancellationToken cancellation)
    {
        var wish = new TlsWish(request.Host, request.Roots is null ? null : [.. request.Roots.Select(root => root.RawData)]);
        await WireFrames.SendAsync(keeper, WireFrame.Tls, wish, cancellation).ConfigureAwait(false);
        var answer = await stream.AnswerAsync(cancellation).ConfigureAwait(false);
        if (answer.Failure is not null) throw new AuthenticationException(answer.Failure);
        certificate = answer.Certificate is null ? null : X509CertificateLoader.LoadCertificate(answer.Certificate);
        X509Certificate2Collection others = [.. answer.Others.Select(X509CertificateLoader.LoadCertificate)];
        // Nothing was sent over it yet: turned down now is as good as turned down in the handshake.
        if (!request.Accepts(new ShownChain(certificate, others, answer.Errors, answer.Statuses))) throw new AuthenticationException("The certificate was turned down.");
        return new TlsHandshake(answer.Protocol, answer.Cipher, certificate);
    }

    protected override async ValueTask CloseAsync()
    {
        await stream.DisposeAsync().ConfigureAwait(false);
        keeper.Dispose();
        certificate?.Dispose();
    }

    /// <summary>Octets in frames. What is written leaves with a flush, in one piece.</summary>
    private sealed class KeptStream(Socket keeper, WireFrames frames) : Stream
    {
        private byte[] pending = new byte[4096];
        private int length;
        // Where the note and the data begin that leave with the next flush; -1 for none.
        private int noteAt = -1;
        private int dataAt = -1;
        private bool ended;

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        internal void Note(ReadOnlySpan<byte> note, TimeSpan within)
        {
            noteAt = length;
            var frame = Take(WireFrames.Header + WireFrames.NoteHeader + note.Length);
            WireFrames.WriteHeader(frame, WireFrame.Note, WireFrames.NoteHeader + note.Length);
            BinaryPrimitives.WriteInt32LittleEndian(frame[(WireFrames.Header + 4)..], (int)Math.Min(within.TotalMilliseconds, int.MaxValue));
            note.CopyTo(frame[(WireFrames.Header + WireFrames.NoteHeader)..]);
        }

        internal async ValueTask<TlsAnswer> AnswerAsync(CancellationToken cancellation)
        {
            if (frames.Left > 0) throw Insertion();
            return await frames.NextAsync(cancellation).ConfigureAwait(false) switch
            {
                WireFrame.Tls => WireFrames.Parse<TlsAnswer>(await frames.AllAsync(cancellation).ConfigureAwait(false)),
                // Sent in clear after the reply to STARTTLS: somebody on the way put it there, and it must not be taken for something inside TLS.
                WireFrame.Data => throw Insertion(),
                _ => throw new IOException("The connection broke off."),
            };
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (frames.Left == 0)
            {
                if (ended) return 0;
                switch (await frames.NextAsync(cancellationToken).ConfigureAwait(false))
                {
                    case WireFrame.Data: break;
                    case WireFrame.End: ended = true; break;
                    default: throw new IOException("The connection broke off.");
                }
            }
            return await frames.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (dataAt < 0)
            {
                dataAt = length;
                Take(WireFrames.Header);
            }
            buffer.Span.CopyTo(Take(buffer.Length));
            return ValueTask.CompletedTask;
        }

        public override async Task FlushAsync(CancellationToken cancellationToken)
        {
            if (dataAt < 0) return;
            var data = length - dataAt - WireFrames.Header;
            WireFrames.WriteHeader(pending.AsSpan(dataAt), WireFrame.Data, data);
            if (noteAt >= 0) BinaryPrimitives.WriteInt32LittleEndian(pending.AsSpan(noteAt + WireFrames.Header), data);
            var leaving = pending.AsMemory(0, length);
            (length, noteAt, dataAt) = (0, -1, -1);
            try
            {
                await WireFrames.SendAllAsync(keeper, leaving, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException gone)
            {
                throw new IOException("The connection broke off.", gone);
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        private static IOException Insertion() => new("The server went on talking in clear after agreeing to TLS.");

        private Span<byte> Take(int octets)
        {
            if (length + octets > pending.Length) Array.Resize(ref pending, Math.Max(pending.Length * 2, length + octets));
            length += octets;
            return pending.AsSpan(length - octets, octets);
        }
    }
}
