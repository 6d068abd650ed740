using Sternpost.Messages.Addresses;

namespace Sternpost.Accounts.Forwarding;

/// <summary>Where an account's mail is sent on to.</summary>
/// <param name="Target">The address.</param>
/// <param name="Keeps">A copy stays in the account.</param>
/// <param name="Changed">Since when it is so.</param>
public sealed record Forward(EmailAddress Target, bool Keeps, DateTimeOffset Changed);

/// <summary>An address that an account may send mail on to, or asked for.</summary>
/// <param name="Address">The address.</param>
/// <param name="Created">When it was asked for.</param>
/// <param name="Confirmed">When its reader agreed; null where that is waited for.</param>
/// <param name="Expires">Until when the code is good.</param>
public sealed record ForwardAddress(EmailAddress Address, DateTimeOffset Created, DateTimeOffset? Confirmed, DateTimeOffset Expires);

/// <summary>What came of a code.</summary>
public enum CodeOutcome
{
    /// <summary>It was the right one: the address is confirmed.</summary>
    Confirmed,

    /// <summary>It was not; there are tries left.</summary>
    Wrong,

    /// <summary>There is no code that could be given: it was too old, or wrong too often.</summary>
    Ended,
}

/// <summary>What was stopped when an account was contained, for taking it back.</summary>
/// <param name="Target">Where its mail went on to; empty where that was not changed lately.</param>
/// <param name="Keeps">Whether a copy stayed.</param>
/// <param name="Addresses">Addresses that had lately been confirmed.</param>
public sealed record StoppedForward(string Target, bool Keeps, IReadOnlyList<string> Addresses);
