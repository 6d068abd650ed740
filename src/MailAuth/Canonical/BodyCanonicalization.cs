using System.Security.Cryptography;

namespace Sternpost.MailAuth.Canonical;

/// <summary>
/// The two canonical forms of a body (RFC 6376 §3.4.3, §3.4.4), hashed while they are made. Runs of lines that are canonical
/// already, which is nearly all of real mail, go to the hash as they lie in the message.
/// </summary>
internal static class BodyCanonicalization
{
    /// <summary>Hashes the first <paramref name="limit"/> octets of the canonical body.</summary>
    /// <returns>The length of the whole canonical body.</returns>
    public static long Hash(IncrementalHash hash, ReadOnlySpan<byte> body, bool relaxed, long limit = long.MaxValue)
    {
        var sink = new Sink(hash, limit, stackalloc byte[1024]);
        int position = 0, runStart = -1, runEnd = 0;
        var blank = new BlankLines();
        while (position < body.Length)
        {
            var feed = body[position..].IndexOf((byte)'\n');
            var next = feed < 0 ? body.Length : position + feed + 1;
            var line = body[position..(feed < 0 ? next : next - 1)];
            var plainEnd = feed > 0 && line[^1] == '\r';
            if (plainEnd) line = line[..^1];
            var kept = relaxed ? line.TrimEnd(" \t"u8) : line;
            if (kept.IsEmpty)
            {
                blank.Add(position, isPlain: plainEnd && line.IsEmpty);
                position = next;
                continue;
            }
            if (blank.Count > 0)
            {
                if (blank.ArePlain) runStart = runStart < 0 ? blank.Start : runStart;
                else
                {
                    if (runStart >= 0) sink.Add(body[runStart..runEnd]);
                    runStart = -1;
                    sink.AddLineEnds(blank.Count);
                }
                blank = default;
            }
            if (plainEnd && kept.Length == line.Length && !(relaxed && HasSpaceToReduce(line)))
            {
                if (runStart < 0) runStart = position;
                runEnd = next;
            }
            else
            {
                if (runStart >= 0) sink.Add(body[runStart..position]);
                runStart = -1;
                if (relaxed) sink.AddReduced(kept);
                else sink.Add(kept);
                sink.AddLineEnds(1);
            }
            position = next;
        }
        if (runStart >= 0) sink.Add(body[runStart..runEnd]);
        // RFC 6376 §3.4.3: an empty body is one line end in the simple form, and nothing in the relaxed one (§3.4.4).
        if (!relaxed && sink.Total == 0) sink.AddLineEnds(1);
        sink.Flush();
        return sink.Total;
    }

    private static bool HasSpaceToReduce(ReadOnlySpan<byte> line) => line.Contains((byte)'\t') || line.IndexOf("  "u8) >= 0;

    // Empty lines wait: they count only if something follows them.
    private struct BlankLines
    {
        public int Start;
        public int Count;
        public bool ArePlain;

        public void Add(int position, bool isPlain)
        {
            if (Count++ == 0) (Start, ArePlain) = (position, true);
            ArePlain &= isPlain;
        }
    }

    /// <summary>Takes pieces; the many small ones of lines that are not canonical go to the hash together.</summary>
    private ref struct Sink(IncrementalHash hash, long limit, Span<byte> buffer)
    {
        private readonly Span<byte> buffer = buffer;
        private int held;

        public long Total { get; private set; }

        public void Add(scoped ReadOnlySpan<byte> octets)
        {
            var left = limit - Total;
            Total += octets.Length;
            if (left <= 0) return;
            if (octets.Length > left) octets = octets[..(int)left];
            if (octets.Length > buffer.Length - held) Flush();
            if (octets.Length >= buffer.Length)
            {
                hash.AppendData(octets);
                return;
            }
            octets.CopyTo(buffer[held..]);
            held += octets.Length;
        }

        public void AddLineEnds(int count)
        {
            for (; count > 0; count--) Add("\r\n"u8);
        }

        /// <summary>A line with each run of white space made one space.</summary>
        public void AddReduced(ReadOnlySpan<byte> line)
        {
            while (!line.IsEmpty)
            {
                var space = line.IndexOfAny((byte)' ', (byte)'\t');
                Add(space < 0 ? line : line[..space]);
                if (space < 0) return;
                Add(" "u8);
                line = line[space..].TrimStart(" \t"u8);
            }
        }

        public void Flush()
        {
            hash.AppendData(buffer[..held]);
            held = 0;
        }
    }
}
