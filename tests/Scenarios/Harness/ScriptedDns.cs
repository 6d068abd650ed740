using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sternpost.Scenarios.Harness;

/// <summary>A name server on loopback that knows what it is told and denies all else: TXT, A and PTR over UDP (RFC 1035).</summary>
public sealed class ScriptedDns : IAsyncDisposable
{
    private readonly UdpClient socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly Dictionary<(string Name, ushort Type), byte[]> records = [];
    private readonly CancellationTokenSource stopping = new();
    private readonly Task serving;

    public ScriptedDns() => serving = Task.Run(ServeAsync);

    /// <summary>Its address, as the configuration takes it.</summary>
    public string Address => socket.Client.LocalEndPoint!.ToString()!;

    // RFC 1035 §3.3.14: as many character-strings as it takes.
    public ScriptedDns Txt(string name, string text) => Add(name, 16, [.. text.Chunk(255).SelectMany(part => (byte[])[(byte)part.Length, .. Encoding.ASCII.GetBytes(part)])]);

    public ScriptedDns Host(string name, string address) => Add(name, 1, IPAddress.Parse(address).GetAddressBytes());

    public ScriptedDns Reverse(string address, string name) => Add(string.Join('.', address.Split('.').Reverse()) + ".in-addr.arpa", 12, Name(name));

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await serving;
        socket.Dispose();
        stopping.Dispose();
    }

    private ScriptedDns Add(string name, ushort type, byte[] data)
    {
        lock (records) records[(name.ToLowerInvariant(), type)] = data;
        return this;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var query = await socket.ReceiveAsync(stopping.Token);
                await socket.SendAsync(Answer(query.Buffer), query.RemoteEndPoint, stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private byte[] Answer(byte[] query)
    {
        var at = 12;
        var labels = new List<string>();
        while (query[at] != 0)
        {
            labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
            at += query[at] + 1;
        }
        var name = string.Join('.', labels).ToLowerInvariant();
        var type = BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(at + 1));
        var question = query[12..(at + 5)];
        byte[]? data;
        bool exists;
        lock (records)
        {
            data = records.GetValueOrDefault((name, type));
            exists = records.Keys.Any(key => key.Name == name || key.Name.EndsWith("." + name, StringComparison.Ordinal));
        }
        // Header: id, a response with recursion, the code, and how many of each; the answer's name points at the question's (RFC 1035 §4.1.4).
        byte[] header = [query[0], query[1], 0x81, (byte)(0x80 | (exists ? 0 : 3)), 0, 1, 0, (byte)(data is null ? 0 : 1), 0, 0, 0, 0];
        if (data is null) return [.. header, .. question];
        return [.. header, .. question, 0xC0, 12, (byte)(type >> 8), (byte)type, 0, 1, 0, 0, 0, 60, (byte)(data.Length >> 8), (byte)data.Length, .. data];
    }

    private static byte[] Name(string name) => [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];
}
