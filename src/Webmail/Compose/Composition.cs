using System.Net;
using System.Text;
using Sternpost.Webmail.Mail;

namespace Sternpost.Webmail.Compose;

/// <summary>How a draft stands on the server.</summary>
public enum SaveState { Untouched, Edited, Saving, Saved, Failed }

/// <summary>A file of a message that is written.</summary>
public sealed class AttachedFile(string id, string name, string type, long size)
{
    public string Id => id;

    public string Name => name;

    public string Type => type;

    public long Size => size;

    /// <summary>Where it is on the server; null while it is on its way there.</summary>
    public string? BlobId { get; set; }

    /// <summary>How much of it is sent.</summary>
    public int Percent { get; set; }

    /// <summary>By what the text shows it (RFC 2392), where it is a picture within the text; null for a file beside it.</summary>
    public string? ContentId { get; init; }
}

/// <summary>A message that is written.</summary>
public sealed class Composition
{
    /// <summary>The draft on the server; null before it is saved for the first time.</summary>
    public string? DraftId { get; set; }

    public string? IdentityId { get; set; }

    /// <summary>The masked address to write from in place of the identity's; null for the identity's own.</summary>
    public string? MaskedFrom { get; set; }

    public string To { get; set; } = "";

    public string Cc { get; set; } = "";

    public string Bcc { get; set; } = "";

    public bool ShowsCc { get; set; }

    public string Subject { get; set; } = "";

    /// <summary>What the editor begins with.</summary>
    public string Html { get; set; } = "";

    /// <summary>It has been open: nothing more is put into it.</summary>
    public bool IsBegun { get; set; }

    public List<AttachedFile> Files { get; } = [];

    /// <summary>The files beside the text.</summary>
    public IEnumerable<AttachedFile> Attached => Files.Where(file => file.ContentId is null);

    public IReadOnlyList<string> InReplyTo { get; init; } = [];

    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>The email that this answers or passes on, and the keyword that it gets for it.</summary>
    public (Email Email, string Keyword)? About { get; init; }

    public SaveState State { get; set; }

    public DateTimeOffset SavedAt { get; set; }

    public bool IsSending { get; set; }

    /// <summary>What to mend before it can be sent.</summary>
    public string? Problem { get; set; }

    /// <summary>RFC 6068: mailto:a@b?subject=…&amp;body=…</summary>
    public static Composition FromMailto(string address)
    {
        var rest = address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? address[7..] : address;
        var (to, query) = rest.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? (rest[..mark], rest[(mark + 1)..]) : (rest, "");
        var fields = query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2).ToLookup(pair => pair[0].ToLowerInvariant(), pair => Uri.UnescapeDataString(pair[1]));
        return new Composition { To = Uri.UnescapeDataString(to), Cc = string.Join(", ", fields["cc"]), ShowsCc = fields.Contains("cc"), Subject = string.Join(' ', fields["subject"]), Html = Lines(string.Join('\n', fields["body"])) };
    }

    /// <summary>Text as lines of the editor.</summary>
    public static string Lines(string text)
    {
        if (text.Length == 0) return "";
        var html = new StringBuilder();
        foreach (var line in text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')) html.Append("<div>").Append(line.Length == 0 ? "<br>" : WebUtility.HtmlEncode(line)).Append("</div>");
        return html.ToString();
    }
}
