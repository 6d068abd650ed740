using Sternpost.Dns;

namespace Sternpost.MailAuth.Dkim2;

/// <summary>What verification came to (draft-ietf-dkim-dkim2-spec-05 §11.1).</summary>
public enum Dkim2Kind
{
    /// <summary>The message bears no DKIM2 fields.</summary>
    None,
    /// <summary>Every signature, hash and hop is in order.</summary>
    Pass,
    /// <summary>A signature or a hash is not right, or a request of a signer was not honoured.</summary>
    Fail,
    /// <summary>It can never be verified: a field is missing or malformed, a hop does not fit, a key cannot be used.</summary>
    PermError,
    /// <summary>A key could not be fetched now.</summary>
    TempError,
}

/// <summary>What DKIM2 says about a message.</summary>
/// <param name="Kind">The result.</param>
/// <param name="Reason">Why it did not pass, in the words of the draft; empty where it did.</param>
public sealed record Dkim2Result(Dkim2Kind Kind, string Reason)
{
    /// <summary>The signing domains in the order the message came by, its origin first; of a message that passes.</summary>
    public IReadOnlyList<DomainName> Hops { get; init; } = [];

    /// <summary>The result's word in header fields.</summary>
    public string Word => Kind.ToString().ToLowerInvariant();
}

/// <summary>Ends a verification with its result; never leaves this folder.</summary>
internal sealed class Dkim2Exception(Dkim2Kind kind, string reason) : Exception(reason)
{
    internal Dkim2Kind Kind => kind;
}
