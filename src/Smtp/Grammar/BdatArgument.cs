using System.Buffers.Text;
using System.Text;
using Sternpost.Smtp.Server;

namespace Sternpost.Smtp.Grammar;

/// <summary>What BDAT said.</summary>
/// <param name="Size">Octets that follow the command's CRLF.</param>
/// <param name="Last">The message ends with them.</param>
internal readonly record struct BdatArgument(long Size, bool Last)
{
    /// <summary>bdat-cmd ::= "BDAT" SP chunk-size [ SP end-marker ] (RFC 3030 §2), from the size on.</summary>
    internal static Parsed<BdatArgument> Parse(ReadOnlySpan<byte> argument)
    {
        var space = argument.IndexOf((byte)' ');
        var digits = space < 0 ? argument : argument[..space];
        // chunk-size ::= 1*20DIGIT
        if (digits.Length is 0 or > 20 || digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0) return Replies.BdatSyntax;
        if (space >= 0 && !Ascii.EqualsIgnoreCase(argument[space..].Trim((byte)' '), "LAST"u8)) return Replies.BdatSyntax;
        if (!Utf8Parser.TryParse(digits, out long size, out _)) size = long.MaxValue;
        return new BdatArgument(size, space >= 0);
    }
}
