using Sternpost.Messages.Addresses;

namespace Sternpost.Accounts;

/// <summary>What an address at RCPT comes to.</summary>
public abstract record RecipientResolution
{
    private RecipientResolution() { }

    /// <summary>The domain is not one of ours.</summary>
    public sealed record NotLocal : RecipientResolution;

    /// <summary>Our domain, but nobody there: 550 5.1.1.</summary>
    public sealed record Unknown : RecipientResolution;

    /// <summary>A masked address that its owner has switched off: 550 5.2.1.</summary>
    public sealed record SwitchedOff : RecipientResolution;

    /// <summary>Every target is over quota: 452 4.2.2.</summary>
    public sealed record Full : RecipientResolution;

    /// <summary>An address by which this server passed mail on (SRS): a bounce sent there goes back to this sender, and nothing else does.</summary>
    public sealed record Return(EmailAddress Sender) : RecipientResolution;

    /// <summary>Delivered to these accounts (detail is the <c>+part</c>, or null) and passed on to these outside addresses; each once.</summary>
    public sealed record Deliver(IReadOnlyList<(Account Account, string? Detail)> Local, IReadOnlyList<EmailAddress> Forward) : RecipientResolution;
}
