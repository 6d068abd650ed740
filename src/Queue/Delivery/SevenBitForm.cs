using System.Text;
using MimeKit;

namespace Sternpost.Queue.Delivery;

/// <summary>
/// The form of a message for the few servers that take seven bits only (RFC 6152 §3 gives the choice of this or returning it): parts are
/// encoded anew. Signatures others made over it do not survive, which is why it is done for those servers alone.
/// </summary>
internal static class SevenBitForm
{
    private const int LineLength = 78;
    private const int MaxDepth = 100;

    /// <summary>The message in ASCII; null where that cannot be had, as where a header itself is 8-bit.</summary>
    internal static byte[]? Of(byte[] content)
    {
        try
        {
            using var octets = new MemoryStream(content, writable: false);
            using var message = MimeMessage.Load(new ParserOptions { MaxMimeDepth = MaxDepth }, octets);
            message.Prepare(EncodingConstraint.SevenBit, LineLength);
            using var converted = new MemoryStream(content.Length + (content.Length / 2));
            var format = FormatOptions.Default.Clone();
            format.NewLineFormat = NewLineFormat.Dos;
            message.WriteTo(format, converted);
            var written = converted.ToArray();
            return Ascii.IsValid(written) ? written : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
