using System.Text;

namespace Sternpost.Fronts.Rspamd;

/// <summary>The Message-ID of a message, as Rspamd gives it back: without angle brackets, "undef" where there is none.</summary>
internal static class MessageId
{
    private const int MaxLength = 512;

    internal static string Of(ReadOnlySpan<byte> message)
    {
        while (!message.IsEmpty)
        {
            var end = message.IndexOf("\r\n"u8);
            var line = end < 0 ? message : message[..end];
            if (line.IsEmpty) break;
            if (line.Length > 11 && Ascii.EqualsIgnoreCase(line[..11], "message-id:"u8))
            {
                var value = line[11..].Trim(" \t<>"u8);
                return value.IsEmpty || value.Length > MaxLength ? "undef" : Encoding.UTF8.GetString(value);
            }
            if (end < 0) break;
            message = message[(end + 2)..];
        }
        return "undef";
    }
}
