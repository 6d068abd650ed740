using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Bench.Outbound;

/// <summary>
/// A name server (RFC 1035) for the destinations: each has one mail server with one loopback address. Everything else is not there. Both
/// servers that are measured ask it over UDP like any other.
/// </summary>
internal sealed class SinkNames : IDisposable
{
    private const ushort A = 1, Mx = 15;
    private const int Ttl = 3600;
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public SinkNames(IPEndPoint at) => socket.Bind(at);

    public IPEndPoint EndPoint => (IPEndPoint)socket.LocalEndPoint!;

    public async Task RunAsync(CancellationToken cancellation)
    {
        var question = new byte[4096];
        var anybody = new IPEndPoint(IPAddress.Any, 0);
        try
        {
            while (true)
            {
                var got = await socket.ReceiveFromAsync(question, SocketFlags.None, anybody, cancellation);
                if (Answer(question.AsSpan(0, got.ReceivedBytes)) is { } answer) await socket.SendToAsync(answer, SocketFlags.None, got.RemoteEndPoint, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Told to end.
        }
    }

    public void Dispose() => socket.Dispose();

    /// <summary>The answer to one question; null to what is none.</summary>
    public static byte[]? Answer(ReadOnlySpan<byte> question)
    {
        if (question.Length < 17 || (question[2] & 0x80) != 0) return null;
        var labels = new List<string>();
        var at = 12;
        while (at < question.Length && question[at] != 0)
        {
            if (question[at] > 63 || at + 1 + question[at] >= question.Length) return null;
            labels.Add(Encoding.ASCII.GetString(question.Slice(at + 1, question[at])).ToLowerInvariant());
            at += 1 + question[at];
        }
        if (at + 5 > question.Length) return null;
        var type = BinaryPrimitives.ReadUInt16BigEndian(question[(at + 1)..]);
        var asked = question[12..(at + 5)];
        var record = Record(labels, type);
        var answer = new byte[12 + asked.Length + (record is null ? 0 : 12 + record.Length)];
        question[..2].CopyTo(answer);
        // An authoritative answer; recursion as was wanted; NXDOMAIN for names below underscores and foreign ones.
        answer[2] = (byte)(0x84 | (question[2] & 1));
        answer[3] = (byte)(0x80 | (IsThere(labels) ? 0 : 3));
        answer[5] = 1;
        answer[7] = (byte)(record is null ? 0 : 1);
        asked.CopyTo(answer.AsSpan(12));
        if (record is null) return answer;
        var tail = answer.AsSpan(12 + asked.Length);
        // A pointer to the name in the question.
        tail[0] = 0xC0;
        tail[1] = 12;
        BinaryPrimitives.WriteUInt16BigEndian(tail[2..], type);
        BinaryPrimitives.WriteUInt16BigEndian(tail[4..], 1);
        BinaryPrimitives.WriteInt32BigEndian(tail[6..], Ttl);
        BinaryPrimitives.WriteUInt16BigEndian(tail[10..], (ushort)record.Length);
        record.CopyTo(tail[12..]);
        return answer;
    }

    private static bool IsThere(List<string> labels) => labels is [.., "bench", "test"] && !labels[0].StartsWith('_');

    private static byte[]? Record(List<string> labels, ushort type) => type switch
    {
        // Preference 10, "mx" and a pointer to the name asked about.
        Mx when IsThere(labels) && labels[0] != "mx" => [0, 10, 2, (byte)'m', (byte)'x', 0xC0, 12],
        A when labels is ["mx", "origin", ..] => [127, 0, 0, 1],
        A when labels is ["mx", ['d', .. var number], ..] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var domain) =>
            [127, (byte)(16 + (domain >> 16)), (byte)(domain >> 8), (byte)domain],
        _ => null,
    };
}
