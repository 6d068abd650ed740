using Sternpost.Messages.Addresses;

namespace Sternpost.Messages.Envelopes;

/// <summary>What BODY= said (RFC 6152, RFC 3030).</summary>
public enum BodyKind
{
    /// <summary>7BIT or nothing said.</summary>
    SevenBit,
    /// <summary>8BITMIME.</summary>
    EightBitMime,
    /// <summary>BINARYMIME.</summary>
    BinaryMime,
}

/// <summary>NOTIFY= of one recipient (RFC 3461 §4.1). Default: failures, and delays where the server sees fit.</summary>
[Flags]
public enum DsnNotify
{
    /// <summary>Nothing asked; failures and long delays are reported.</summary>
    Default = 0,
    /// <summary>NEVER.</summary>
    Never = 1,
    /// <summary>SUCCESS.</summary>
    Success = 2,
    /// <summary>FAILURE.</summary>
    Failure = 4,
    /// <summary>DELAY.</summary>
    Delay = 8,
}

/// <summary>RET= (RFC 3461 §4.3).</summary>
public enum DsnReturn
{
    /// <summary>Nothing asked: headers only.</summary>
    Default,
    /// <summary>FULL.</summary>
    Full,
    /// <summary>HDRS.</summary>
    Headers,
}

/// <summary>One recipient and what the client asked to be told about it.</summary>
/// <param name="Address">The forward-path.</param>
/// <param name="Notify">NOTIFY=.</param>
/// <param name="OriginalRecipient">ORCPT= decoded (<c>rfc822;user@example</c>), or null.</param>
public sealed record EnvelopeRecipient(EmailAddress Address, DsnNotify Notify = DsnNotify.Default, string? OriginalRecipient = null);

/// <summary>The SMTP envelope (RFC 5321 §2.3.1).</summary>
/// <param name="ReversePath">MAIL FROM; null for the null reverse-path <c>&lt;&gt;</c>.</param>
/// <param name="Recipients">At least one.</param>
/// <param name="Body">BODY=.</param>
/// <param name="SmtpUtf8">SMTPUTF8 was given (RFC 6531).</param>
/// <param name="Return">RET=.</param>
/// <param name="EnvelopeId">ENVID= decoded, or null.</param>
public sealed record Envelope(
    EmailAddress? ReversePath,
    IReadOnlyList<EnvelopeRecipient> Recipients,
    BodyKind Body = BodyKind.SevenBit,
    bool SmtpUtf8 = false,
    DsnReturn Return = DsnReturn.Default,
    string? EnvelopeId = null)
{
    /// <summary>REQUIRETLS was given (RFC 8689): the message travels over proved TLS or not at all.</summary>
    public bool RequireTls { get; init; }
}
