using System.Buffers.Text;
using System.Text;

namespace Sternpost.Messages.Text;

/// <summary>Mailbox names as IMAP4rev1 writes them (RFC 3501 §5.1.3): printable ASCII stands for itself, the rest is UTF-16 in base64 between "&amp;" and "-".</summary>
public static class ModifiedUtf7
{
    /// <summary>Encodes any name.</summary>
    public static string Encode(string name)
    {
        if (name.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && !name.Contains('&')) return name;
        var text = new StringBuilder();
        for (var i = 0; i < name.Length;)
        {
            var run = name.AsSpan(i).IndexOfAnyInRange(' ', '~');
            var shifted = run < 0 ? name.Length - i : run;
            if (shifted > 0)
            {
                // Base64 with "," for "/" and without padding.
                text.Append('&').Append(Convert.ToBase64String(Encoding.BigEndianUnicode.GetBytes(name, i, shifted)).TrimEnd('=').Replace('/', ',')).Append('-');
                i += shifted;
            }
            else
            {
                text.Append(name[i] == '&' ? "&-" : name.AsSpan(i, 1));
                i++;
            }
        }
        return text.ToString();
    }

    /// <summary>Decodes; false where the text is not modified UTF-7.</summary>
    public static bool TryDecode(string text, out string name)
    {
        name = text;
        if (!text.Contains('&')) return true;
        var decoded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            if (text[i] != '&')
            {
                decoded.Append(text[i++]);
                continue;
            }
            var end = text.IndexOf('-', i);
            if (end < 0) return false;
            if (end == i + 1) decoded.Append('&');
            else if (!TryShifted(text.AsSpan(i + 1, end - i - 1), decoded)) return false;
            i = end + 1;
        }
        name = decoded.ToString();
        return true;
    }

    private static bool TryShifted(ReadOnlySpan<char> base64, StringBuilder decoded)
    {
        if (base64.ContainsAnyExcept(Base64Letters)) return false;
        var padded = base64.ToString().Replace(',', '/') + new string('=', (4 - (base64.Length % 4)) % 4);
        if (!Base64.IsValid(padded)) return false;
        var utf16 = Convert.FromBase64String(padded);
        if (utf16.Length == 0 || utf16.Length % 2 != 0) return false;
        var text = Encoding.BigEndianUnicode.GetString(utf16);
        // Half a surrogate pair decodes to U+FFFD: such a name could not be written back as it came. RFC 3501 §5.1.3
        // also forbids to shift what can stand for itself, which would give one mailbox two names.
        if (text.Contains('\uFFFD') || text.AsSpan().ContainsAnyInRange(' ', '~')) return false;
        decoded.Append(text);
        return true;
    }

    private static readonly System.Buffers.SearchValues<char> Base64Letters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,");
}
