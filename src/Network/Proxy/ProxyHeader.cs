using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;

namespace Sternpost.Network.Proxy;

/// <summary>
/// PROXY protocol version 2, as HAProxy defined it: a 12-octet signature, version and command, family, length, addresses.
/// Read only from networks the administrator named; anything else there ends the connection.
/// </summary>
internal static class ProxyHeader
{
    private const int FixedPart = 16;
    // Addresses take at most 216 octets; the rest is room for TLVs, which are skipped.
    private const int MaxVariablePart = 1024;

    private static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    internal enum Outcome
    {
        /// <summary>The header names a client.</summary>
        Proxied,
        /// <summary>LOCAL, a health check of the proxy itself: the socket's own addresses stand.</summary>
        Local,
        /// <summary>More octets are needed.</summary>
        Incomplete,
        /// <summary>Not a version 2 header.</summary>
        Malformed,
    }

    /// <summary>Reads the header off the front of the pipe.</summary>
    internal static async ValueTask<(Outcome Outcome, IPEndPoint? Client)> ReadAsync(PipeReader input, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellation).ConfigureAwait(false);
            var outcome = Parse(read.Buffer, out var client, out var consumed);
            if (outcome != Outcome.Incomplete)
            {
                input.AdvanceTo(outcome == Outcome.Malformed ? read.Buffer.Start : read.Buffer.GetPosition(consumed));
                return (outcome, client);
            }
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted) return (Outcome.Malformed, null);
        }
    }

    /// <summary>Parses what has arrived so far.</summary>
    internal static Outcome Parse(in ReadOnlySequence<byte> buffer, out IPEndPoint? client, out int consumed)
    {
        client = null;
        consumed = 0;
        Span<byte> head = stackalloc byte[FixedPart];
        var have = (int)Math.Min(buffer.Length, FixedPart);
        buffer.Slice(0, have).CopyTo(head);
        var compare = Math.Min(have, Signature.Length);
        if (!head[..compare].SequenceEqual(Signature[..compare])) return Outcome.Malformed;
        if (have < FixedPart) return Outcome.Incomplete;
        var command = head[12] & 0x0f;
        if (head[12] >> 4 != 2 || command > 1) return Outcome.Malformed;
        var length = BinaryPrimitives.ReadUInt16BigEndian(head[14..]);
        if (length > MaxVariablePart) return Outcome.Malformed;
        if (buffer.Length < FixedPart + length) return Outcome.Incomplete;
        consumed = FixedPart + length;
        if (command == 0) return Outcome.Local;
        Span<byte> variable = stackalloc byte[length];
        buffer.Slice(FixedPart, length).CopyTo(variable);
        switch (head[13])
        {
            case 0x11 when length >= 12:
                client = new IPEndPoint(new IPAddress(variable[..4]), BinaryPrimitives.ReadUInt16BigEndian(variable[8..]));
                return Outcome.Proxied;
            case 0x21 when length >= 36:
                client = new IPEndPoint(Unmapped(new IPAddress(variable[..16])), BinaryPrimitives.ReadUInt16BigEndian(variable[32..]));
                return Outcome.Proxied;
            default:
                return Outcome.Malformed;
        }
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
