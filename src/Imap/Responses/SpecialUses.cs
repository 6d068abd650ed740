using Sternpost.Mailboxes;

namespace Sternpost.Imap.Responses;

/// <summary>use-attr (RFC 6154 §2).</summary>
internal static class SpecialUses
{
    /// <summary>The attribute of LIST, or null for mailboxes without a use. INBOX is known by its name.</summary>
    internal static string? Attribute(SpecialUse use) => use is SpecialUse.None or SpecialUse.Inbox ? null : "\\" + use;

    /// <summary>The use a client names, without its backslash.</summary>
    internal static bool TryParse(string name, out SpecialUse use)
    {
        use = name.ToUpperInvariant() switch
        {
            "ARCHIVE" => SpecialUse.Archive,
            "DRAFTS" => SpecialUse.Drafts,
            "JUNK" => SpecialUse.Junk,
            "SENT" => SpecialUse.Sent,
            "TRASH" => SpecialUse.Trash,
            _ => SpecialUse.None,
        };
        return use != SpecialUse.None;
    }
}
