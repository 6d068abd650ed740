using Sternpost.Dns;

namespace Sternpost.MailAuth.Arc;

/// <summary>The state of a chain (RFC 8617 §4.4).</summary>
public enum ArcKind
{
    /// <summary>The message bears no chain.</summary>
    None,
    /// <summary>The chain is whole: each of its sealers saw what it says it saw, if it can be believed.</summary>
    Pass,
    /// <summary>It is broken, and stays so.</summary>
    Fail,
}

/// <summary>One link: who sealed it, and what that server says authentication came to when the message reached it.</summary>
/// <param name="Instance">From 1, the first.</param>
/// <param name="Sealer">d= of the seal.</param>
/// <param name="AuthenticationResults">The value of ARC-Authentication-Results after its instance, unfolded.</param>
public sealed record ArcLink(int Instance, DomainName Sealer, string AuthenticationResults);

/// <summary>What validation of a chain came to.</summary>
/// <param name="Kind">The result.</param>
/// <param name="Reason">Why it failed; empty otherwise.</param>
public sealed record ArcResult(ArcKind Kind, string Reason)
{
    /// <summary>The links of a chain that passes, oldest first; empty otherwise.</summary>
    public IReadOnlyList<ArcLink> Links { get; init; } = [];

    /// <summary>The highest instance seen, also of a chain that fails; 0 without one.</summary>
    public int HighestInstance { get; init; }

    /// <summary>The chain failed because a key could not be fetched now: another time it may pass.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>The newest seal itself says that the chain had failed before: nothing may be added (RFC 8617 §5.1).</summary>
    public bool WasSealedAsFailed { get; init; }

    /// <summary>The result's word in header fields.</summary>
    public string Word => Kind.ToString().ToLowerInvariant();
}
