using System.Text;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.Evidence.Contacts;

/// <summary>The message that a bounce brings back, or its header (RFC 6522 §3).</summary>
internal static class ReturnedMessage
{
    private const int LookedAt = 512 * 1024;

    /// <summary>Its Message-ID; null where the notice brings none back.</summary>
    internal static string? IdIn(MessageUnderJudgement message)
    {
        var body = message.Raw.Span[message.Header.BodyStart..];
        if (body.Length > LookedAt) body = body[..LookedAt];
        // The field stands at the beginning of a line, whatever part it is in; systems write the parts in every way there is.
        for (var from = 0; from < body.Length;)
        {
            var at = body[from..].IndexOf("essage-"u8);
            if (at < 0) return null;
            var start = from + at - 1;
            var line = start >= 0 ? body[start..] : default;
            from += at + 7;
            if (line.Length < 12 || (start > 0 && body[start - 1] != '\n') || !Ascii.EqualsIgnoreCase(line[..11], "message-id:"u8)) continue;
            // It may be folded behind the colon (RFC 5322 §2.2.3).
            var open = line[..Math.Min(line.Length, 400)].IndexOf((byte)'<');
            var close = open < 0 ? -1 : line[open..Math.Min(line.Length, open + 400)].IndexOf((byte)'>');
            if (close > 1) return HeaderText.Raw(line.Slice(open + 1, close - 1)).Trim();
        }
        return null;
    }
}
