using System.Security.Cryptography;

namespace Sternpost.MailAuth.Canonical;

/// <summary>The hashes of one message's body, each made once however many signatures want it, and no more than the budget allows.</summary>
internal sealed class BodyHashes(RawHeader header)
{
    private readonly List<Entry> entries = new(2);

    /// <summary>The hash of the first <paramref name="limit"/> octets of the canonical body; false where the budget is spent.</summary>
    /// <param name="hash">SHA-256, or SHA-1 for signatures that cannot pass.</param>
    /// <param name="relaxed">The form.</param>
    /// <param name="limit">l=, or the greatest long.</param>
    /// <param name="value">The hash.</param>
    /// <param name="length">The whole length of the canonical body.</param>
    public bool TryGet(HashAlgorithmName hash, bool relaxed, long limit, out byte[] value, out long length)
    {
        foreach (var entry in entries)
        {
            if (entry.Hash != hash || entry.Relaxed != relaxed || entry.Limit != limit) continue;
            (value, length) = (entry.Value, entry.Length);
            return true;
        }
        (value, length) = ([], 0);
        if (entries.Count == AuthenticationBudget.BodyHashes) return false;
        using var incremental = IncrementalHash.CreateHash(hash);
        length = BodyCanonicalization.Hash(incremental, header.Body, relaxed, limit);
        value = incremental.GetHashAndReset();
        entries.Add(new Entry(hash, relaxed, limit, value, length));
        return true;
    }

    private sealed record Entry(HashAlgorithmName Hash, bool Relaxed, long Limit, byte[] Value, long Length);
}
