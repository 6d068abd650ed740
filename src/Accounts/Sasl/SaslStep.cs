using Sternpost.Accounts.AppPasswords;

namespace Sternpost.Accounts.Sasl;

/// <summary>One step of an exchange (RFC 4422 §3).</summary>
public abstract record SaslStep
{
    private SaslStep() { }

    /// <summary>Send this (not yet base64) and read again.</summary>
    public sealed record Challenge(byte[] Data) : SaslStep;

    /// <summary>Authenticated. <paramref name="FinalData"/> is SCRAM's server-final message, to be sent as a last challenge where the protocol has no room for it.</summary>
    public sealed record Success(Account Account, byte[]? FinalData) : SaslStep
    {
        /// <summary>The app password that was given; null for the account's own.</summary>
        public AppPassword? AppPassword { get; init; }
    }

    /// <summary>Refused. The reason is for the log; the client is told one sentence that does not say which part was wrong.</summary>
    public sealed record Failure(SaslFailure Kind, string LogReason) : SaslStep;
}

/// <summary>Why authentication failed, as far as a protocol must answer differently.</summary>
public enum SaslFailure
{
    /// <summary>Wrong name or password, suspended account, bad proof.</summary>
    Credentials,
    /// <summary>The client sent something that is not the mechanism.</summary>
    Malformed,
    /// <summary>Too many failures from this address or for this account; come back later.</summary>
    TooMany,
    /// <summary>The password is right, and the account asks for a second factor: a browser may give it, a mail program needs an app password.</summary>
    SecondFactor,
    /// <summary>The client ended the exchange with <c>*</c>.</summary>
    Aborted,
}
