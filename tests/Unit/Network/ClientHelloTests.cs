using System.Net.Security;
using CsCheck;
using Sternpost.Network.Tls;

namespace Sternpost.Unit.Network;

/// <summary>What a TLS client offers, read from its first message.</summary>
public class ClientHelloTests
{
    [Fact]
    public async Task The_offer_of_a_real_client_is_read_as_soon_as_it_is_whole_and_not_before()
    {
        var hello = await FirstMessageAsync("acme-tls/1", "http/1.1");
        Assert.True(ClientHello.TryReadProtocols(hello, out var protocols));
        Assert.Equal(["acme-tls/1", "http/1.1"], protocols);
        for (var length = 0; length < hello.Length; length++)
        {
            Assert.False(ClientHello.TryReadProtocols(hello.AsSpan(0, length), out protocols), $"{length} of {hello.Length}");
            Assert.Empty(protocols);
        }
    }

    [Fact]
    public async Task An_offer_cut_into_records_is_put_together()
    {
        var hello = await FirstMessageAsync("acme-tls/1");
        var message = hello.AsSpan(5).ToArray();
        byte[] cut = [.. message.Chunk(50).SelectMany(part => (byte[])[22, 3, 1, 0, (byte)part.Length, .. part])];
        Assert.True(ClientHello.TryReadProtocols(cut, out var protocols));
        Assert.Equal(["acme-tls/1"], protocols);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("\u0016\u0002\u0001")]
    [InlineData("\u0016\u0003\u0001\u0000\u0000\u0016\u0003\u0001\u0000\u0000")]
    public void What_is_no_client_of_TLS_offers_nothing(string text)
    {
        var octets = System.Text.Encoding.Latin1.GetBytes(text.PadRight(8, '\0'));
        Assert.True(ClientHello.TryReadProtocols(octets, out var protocols));
        Assert.Empty(protocols);
    }

    [Fact]
    public async Task Whatever_is_changed_in_it_nothing_breaks_and_no_more_than_a_bound_is_waited_for()
    {
        var hello = await FirstMessageAsync("acme-tls/1");
        Gen.Select(Gen.Int[0, hello.Length - 1], Gen.Byte).Array[1, 8].Sample(changes =>
        {
            var octets = hello.ToArray();
            foreach (var (at, value) in changes) octets[at] = value;
            ClientHello.TryReadProtocols(octets, out _);
            byte[] flood = [.. octets, .. new byte[2 * ClientHello.MaxOctets]];
            Assert.True(ClientHello.TryReadProtocols(flood, out _));
        }, iter: 3000);
        Gen.Byte.Array[0, 300].Sample(octets => { ClientHello.TryReadProtocols([22, 3, 1, .. octets], out _); }, iter: 3000);
    }

    private static async Task<byte[]> FirstMessageAsync(params string[] protocols)
    {
        using var wire = new Recorder();
        await using var client = new SslStream(wire);
        await Assert.ThrowsAnyAsync<Exception>(() => client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "mail.example.com", ApplicationProtocols = [.. protocols.Select(protocol => new SslApplicationProtocol(protocol))] }, TestContext.Current.CancellationToken));
        return wire.Written.ToArray();
    }

    // Takes what is written and answers nothing.
    private sealed class Recorder : Stream
    {
        internal MemoryStream Written { get; } = new();
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => 0;
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(0);
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) { if (Written.Length == 0) Written.Write(buffer, offset, count); }
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Written.Length == 0) Written.Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
