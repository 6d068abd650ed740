using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using CsCheck;
using Sternpost.Network.Proxy;

namespace Sternpost.Unit.Network;

/// <summary>PROXY protocol version 2.</summary>
public sealed class ProxyHeaderTests
{
    private static readonly Gen<IPAddress> Address = Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16]).Select(octets => new IPAddress(octets));

    private static readonly Gen<byte[]> Header = Gen.Select(Address, Gen.Int[0, 65535], Gen.Byte.Array[0, 40], (address, port, more) => Octets(0x21, address, port, more));

    [Fact]
    public void It_names_the_client_whatever_follows() =>
        Gen.Select(Address, Gen.Int[0, 65535], Gen.Byte.Array[0, 40], Gen.Byte.Array[0, 40]).Sample((address, port, more, after) =>
        {
            var header = Octets(0x21, address, port, more);
            Assert.Equal(ProxyHeader.Outcome.Proxied, ProxyHeader.Parse(new ReadOnlySequence<byte>([.. header, .. after]), out var client, out var consumed));
            Assert.Equal(new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port), client);
            Assert.Equal(header.Length, consumed);
        });

    [Fact]
    public void A_part_of_it_is_never_taken_for_the_whole() => Gen.Select(Header, Gen.Double[0, 1]).Sample((header, part) =>
    {
        var cut = (int)(header.Length * part);
        Assert.Equal(cut == header.Length ? ProxyHeader.Outcome.Proxied : ProxyHeader.Outcome.Incomplete, ProxyHeader.Parse(new ReadOnlySequence<byte>(header[..cut]), out _, out _));
    });

    [Fact]
    public void Octets_nobody_chose_never_throw_and_name_nobody() => Gen.Byte.Array[0, 300].Sample(octets =>
    {
        var outcome = ProxyHeader.Parse(new ReadOnlySequence<byte>(octets), out var client, out var consumed);
        Assert.True(octets.Length == 0 ? outcome == ProxyHeader.Outcome.Incomplete : outcome is ProxyHeader.Outcome.Malformed or ProxyHeader.Outcome.Incomplete);
        Assert.Null(client);
        Assert.Equal(0, consumed);
    }, iter: 20_000);

    [Fact]
    public void A_header_with_one_octet_changed_does_not_throw_and_stays_within_what_came() => Gen.Select(Header, Gen.Int[0, 59], Gen.Byte).Sample((header, at, octet) =>
    {
        header[at % header.Length] = octet;
        ProxyHeader.Parse(new ReadOnlySequence<byte>(header), out _, out var consumed);
        Assert.InRange(consumed, 0, header.Length);
    }, iter: 20_000);

    [Theory]
    [InlineData(0x20, 0x00, 0, ProxyHeader.Outcome.Local)]
    [InlineData(0x20, 0x11, 12, ProxyHeader.Outcome.Local)]
    [InlineData(0x21, 0x00, 0, ProxyHeader.Outcome.Malformed)]
    [InlineData(0x21, 0x11, 11, ProxyHeader.Outcome.Malformed)]
    [InlineData(0x21, 0x21, 35, ProxyHeader.Outcome.Malformed)]
    [InlineData(0x21, 0x12, 12, ProxyHeader.Outcome.Malformed)]
    [InlineData(0x21, 0x31, 216, ProxyHeader.Outcome.Malformed)]
    [InlineData(0x22, 0x11, 12, ProxyHeader.Outcome.Malformed)]
    [InlineData(0x11, 0x11, 12, ProxyHeader.Outcome.Malformed)]
    [InlineData(0x21, 0x11, 1025, ProxyHeader.Outcome.Malformed)]
    internal void Commands_families_and_lengths(int command, int family, int length, ProxyHeader.Outcome outcome)
    {
        byte[] header = [.. Octets((byte)command, IPAddress.Loopback, 25, [])[..13], (byte)family, (byte)(length >> 8), (byte)length, .. new byte[length]];
        Assert.Equal(outcome, ProxyHeader.Parse(new ReadOnlySequence<byte>(header), out _, out _));
    }

    [Fact]
    public void Version_1_is_not_read() =>
        Assert.Equal(ProxyHeader.Outcome.Malformed, ProxyHeader.Parse(new ReadOnlySequence<byte>("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"u8.ToArray()), out _, out _));

    [Fact]
    public async Task Octet_by_octet_it_is_the_same_and_what_follows_stays_in_the_pipe()
    {
        var pipe = new Pipe();
        var reading = ProxyHeader.ReadAsync(pipe.Reader, default).AsTask();
        foreach (var octet in Octets(0x21, IPAddress.Parse("203.0.113.7"), 4711, [1, 2, 3])) await pipe.Writer.WriteAsync(new[] { octet });
        Assert.Equal((ProxyHeader.Outcome.Proxied, new IPEndPoint(IPAddress.Parse("203.0.113.7"), 4711)), await reading);
        await pipe.Writer.WriteAsync("EHLO"u8.ToArray());
        Assert.Equal("EHLO"u8.ToArray(), (await pipe.Reader.ReadAsync()).Buffer.ToArray());
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_is_malformed()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(Octets(0x21, IPAddress.Loopback, 25, []).AsMemory(0, 20));
        await pipe.Writer.CompleteAsync();
        Assert.Equal(ProxyHeader.Outcome.Malformed, (await ProxyHeader.ReadAsync(pipe.Reader, default)).Outcome);
    }

    internal static byte[] Octets(byte command, IPAddress from, int port, byte[] more)
    {
        var v6 = from.AddressFamily == AddressFamily.InterNetworkV6;
        var addresses = v6 ? 36 : 12;
        byte[] to = v6 ? IPAddress.IPv6Loopback.GetAddressBytes() : IPAddress.Loopback.GetAddressBytes();
        var length = addresses + more.Length;
        return
        [
            0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, command, v6 ? (byte)0x21 : (byte)0x11,
            (byte)(length >> 8), (byte)length, .. from.GetAddressBytes(), .. to, (byte)(port >> 8), (byte)port, 0, 25, .. more,
        ];
    }
}
