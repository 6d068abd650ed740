using System.Text;
using Sternpost.Messages.Addresses;

namespace Sternpost.Sieve.Actions;

/// <summary>A mailto URI (RFC 6068) as a way to notify (RFC 5436).</summary>
/// <param name="To">The recipients.</param>
/// <param name="Headers">Fields it asks for, but none that would change whom it goes to or what it is.</param>
/// <param name="Body">Its text, or null.</param>
public sealed record MailtoUri(IReadOnlyList<EmailAddress> To, IReadOnlyList<KeyValuePair<string, string>> Headers, string? Body)
{
    private const int MaxRecipients = 8;
    private const int MaxHeaders = 16;

    // RFC 5436 §2.7: what a notification says of itself is the server's word.
    private static readonly HashSet<string> NotTaken = new(StringComparer.OrdinalIgnoreCase)
    {
        "from", "sender", "auto-submitted", "received", "message-id", "date", "bcc", "in-reply-to", "references", "resent-date", "resent-from", "resent-sender", "resent-to", "resent-cc",
        "resent-bcc", "resent-msg-id", "return-path", "mime-version", "content-type", "content-transfer-encoding", "dkim-signature", "x-sieve",
    };

    /// <summary>Reads one; null with the reason where it is none.</summary>
    public static MailtoUri? TryParse(string uri, out string problem)
    {
        problem = "";
        if (!uri.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        {
            problem = $"the notification method of '{uri}' is not known; this server has mailto:";
            return null;
        }
        var question = uri.IndexOf('?', StringComparison.Ordinal);
        List<EmailAddress> to = [];
        if (!AddAddresses(uri["mailto:".Length..(question < 0 ? uri.Length : question)], to, ref problem)) return null;
        List<KeyValuePair<string, string>> headers = [];
        string? body = null;
        foreach (var pair in question < 0 ? [] : uri[(question + 1)..].Split('&'))
        {
            var equal = pair.IndexOf('=', StringComparison.Ordinal);
            if (equal <= 0 || !pair.All(IsUriCharacter) || Decode(pair[..equal]) is not { } name || Decode(pair[(equal + 1)..]) is not { } value || !name.All(c => c is > ' ' and < '\x7f' and not ':'))
            {
                problem = $"the part '{pair}' of the mailto URI is no header field";
                return null;
            }
            if (name.Equals("to", StringComparison.OrdinalIgnoreCase) || name.Equals("cc", StringComparison.OrdinalIgnoreCase))
            {
                if (!AddAddresses(pair[(equal + 1)..], to, ref problem)) return null;
            }
            else if (name.Equals("body", StringComparison.OrdinalIgnoreCase)) body ??= value;
            else if (!NotTaken.Contains(name) && headers.Count < MaxHeaders) headers.Add(new(name, value.ReplaceLineEndings(" ")));
        }
        if (to.Count == 0) problem = "the mailto URI names nobody";
        if (to.Count > MaxRecipients) problem = $"the mailto URI names more than {MaxRecipients} recipients";
        return problem.Length > 0 ? null : new MailtoUri(to, headers, body);
    }

    private static bool AddAddresses(string list, List<EmailAddress> to, ref string problem)
    {
        // An encoded comma separates as well, as in the mailto of RFC 2368.
        foreach (var item in (Decode(list) ?? "\0").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (OutgoingAddress.Parse(item) is not var (address, _) || item.EndsWith('>'))
            {
                problem = $"'{item}' in the mailto URI is no address";
                return false;
            }
            if (!to.Contains(address)) to.Add(address);
        }
        return true;
    }

    // RFC 6068 §2: what may stand in a field without being encoded.
    private static bool IsUriCharacter(char c) => char.IsAsciiLetterOrDigit(c) || "-._~%!$'()*+,;:@/?=".Contains(c, StringComparison.Ordinal);

    // Null for a percent sign that begins no octet, and for octets that are no text.
    private static string? Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal)) return text;
        var octets = new List<byte>(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '%')
            {
                octets.AddRange(Encoding.UTF8.GetBytes(text[at].ToString()));
                continue;
            }
            if (at + 2 >= text.Length || !byte.TryParse(text.AsSpan(at + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var octet)) return null;
            octets.Add(octet);
            at += 2;
        }
        var decoded = Running.SieveText.Decode([.. octets]);
        return Running.SieveText.IsValid(decoded) ? decoded : null;
    }
}
