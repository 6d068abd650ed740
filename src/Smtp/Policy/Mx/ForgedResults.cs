using System.Buffers;
using System.Text;
using Sternpost.Dns;

namespace Sternpost.Smtp.Policy.Mx;

/// <summary>
/// Cuts Authentication-Results that others wrote in our name (RFC 8601 §5): programs behind this server trust the field by that name alone.
/// </summary>
internal static class ForgedResults
{
    private const int MaxNesting = 20;

    private static readonly SearchValues<byte> AfterName = SearchValues.Create(" \t\r\n;(/"u8);

    /// <summary>Moves what is left together.</summary>
    /// <param name="message">The message; its last octets are of no meaning afterwards.</param>
    /// <param name="host">Our authserv-id.</param>
    /// <param name="fields">How many fields were cut.</param>
    /// <returns>The message's new length.</returns>
    internal static int Cut(Span<byte> message, DomainName host, out int fields)
    {
        fields = 0;
        var (kept, from) = (0, 0);
        var header = new HeaderFields(message);
        while (header.Next())
        {
            if (!header.Is("Authentication-Results"u8) || !IsOurs(header.Value, host)) continue;
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

    // authres-payload = [CFWS] authserv-id [ CFWS authres-version ] …, where authserv-id = value (RFC 2045), which may be quoted.
    private static bool IsOurs(ReadOnlySpan<byte> value, DomainName host)
    {
        value = SkipComments(value);
        if (value.IsEmpty) return false;
        string name;
        if (value[0] == '"')
        {
            var end = value[1..].IndexOf((byte)'"');
            if (end < 0) return false;
            name = Encoding.UTF8.GetString(value[1..(end + 1)]).Replace("\\", "", StringComparison.Ordinal);
        }
        else
        {
            var end = value.IndexOfAny(AfterName);
            name = Encoding.UTF8.GetString(end < 0 ? value : value[..end]);
        }
        // Through DomainName, so that case, a trailing dot and U-labels hide nothing.
        return DomainName.TryParse(name.Trim(), out var claimed) && claimed == host;
    }

    private static ReadOnlySpan<byte> SkipComments(ReadOnlySpan<byte> text)
    {
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'(':
                    if (++depth > MaxNesting) return [];
                    break;
                case (byte)')' when depth > 0:
                    depth--;
                    break;
                case (byte)'\\' when depth > 0:
                    i++;
                    break;
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                    break;
                default:
                    if (depth == 0) return text[i..];
                    break;
            }
        }
        return [];
    }
}
