namespace Sternpost.Webmail.Jmap;

/// <summary>What kept the server from doing what was asked.</summary>
public enum TroubleKind
{
    /// <summary>The server was not reached.</summary>
    Offline,

    /// <summary>The session has ended; sign in again.</summary>
    SignedOut,

    /// <summary>The server said no, and why.</summary>
    Refused,
}

/// <summary>A request that did not succeed.</summary>
/// <param name="kind">What to do about it.</param>
/// <param name="type">The error type of RFC 8620 or RFC 8621, where there was one.</param>
/// <param name="message">What the server said.</param>
public sealed class JmapException(TroubleKind kind, string? type, string message) : Exception(message)
{
    public TroubleKind Kind => kind;

    public string? Type => type;
}
