using System.Text;
using Sternpost.Filter.Corpora;
using Sternpost.Messages.Addresses;

namespace Sternpost.Fronts.Spamd;

/// <summary>
/// The envelope that Exim (4.96, spool_mbox.c) writes above a message for a SpamAssassin daemon, whose protocol has no place for
/// it: X-Envelope-From and X-Envelope-To. Read only where they stand first, because further down a sender may have written them.
/// </summary>
internal static class EnvelopeFields
{
    private const int MaxFields = 4;
    private const int MaxRecipients = 1000;

    internal static Arrival Of(ReadOnlySpan<byte> message)
    {
        EmailAddress? from = null;
        var recipients = new List<EmailAddress>();
        message = message[DeliveryTrace.SeparatorLength(message)..];
        for (var i = 0; i < MaxFields && !message.IsEmpty; i++)
        {
            var end = EndOfField(message);
            var field = Encoding.UTF8.GetString(message[..end]);
            if (field.StartsWith("X-Envelope-From:", StringComparison.OrdinalIgnoreCase)) from = Address(field[16..]);
            else if (field.StartsWith("X-Envelope-To:", StringComparison.OrdinalIgnoreCase)) Recipients(field[14..], recipients);
            else break;
            message = message[end..];
        }
        return new Arrival { MailFrom = from, Recipients = recipients };
    }

    private static void Recipients(string value, List<EmailAddress> recipients)
    {
        foreach (var part in value.Split(','))
        {
            if (recipients.Count < MaxRecipients && Address(part) is { } recipient) recipients.Add(recipient);
        }
    }

    private static EmailAddress? Address(string text) => EmailAddress.TryParse(text.Trim().Trim('<', '>'), out var address) ? address : null;

    // A field ends at the line end that no white space follows.
    private static int EndOfField(ReadOnlySpan<byte> message)
    {
        for (var at = 0; ;)
        {
            var feed = message[at..].IndexOf((byte)'\n');
            if (feed < 0) return message.Length;
            at += feed + 1;
            if (at >= message.Length || message[at] is not ((byte)' ' or (byte)'\t')) return at;
        }
    }
}
