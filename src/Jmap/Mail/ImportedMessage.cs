using Sternpost.Jmap.Content;

namespace Sternpost.Jmap.Mail;

/// <summary>Octets that a client says are a message.</summary>
internal static class ImportedMessage
{
    // Fields of which a message has at least one (RFC 5322 §3.6); a file that is something else has none.
    private static readonly string[] Usual =
        ["from", "date", "subject", "to", "cc", "bcc", "sender", "reply-to", "message-id", "received", "return-path", "mime-version", "content-type", "in-reply-to", "references", "delivered-to"];

    /// <summary>Whether the octets begin with a header as messages have it.</summary>
    internal static bool LooksLikeOne(ReadOnlySpan<byte> octets)
    {
        // An mbox's line before the message is not the message's, yet programs leave it.
        if (octets.StartsWith("From "u8) && octets.IndexOf((byte)'\n') is >= 0 and var end) octets = octets[(end + 1)..];
        var lines = HeaderLines.Read(octets.Length > 1 << 20 ? octets[..(1 << 20)] : octets);
        return lines.Exists(line => Usual.Contains(line.Name.ToLowerInvariant()));
    }
}
