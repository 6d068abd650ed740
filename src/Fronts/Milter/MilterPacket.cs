using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace Sternpost.Fronts.Milter;

/// <summary>A packet of the milter protocol: a length in network order, a command octet, and its data.</summary>
/// <param name="Command">The command's letter.</param>
/// <param name="Data">What follows it; a copy of its own.</param>
internal readonly record struct MilterPacket(char Command, byte[] Data)
{
    /// <summary>Largest packet taken: a chunk of body is at most 65,535 octets, a header field of Postfix's at most 102,400.</summary>
    internal const int MaxLength = 1024 * 1024;

    /// <summary>Reads the next packet; null where the peer closed, or sent what cannot be one.</summary>
    internal static async ValueTask<MilterPacket?> ReadAsync(PipeReader input, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellation).ConfigureAwait(false);
            switch (TryParse(read.Buffer, out var packet, out var consumed))
            {
                case OperationStatus.Done:
                    input.AdvanceTo(read.Buffer.GetPosition(consumed));
                    return packet;
                case OperationStatus.InvalidData:
                    input.AdvanceTo(read.Buffer.Start);
                    return null;
            }
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted) return null;
        }
    }

    /// <summary>Parses a packet off the front of what has arrived.</summary>
    internal static OperationStatus TryParse(in ReadOnlySequence<byte> buffer, out MilterPacket packet, out long consumed)
    {
        packet = default;
        consumed = 0;
        if (buffer.Length < 4) return OperationStatus.NeedMoreData;
        Span<byte> head = stackalloc byte[4];
        buffer.Slice(0, 4).CopyTo(head);
        var length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length is 0 or > MaxLength) return OperationStatus.InvalidData;
        if (buffer.Length < 4 + length) return OperationStatus.NeedMoreData;
        var content = buffer.Slice(4, length);
        packet = new MilterPacket((char)content.FirstSpan[0], content.Slice(1).ToArray());
        consumed = 4 + length;
        return OperationStatus.Done;
    }

    /// <summary>Appends a packet to what will be flushed.</summary>
    internal static void Write(PipeWriter output, char command, ReadOnlySpan<byte> data)
    {
        var span = output.GetSpan(5 + data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(span, (uint)(1 + data.Length));
        span[4] = (byte)command;
        data.CopyTo(span[5..]);
        output.Advance(5 + data.Length);
    }
}
