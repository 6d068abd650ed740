using System.Text;
using Sternpost.Mailboxes;
using Sternpost.Messages.Structure;

namespace Sternpost.Imap.Content;

/// <summary>PREVIEW (RFC 8970): the first words of what a person would read, on one line.</summary>
internal static class Preview
{
    // RFC 8970 §3.2: at most 256 characters, 200 recommended.
    private const int Length = 200;

    // Octets of the part looked at: markup before the first words can be long.
    private const int MostOctets = 64 * 1024;

    /// <summary>The preview; empty where the message has no text (RFC 8970 §3.1).</summary>
    internal static string Of(ReadOnlyMemory<byte> content, StoredEmail email)
    {
        var part = FirstText(email.Structure.Root, "plain") ?? FirstText(email.Structure.Root, "html");
        if (part is null) return "";
        var text = MessageText.TextOf(content, email.PrefixLength, part, MostOctets) ?? "";
        var preview = new StringBuilder(Length + 2);
        var space = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                space = preview.Length > 0;
                continue;
            }
            if (preview.Length + 3 > Length) break;
            if (space) preview.Append(' ');
            space = false;
            preview.Append(rune);
        }
        return preview.ToString();
    }

    private static PartStructure? FirstText(PartStructure part, string subtype)
    {
        if (part.Type == "text" && part.Subtype == subtype && part.Disposition is (null or "inline")) return part;
        foreach (var child in part.Children)
        {
            if (FirstText(child, subtype) is { } found) return found;
        }
        return null;
    }
}
