using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Sternpost.Dns.Protocol;

namespace Sternpost.Dns;

/// <summary>One question to one upstream: by UDP with EDNS, and by TCP where the answer was cut.</summary>
/// <param name="name">What is asked about.</param>
/// <param name="type">What is asked for.</param>
/// <param name="wantsProof">Whether the upstream's word on DNSSEC matters.</param>
internal sealed class UpstreamQuestion(DomainName name, RecordType type, bool wantsProof)
{
    // DNS flag day 2020: 1232 octets pass every path without fragments.
    private const int LargestDatagram = 1232;

    // What a server sends in spite of that is read too.
    private const int Room = 4096;

    // Recursion desired; RFC 6840 §5.7: authentic data is of interest.
    private const int Recursion = 0x0100, Authentic = 0x0020;

    // RFC 3225 §3: DNSSEC OK, in what is the TTL of other records.
    private const uint DnssecOk = 0x8000;

    /// <summary>Asks.</summary>
    /// <param name="server">Whom.</param>
    /// <param name="within">How long each of the two ways may take.</param>
    /// <returns>A reply to this question, whatever its code.</returns>
    /// <exception cref="UpstreamException">No answer came, or what came is none.</exception>
    internal async ValueTask<DnsMessage> AskAsync(IPEndPoint server, TimeSpan within)
    {
        var id = RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        var message = Message(id);
        var octets = await WithinAsync(within, cancellation => DatagramAsync(server, message, id, cancellation)).ConfigureAwait(false);
        if (DnsHeader.Of(octets).IsTruncated)
        {
            octets = await WithinAsync(within, cancellation => TcpExchange.AskAsync(server, message, cancellation)).ConfigureAwait(false);
            if (!IsReply(octets, id)) throw new UpstreamException("the answer over TCP belongs to another question");
        }
        return DnsReader.TryRead(octets, out var read) ? read : throw new UpstreamException("the answer is malformed");
    }

    private byte[] Message(int id)
    {
        var message = new ArrayBufferWriter<byte>(name.Ascii.Length + 40);
        DnsWriter.Number(message, id);
        DnsWriter.Number(message, wantsProof ? Recursion | Authentic : Recursion);
        foreach (var count in (ReadOnlySpan<int>)[1, 0, 0, 1]) DnsWriter.Number(message, count);
        DnsWriter.Name(message, name);
        DnsWriter.Number(message, (int)type);
        DnsWriter.Number(message, DnsClass.Internet);
        // RFC 6891 §6.1.2: the root as owner, the size in place of the class.
        message.Write([(byte)0]);
        DnsWriter.Number(message, (int)RecordType.Opt);
        DnsWriter.Number(message, LargestDatagram);
        DnsWriter.LongNumber(message, wantsProof ? DnssecOk : 0);
        DnsWriter.Number(message, 0);
        return message.WrittenSpan.ToArray();
    }

    // A socket for each question: its port is another secret that who would forge an answer has to guess (RFC 5452 §4.5).
    private async ValueTask<byte[]> DatagramAsync(IPEndPoint server, byte[] message, int id, CancellationToken cancellation)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellation).ConfigureAwait(false);
        await socket.SendAsync(message, cancellation).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(Room);
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
                // RFC 5452 §9.1: what does not answer this question is passed over, and the answer waited for.
                if (IsReply(buffer.AsSpan(0, length), id)) return buffer[..length];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool IsReply(ReadOnlySpan<byte> octets, int id) =>
        octets.Length >= DnsHeader.Length && DnsHeader.Of(octets) is { IsResponse: true, Operation: 0 } header && header.Id == id && DnsReader.IsAbout(octets, name, type);

    private static async ValueTask<byte[]> WithinAsync(TimeSpan within, Func<CancellationToken, ValueTask<byte[]>> exchange)
    {
        using var late = new CancellationTokenSource(within);
        try
        {
            return await exchange(late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new UpstreamException($"no answer within {within.TotalSeconds:0.#} seconds");
        }
        catch (Exception broken) when (broken is SocketException or IOException)
        {
            throw new UpstreamException(broken.Message, broken);
        }
    }
}

/// <summary>An upstream gave no answer that can be used; the message says why.</summary>
internal sealed class UpstreamException(string message, Exception? inner = null) : Exception(message, inner);
