using System.Globalization;
using System.Text;

namespace Sternpost.Pop3;

/// <summary>A command line: keyword and the rest (RFC 1939 §3).</summary>
/// <param name="Keyword">In upper case.</param>
/// <param name="Argument">What follows the first space, as sent; empty where there is nothing.</param>
internal readonly record struct Pop3Command(string Keyword, string Argument)
{
    // RFC 1939 §3: three or four characters long; CAPA and STLS are four too.
    private const int MaxKeyword = 4;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Parses a line; null where it is no command.</summary>
    internal static Pop3Command? TryParse(ReadOnlySpan<byte> line)
    {
        var space = line.IndexOf((byte)' ');
        var keyword = space < 0 ? line : line[..space];
        if (keyword.IsEmpty || keyword.Length > MaxKeyword || !Ascii.IsValid(keyword)) return null;
        if (line.IndexOf((byte)0) >= 0) return null;
        try
        {
            return new Pop3Command(Encoding.ASCII.GetString(keyword).ToUpperInvariant(), space < 0 ? "" : StrictUtf8.GetString(line[(space + 1)..]));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>The arguments between spaces.</summary>
    internal string[] Words => Argument.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A message number or a count of lines; null where the text is neither.</summary>
    internal static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
