using System.Buffers;
using System.IO.Pipelines;

namespace Sternpost.Fronts;

/// <summary>Reads the octets of a message off a pipe, never more than allowed.</summary>
internal static class BodyReader
{
    /// <summary>Exactly <paramref name="length"/> octets; fewer where the client closed early.</summary>
    internal static async ValueTask<byte[]> ReadAsync(PipeReader input, int length, Func<CancellationToken> within)
    {
        var body = new byte[length];
        var have = 0;
        while (have < length)
        {
            var read = await input.ReadAsync(within()).ConfigureAwait(false);
            var take = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, length - have));
            take.CopyTo(body.AsSpan(have));
            have += (int)take.Length;
            input.AdvanceTo(take.End);
            if (read.IsCompleted && have < length && take.IsEmpty) return body[..have];
        }
        return body;
    }

    /// <summary>Everything until the client closes its side; null where that is more than <paramref name="limit"/>.</summary>
    internal static async ValueTask<byte[]?> ReadToEndAsync(PipeReader input, int limit, Func<CancellationToken> within)
    {
        var body = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await input.ReadAsync(within()).ConfigureAwait(false);
            if (body.WrittenCount + read.Buffer.Length > limit)
            {
                input.AdvanceTo(read.Buffer.End);
                return null;
            }
            foreach (var segment in read.Buffer) body.Write(segment.Span);
            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return body.WrittenSpan.ToArray();
        }
    }
}
