using Sternpost.Dns;
using Sternpost.MailAuth.Results;

namespace Sternpost.Smtp.Policy.Mx;

/// <summary>
/// Cuts what others wrote in our name: Authentication-Results with our authserv-id (RFC 8601 §5) and verdicts of the spam filter. Programs
/// behind this server trust both by their names alone.
/// </summary>
internal static class ForgedResults
{
    /// <summary>Moves what is left together.</summary>
    /// <param name="message">The message; its last octets are of no meaning afterwards.</param>
    /// <param name="host">Our authserv-id.</param>
    /// <param name="fields">How many fields were cut.</param>
    /// <param name="withFlag">Also X-Spam-Flag, which servers behind a gateway file by.</param>
    /// <returns>The message's new length.</returns>
    internal static int Cut(Span<byte> message, DomainName host, out int fields, bool withFlag = false)
    {
        fields = 0;
        var (kept, from) = (0, 0);
        var header = new HeaderFields(message);
        while (header.Next())
        {
            if (!(header.Is("Authentication-Results"u8) && AuthservId.Is(header.Value, host)) && !header.Is("X-Sternpost-Verdict"u8) && !(withFlag && header.Is("X-Spam-Flag"u8))) continue;
            fields++;
            // Only what lies before the field moves here, and the walk has passed it.
            message[from..header.Start].CopyTo(message[kept..]);
            kept += header.Start - from;
            from = header.End;
        }
        if (fields == 0) return message.Length;
        message[from..].CopyTo(message[kept..]);
        return kept + message.Length - from;
    }
}
