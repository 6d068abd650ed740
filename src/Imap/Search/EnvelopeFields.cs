using Sternpost.Messages.Content;
using Sternpost.Messages.Structure;

namespace Sternpost.Imap.Search;

/// <summary>Searches for header fields that the stored envelope has, so that no message is read for them.</summary>
internal static class EnvelopeFields
{
    /// <summary>Whether the field holds the text, in any case, encoded words undone; null for fields an envelope does not have.</summary>
    internal static bool? Match(MessageEnvelope envelope, string field, string text) => field.ToUpperInvariant() switch
    {
        "SUBJECT" => Holds(envelope.Subject, text),
        "FROM" => Holds(envelope.From, text),
        "TO" => Holds(envelope.To, text),
        "CC" => Holds(envelope.Cc, text),
        "BCC" => Holds(envelope.Bcc, text),
        "MESSAGE-ID" => Holds(envelope.MessageId, text),
        "IN-REPLY-TO" => Holds(envelope.InReplyTo, text),
        "DATE" => Holds(envelope.Date, text),
        _ => null,
    };

    // RFC 9051 §6.4.4: a field that is there matches the empty text.
    private static bool Holds(string? value, string text) =>
        value is not null && (text.Length == 0 || EncodedWords.Decode(value).Contains(text, StringComparison.OrdinalIgnoreCase));

    private static bool Holds(IReadOnlyList<EnvelopeAddress> addresses, string text)
    {
        foreach (var address in addresses)
        {
            if (Text(address).Contains(text, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    /// <summary>An address as people write it: <c>Name &lt;mailbox@host&gt;</c>.</summary>
    internal static string Text(EnvelopeAddress address)
    {
        var plain = address.Host is { Length: > 0 } ? $"{address.Mailbox}@{address.Host}" : address.Mailbox ?? "";
        return address.Name is null ? plain : $"{EncodedWords.Decode(address.Name)} <{plain}>";
    }
}
