namespace Sternpost.Messages.Structure;

/// <summary>An address as ENVELOPE shows it (RFC 9051 §7.5.2): encoded words not decoded. Group start: mailbox set, host null; group end: both null.</summary>
public sealed record EnvelopeAddress(string? Name, string? Mailbox, string? Host);

/// <summary>The header fields of FETCH ENVELOPE, raw text unfolded.</summary>
public sealed record MessageEnvelope(
    string? Date,
    string? Subject,
    IReadOnlyList<EnvelopeAddress> From,
    IReadOnlyList<EnvelopeAddress> Sender,
    IReadOnlyList<EnvelopeAddress> ReplyTo,
    IReadOnlyList<EnvelopeAddress> To,
    IReadOnlyList<EnvelopeAddress> Cc,
    IReadOnlyList<EnvelopeAddress> Bcc,
    string? InReplyTo,
    string? MessageId);

/// <summary>
/// One MIME part with the byte offsets of its header and body in the message as received (added prefix not counted), so that
/// any BODY[section] is a slice. Offsets and the tree come from MimeKit's MimeReader.
/// </summary>
public sealed record PartStructure
{
    /// <summary>Lower-case type, for example "text".</summary>
    public required string Type { get; init; }
    /// <summary>Lower-case subtype.</summary>
    public required string Subtype { get; init; }
    /// <summary>Content-Type parameters in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];
    /// <summary>Content-Id as written, or null.</summary>
    public string? Id { get; init; }
    /// <summary>Content-Description, or null.</summary>
    public string? Description { get; init; }
    /// <summary>Content-Transfer-Encoding lower case; "7bit" where absent.</summary>
    public string Encoding { get; init; } = "7bit";
    /// <summary>Content-MD5, or null.</summary>
    public string? Md5 { get; init; }
    /// <summary>Content-Disposition token, or null.</summary>
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
    /// <summary>Octets of body, transfer-encoded.</summary>
    public required long BodyLength { get; init; }
    /// <summary>Lines of body.</summary>
    public required int Lines { get; init; }
    /// <summary>Children of a multipart; empty otherwise.</summary>
    public IReadOnlyList<PartStructure> Children { get; init; } = [];
    /// <summary>The embedded message of message/rfc822 or message/global; null otherwise.</summary>
    public MessageStructure? Message { get; init; }
}

/// <summary>A message's envelope and MIME tree.</summary>
public sealed record MessageStructure(MessageEnvelope Envelope, PartStructure Root);
