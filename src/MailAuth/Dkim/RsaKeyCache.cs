using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Sternpost.MailAuth.Dkim;

/// <summary>
/// RSA keys that were imported before. Importing one costs more than a check with it, and most mail comes from few signers. A key is lent to
/// one check at a time, because the platform promises nothing for two; a check that finds it lent imports it again.
/// </summary>
internal sealed class RsaKeyCache(int capacity)
{
    private readonly ConcurrentDictionary<byte[], Entry> entries = new(new OctetsComparer());

    /// <summary>How many keys are known.</summary>
    internal int Count => entries.Count;

    /// <summary>The key that was imported from these octets, where there is one that is not lent, and the place to give it back to.</summary>
    internal (RSA? Key, Entry Entry) Take(byte[] octets)
    {
        if (!entries.TryGetValue(octets, out var entry))
        {
            if (entries.Count >= capacity) MakeRoom();
            entry = entries.GetOrAdd(octets, new Entry());
        }
        return (entry.Take(), entry);
    }

    // Whatever the dictionary lists first, which is near enough to random. A key that is lent meanwhile is freed when it is forgotten.
    private void MakeRoom()
    {
        var surplus = entries.Count - (capacity - (capacity / 8));
        foreach (var (octets, _) in entries)
        {
            if (surplus-- <= 0) break;
            if (entries.TryRemove(octets, out var entry)) entry.Take()?.Dispose();
        }
    }

    /// <summary>What is known of one key.</summary>
    internal sealed class Entry
    {
        private RSA? free;
        // A reference, so that a half-written one is never read.
        private Refused? refused;

        /// <summary>Why it cannot be used; null where it can, or where nobody has looked yet.</summary>
        internal KeyCheck? Refusal
        {
            get => refused?.Check;
            set => refused = value is { } check ? new Refused(check) : null;
        }

        internal RSA? Take() => Interlocked.Exchange(ref free, null);

        /// <summary>Keeps the key for the next check.</summary>
        internal void Give(RSA key) => Interlocked.Exchange(ref free, key)?.Dispose();
    }

    private sealed record Refused(KeyCheck Check);

    private sealed class OctetsComparer : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] octets)
        {
            var hash = new HashCode();
            hash.AddBytes(octets);
            return hash.ToHashCode();
        }
    }
}
