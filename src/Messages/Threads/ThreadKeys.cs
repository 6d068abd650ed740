using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sternpost.Messages.Structure;

namespace Sternpost.Messages.Threads;

/// <summary>
/// What makes messages one thread (RFC 8621 §3): a message id that both name in Message-ID, In-Reply-To or References, and the same base
/// subject. Each pair is digested to one number, so that a store can look it up.
/// </summary>
public static class ThreadKeys
{
    // The nearest ancestors stand at the end of References; a chain longer than this has its thread from them.
    private const int MostReferences = 20;

    /// <summary>The keys of a message, its own first, then from the nearest ancestor to the farthest; empty where it names no message id.</summary>
    public static long[] Of(MessageEnvelope envelope)
    {
        var subject = BaseSubject.Of(envelope.Subject).Base;
        var keys = new List<long>();
        if (MessageIds.First(envelope.MessageId) is { } own) Add(own);
        if (MessageIds.First(envelope.InReplyTo) is { } parent) Add(parent);
        var references = MessageIds.References(envelope);
        for (var i = references.Count - 1; i >= 0 && keys.Count < MostReferences; i--) Add(references[i]);
        return [.. keys];

        void Add(string id)
        {
            var key = Digest(id, subject);
            if (!keys.Contains(key)) keys.Add(key);
        }
    }

    // RFC 8621 §3 (2) compares subjects without white space.
    private static long Digest(string id, string subject)
    {
        var text = Encoding.UTF8.GetBytes(id + "\n" + subject.Replace(" ", "", StringComparison.Ordinal));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}
