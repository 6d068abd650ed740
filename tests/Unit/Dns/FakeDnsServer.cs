using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Unit.Dns;

/// <summary>What the server is asked.</summary>
internal sealed record DnsQuery(ushort Id, string Name, int Type, bool ByTcp, byte[] Question);

/// <summary>
/// A DNS server on loopback whose every octet a test decides: the handler gives the whole reply, or null for silence.
/// </summary>
internal sealed class FakeDnsServer : IDisposable
{
    public const int A = 1, Ns = 2, Cname = 5, Soa = 6, Mx = 15, Txt = 16, Srv = 33, Tlsa = 52, Caa = 257;

    private readonly CancellationTokenSource stopping = new();
    private readonly Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentQueue<DnsQuery> queries = new();

    public FakeDnsServer(Func<DnsQuery, byte[]?> handler)
    {
        Handler = handler;
        // The port must be free for both; another try finds one that is.
        for (var tries = 0; ; tries++)
        {
            udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            try
            {
                tcp.Bind(udp.LocalEndPoint!);
                break;
            }
            catch (SocketException) when (tries < 10)
            {
                udp.Dispose();
                udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            }
        }
        tcp.Listen(50);
        _ = ServeUdpAsync();
        _ = ServeTcpAsync();
    }

    public Func<DnsQuery, byte[]?> Handler { get; set; }

    /// <summary>Writes a reply to a TCP client; unless set, length and reply at once.</summary>
    public Func<NetworkStream, byte[], CancellationToken, Task>? TcpWriter { get; set; }

    /// <summary>What somebody else sends before the reply, from the server's address.</summary>
    public Func<DnsQuery, byte[]>? Forged { get; set; }

    public IPEndPoint Address => (IPEndPoint)udp.LocalEndPoint!;

    public IReadOnlyCollection<DnsQuery> Queries => queries;

    public void Dispose()
    {
        stopping.Cancel();
        udp.Dispose();
        tcp.Dispose();
        stopping.Dispose();
    }

    /// <summary>A reply to the query: header with flags, the question, and the sections given.</summary>
    public static byte[] Reply(DnsQuery query, IEnumerable<byte[]>? answers = null, int code = 0, bool truncated = false, bool authentic = false, IEnumerable<byte[]>? authorities = null)
    {
        var (records, others) = (answers?.ToList() ?? [], authorities?.ToList() ?? []);
        var flags = 0x8180 | code | (truncated ? 0x0200 : 0) | (authentic ? 0x0020 : 0);
        return [.. Number(query.Id), .. Number(flags), .. Number(1), .. Number(records.Count), .. Number(others.Count), .. Number(0), .. query.Question, .. records.SelectMany(r => r), .. others.SelectMany(r => r)];
    }

    /// <summary>A record; a name of null is a pointer to the question.</summary>
    public static byte[] Record(int type, byte[] data, int ttl = 300, string? name = null, int? length = null) =>
        [.. name is null ? [0xC0, 12] : Name(name), .. Number(type), .. Number(1), 0, 0, .. Number(ttl), .. Number(length ?? data.Length), .. data];

    public static byte[] TxtRecord(params string[] strings) => Record(Txt, [.. strings.SelectMany(text => (byte[])[(byte)text.Length, .. Encoding.Latin1.GetBytes(text)])]);

    public static byte[] SoaRecord(int minimum, int ttl = 3600) => Record(Soa, [.. Name("ns.example"), .. Name("root.example"), .. new byte[16], 0, 0, .. Number(minimum)], ttl, "example");

    public static byte[] Name(string name) => [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];

    public static byte[] Number(int value)
    {
        var octets = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(octets, (ushort)value);
        return octets;
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var received = await udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), stopping.Token);
                var reply = Answer(buffer.AsSpan(0, received.ReceivedBytes), byTcp: false);
                if (Forged is { } forged) await udp.SendToAsync(forged(queries.Last()), received.RemoteEndPoint, stopping.Token);
                if (reply is not null) await udp.SendToAsync(reply, received.RemoteEndPoint, stopping.Token);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await tcp.AcceptAsync(stopping.Token));
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            await using var stream = new NetworkStream(client, ownsSocket: true);
            var length = new byte[2];
            while (true)
            {
                await stream.ReadExactlyAsync(length, stopping.Token);
                var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(query, stopping.Token);
                if (Answer(query, byTcp: true) is not { } reply) continue;
                if (TcpWriter is { } writer) await writer(stream, reply, stopping.Token);
                else await stream.WriteAsync((byte[])[.. Number(reply.Length), .. reply], stopping.Token);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or EndOfStreamException or ObjectDisposedException)
        {
            // The client has gone, or the test is over.
        }
    }

    private byte[]? Answer(ReadOnlySpan<byte> message, bool byTcp)
    {
        var name = new StringBuilder();
        var at = 12;
        for (; message[at] != 0; at += message[at] + 1) name.Append(name.Length > 0 ? "." : "").Append(Encoding.ASCII.GetString(message.Slice(at + 1, message[at])));
        var type = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 1)..]);
        var query = new DnsQuery(BinaryPrimitives.ReadUInt16BigEndian(message), name.ToString().ToLowerInvariant(), type, byTcp, message[12..(at + 5)].ToArray());
        queries.Enqueue(query);
        return Handler(query);
    }
}
