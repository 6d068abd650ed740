using System.Text;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Smtp.Client;

/// <summary>A message to hand over, without its recipients.</summary>
/// <param name="ReversePath">MAIL FROM; null for <c>&lt;&gt;</c>.</param>
/// <param name="Content">The message, CRLF lines, not dot-stuffed.</param>
/// <param name="Body">What its sender said of the body.</param>
/// <param name="SmtpUtf8">Its sender said SMTPUTF8.</param>
/// <param name="Return">RET=.</param>
/// <param name="EnvelopeId">ENVID= decoded, or null.</param>
public sealed record OutgoingMessage(
    EmailAddress? ReversePath,
    ReadOnlyMemory<byte> Content,
    BodyKind Body = BodyKind.SevenBit,
    bool SmtpUtf8 = false,
    DsnReturn Return = DsnReturn.Default,
    string? EnvelopeId = null)
{
    /// <summary>Its sender demands REQUIRETLS; said where the server offers it.</summary>
    public bool RequireTls { get; init; }

    /// <summary>The client it first came from, told to servers that offer XFORWARD; null for nothing.</summary>
    public ForwardedClient? Forwarded { get; init; }

    /// <summary>Where one recipient is refused, none gets the message: for who can be told of one outcome only.</summary>
    public bool AllOrNothing { get; init; }

    /// <summary>Told the moment the server has taken the message, with the places of the recipients it was taken for and their results; must be quick and not throw.</summary>
    public Action<IReadOnlyList<(int Index, RecipientResult Result)>>? Taken { get; init; }

    /// <summary>
    /// What the next process needs to know should this one end before it has read the reply to the message: given the places of the
    /// recipients it may be taken for, and whether the server tells the sender of success. Null for nothing.
    /// </summary>
    public Func<IReadOnlyList<int>, bool, ReadOnlyMemory<byte>>? Note { get; init; }

    /// <summary>Whether 8BITMIME is needed: what the octets say counts, not what the sender said.</summary>
    internal bool IsEightBit { get; } = !Ascii.IsValid(Content.Span);

    /// <summary>
    /// Whether SMTPUTF8 is needed whoever the recipients are (RFC 6531 §3.2): a sender who said it without need is not
    /// punished, and one who put raw 8-bit octets into a header without saying it is passed on as the 8-bit mail it was.
    /// </summary>
    internal bool NeedsSmtpUtf8 { get; } = ReversePath?.NeedsSmtpUtf8 == true || (SmtpUtf8 && !Ascii.IsValid(Header(Content.Span)));

    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> content)
    {
        var end = content.IndexOf("\r\n\r\n"u8);
        return end < 0 ? content : content[..end];
    }
}
