using System.Text;
using Sternpost.Messages.Addresses;
using Sternpost.Smtp.Grammar;

namespace Sternpost.Smtp.Policy.Local;

/// <summary>
/// The traces of header injection: a web form that puts what a visitor typed into the header lets him add fields and recipients with a line
/// break. Those show as a second field where there can be one, or as recipients that the header does not name.
/// </summary>
internal static class InjectedHeader
{
    // RFC 5322 §3.6: at most one of each; RFC 2045 and RFC 2183 likewise for the structure of a message.
    private static readonly string[] Once =
    [
        "Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Subject",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition",
    ];

    private static readonly System.Buffers.SearchValues<byte> Separators = System.Buffers.SearchValues.Create(" \t\r\n<>,;:(\""u8);

    /// <summary>Why the header cannot be a site's own work; null where nothing is wrong.</summary>
    internal static string? Problem(ReadOnlySpan<byte> message)
    {
        Span<int> seen = stackalloc int[Once.Length];
        seen.Clear();
        var fields = new HeaderFields(message);
        while (fields.Next())
        {
            for (var i = 0; i < Once.Length; i++)
            {
                if (!Ascii.EqualsIgnoreCase(fields.Name, Once[i]) || ++seen[i] < 2) continue;
                return $"The header has more than one {Once[i]} field, as one has that a visitor of the site wrote into; the script must not put line breaks of a form into header fields";
            }
            if (fields.Value.IndexOfAnyInRange((byte)0, (byte)8) >= 0) return "The header holds control characters";
        }
        return null;
    }

    /// <summary>The recipients that no To or Cc of the header names.</summary>
    internal static IEnumerable<EmailAddress> Blind(ReadOnlySpan<byte> message, IEnumerable<EmailAddress> recipients)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        var fields = new HeaderFields(message);
        while (fields.Next())
        {
            if (fields.Is("To"u8) || fields.Is("Cc"u8) || fields.Is("Resent-To"u8) || fields.Is("Resent-Cc"u8)) Named(fields.Value, named);
        }
        return [.. recipients.Where(recipient => !named.Contains(recipient.Key))];
    }

    // Whatever looks like an address counts as named: a recipient in the open is no blind one, however badly the field is written.
    private static void Named(ReadOnlySpan<byte> value, HashSet<string> named)
    {
        while (true)
        {
            value = value.TrimStart(" \t\r\n<>,;:(\""u8);
            if (value.IsEmpty) return;
            var rest = value;
            if (Mailbox.Read(ref rest, out var address) == MailboxFault.None && address is not null) named.Add(address.Key);
            // On to the next place where an address can begin.
            var next = value.IndexOfAny(Separators);
            if (next < 0) return;
            value = value[next..];
        }
    }
}
