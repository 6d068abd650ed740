using System.Net;

namespace Sternpost.Accounts.Sasl;

/// <summary>One step of an exchange (RFC 4422 §3).</summary>
public abstract record SaslStep
{
    private SaslStep() { }

    /// <summary>Send this (not yet base64) and read again.</summary>
    public sealed record Challenge(byte[] Data) : SaslStep;

    /// <summary>Authenticated. <paramref name="FinalData"/> is SCRAM's server-final message, to be sent as a last challenge where the protocol has no room for it.</summary>
    public sealed record Success(Account Account, byte[]? FinalData) : SaslStep;

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
    /// <summary>The client ended the exchange with <c>*</c>.</summary>
    Aborted,
}

/// <summary>One exchange in progress; not reusable.</summary>
public abstract class SaslExchange
{
    /// <summary>Takes the client's decoded response (null where none was sent yet) and answers the next step.</summary>
    public abstract ValueTask<SaslStep> StepAsync(byte[]? response, CancellationToken cancellation);
}

/// <summary>The mechanisms all protocols share. Counts failures per address and per account (slow guessing too) and never says which half was wrong.</summary>
public sealed class SaslServer(Credentials credentials)
{
    /// <summary>The names to offer on a TLS connection; nothing is offered on cleartext.</summary>
    /// <param name="channelBinding">True where tls-server-end-point data is known, so that -PLUS can be offered.</param>
    public static IReadOnlyList<string> Mechanisms(bool channelBinding) =>
        channelBinding ? ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"] : ["SCRAM-SHA-256", "PLAIN", "LOGIN"];

    /// <summary>Begins an exchange; null where the mechanism is unknown.</summary>
    /// <param name="mechanism">As the client named it, any case.</param>
    /// <param name="client">The peer's address, for counting failures.</param>
    /// <param name="tlsServerEndPoint">The channel binding data of RFC 5929 §4, or null.</param>
    public SaslExchange? Begin(string mechanism, IPAddress client, byte[]? tlsServerEndPoint) => throw new NotImplementedException();

    /// <summary>Checks a name and password given in clear (IMAP LOGIN, POP3 USER/PASS).</summary>
    public ValueTask<SaslStep> LoginAsync(string name, string password, IPAddress client, CancellationToken cancellation) => throw new NotImplementedException();
}
