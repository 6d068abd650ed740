namespace Sternpost.Messages.Structure;

/// <summary>
/// One MIME part with the byte offsets of its header and body in the message as received (added prefix not counted), so that
/// any BODY[section] is a slice.
/// </summary>
public sealed record PartStructure
{
    /// <summary>Lower-case type, for example "text". A token (RFC 2045 §5.1), whatever the message says.</summary>
    public required string Type { get; init; }
    /// <summary>Lower-case subtype, likewise a token.</summary>
    public required string Subtype { get; init; }
    /// <summary>Content-Type parameters in order, values unquoted; those of RFC 2231 as written (<c>name*0*</c>), names lower case.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];
    /// <summary>Content-Id as written, or null.</summary>
    public string? Id { get; init; }
    /// <summary>Content-Description, or null.</summary>
    public string? Description { get; init; }
    /// <summary>Content-Transfer-Encoding lower case; "7bit" where absent.</summary>
    public string Encoding { get; init; } = "7bit";
    /// <summary>Content-MD5, or null.</summary>
    public string? Md5 { get; init; }
    /// <summary>Content-Disposition token, lower case, or null.</summary>
    public string? Disposition { get; init; }
    /// <summary>Its parameters.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> DispositionParameters { get; init; } = [];
    /// <summary>Content-Language tags.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];
    /// <summary>Content-Location, or null.</summary>
    public string? Location { get; init; }
    /// <summary>Where the part's header begins.</summary>
    public required long HeaderOffset { get; init; }
    /// <summary>Where its body begins: the octet after the blank line.</summary>
    public required long BodyOffset { get; init; }
    /// <summary>Octets of body, transfer-encoded; the line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1).</summary>
    public required long BodyLength { get; init; }
    /// <summary>Lines of body; an unfinished last one counts.</summary>
    public required int Lines { get; init; }
    /// <summary>Children of a multipart; empty otherwise, and in a multipart in which no delimiter was found or that is nested too deep.</summary>
    public IReadOnlyList<PartStructure> Children { get; init; } = [];
    /// <summary>The embedded message of message/rfc822 or message/global; null otherwise, and where it is transfer-encoded or nested too deep.</summary>
    public MessageStructure? Message { get; init; }
}
