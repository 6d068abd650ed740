using Sternpost.Messages.Structure;

namespace Sternpost.Imap.Responses;

/// <summary>ENVELOPE (RFC 9051 §7.5.2), from the stored structure.</summary>
internal static class EnvelopeText
{
    private static readonly MessageEnvelope Empty = new(null, null, [], [], [], [], [], [], null, null);

    /// <summary>envelope = "(" env-date SP env-subject SP env-from … env-message-id ")" (§9).</summary>
    internal static void Envelope(this ResponseWriter writer, MessageEnvelope? envelope)
    {
        envelope ??= Empty;
        writer.Char('(').NString(envelope.Date).Char(' ').NString(envelope.Subject).Char(' ');
        writer.Addresses(envelope.From).Char(' ');
        // §7.5.2: where Sender or Reply-To is absent or empty, the server says From again.
        writer.Addresses(envelope.Sender.Count > 0 ? envelope.Sender : envelope.From).Char(' ');
        writer.Addresses(envelope.ReplyTo.Count > 0 ? envelope.ReplyTo : envelope.From).Char(' ');
        writer.Addresses(envelope.To).Char(' ');
        writer.Addresses(envelope.Cc).Char(' ');
        writer.Addresses(envelope.Bcc).Char(' ');
        writer.NString(envelope.InReplyTo).Char(' ').NString(envelope.MessageId).Char(')');
    }

    // address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"; the source route is long dead (§9).
    private static ResponseWriter Addresses(this ResponseWriter writer, IReadOnlyList<EnvelopeAddress> addresses)
    {
        if (addresses.Count == 0) return writer.Text("NIL");
        writer.Char('(');
        foreach (var address in addresses)
        {
            writer.Char('(').NString(address.Name).Text(" NIL ").NString(address.Mailbox).Char(' ').NString(address.Host).Char(')');
        }
        return writer.Char(')');
    }
}
