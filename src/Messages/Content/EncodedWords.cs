using System.Text;
using MimeKit.Utils;

namespace Sternpost.Messages.Content;

/// <summary>Encoded words of header fields (RFC 2047).</summary>
public static class EncodedWords
{
    /// <summary>Encoded words undone, for text that is unfolded already; empty for null.</summary>
    public static string Decode(string? text) =>
        text is null ? "" : text.Contains("=?", StringComparison.Ordinal) ? Rfc2047.DecodeText(Encoding.UTF8.GetBytes(text)) : text;
}
