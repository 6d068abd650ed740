using System.Buffers.Text;
using System.Text;

namespace Sternpost.MailAuth.Dkim;

/// <summary>dkim-quoted-printable (RFC 6376 §2.11): <c>=XX</c> for octets a tag cannot hold.</summary>
internal static class QuotedPrintable
{
    /// <summary>Decodes; an equals sign that begins no code stands for itself.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains('=', StringComparison.Ordinal)) return text;
        var octets = Encoding.UTF8.GetBytes(text);
        var length = 0;
        for (var i = 0; i < octets.Length; i++)
        {
            if (octets[i] == '=' && i + 2 < octets.Length && Utf8Parser.TryParse(octets.AsSpan(i + 1, 2), out byte code, out var used, 'X') && used == 2)
            {
                octets[length++] = code;
                i += 2;
            }
            else octets[length++] = octets[i];
        }
        return Encoding.UTF8.GetString(octets, 0, length);
    }
}
