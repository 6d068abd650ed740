using System.Buffers;

namespace Sternpost.Network;

/// <summary>Reads what a line has announced as so many octets: the literals of IMAP (RFC 9051 §4.3) and ManageSieve (RFC 5804 §4).</summary>
public sealed class LiteralInput(MailConnection connection, TimeProvider time)
{
    // Octets a second below which a literal is not being sent but held open.
    private const int Slowest = 4096;

    /// <summary>The octets; null where the client closed or took too long over all of them.</summary>
    /// <param name="length">How many. What the caller has room for.</param>
    /// <param name="step">How long the next octets may be waited for.</param>
    /// <exception cref="OperationCanceledException">Nothing came for so long.</exception>
    public async ValueTask<byte[]?> ReadAsync(int length, TimeSpan step)
    {
        var octets = GC.AllocateUninitializedArray<byte>(length);
        var filled = 0;
        var begun = time.GetTimestamp();
        var whole = step + TimeSpan.FromSeconds((double)length / Slowest);
        while (filled < octets.Length)
        {
            var left = whole - time.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero) return null;
            var result = await connection.Input.ReadAsync(connection.Within(left < step ? left : step)).ConfigureAwait(false);
            var chunk = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, octets.Length - filled));
            chunk.CopyTo(octets.AsSpan(filled));
            filled += (int)chunk.Length;
            connection.Input.AdvanceTo(chunk.End);
            if (result.IsCompleted && filled < octets.Length) return null;
        }
        return octets;
    }

    /// <summary>Reads octets and forgets them; false where the client closed.</summary>
    /// <exception cref="OperationCanceledException">Nothing came for <paramref name="step"/>.</exception>
    public async ValueTask<bool> SkipAsync(long length, TimeSpan step)
    {
        while (length > 0)
        {
            var result = await connection.Input.ReadAsync(connection.Within(step)).ConfigureAwait(false);
            var take = Math.Min(length, result.Buffer.Length);
            connection.Input.AdvanceTo(result.Buffer.GetPosition(take));
            length -= take;
            if (result.IsCompleted && length > 0) return false;
        }
        return true;
    }
}
