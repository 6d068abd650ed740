using Sternpost.Accounts.Forwarding;

namespace Sternpost.Queue.Containment;

/// <summary>How a containment stands. The numbers are stored.</summary>
public enum ContainmentState
{
    /// <summary>It holds.</summary>
    Contained = 1,
    /// <summary>It was a false alarm: everything was put back.</summary>
    PutBack = 2,
    /// <summary>The account was given back to its owner; what the thief had done was not.</summary>
    GivenBack = 3,
}

/// <summary>A recipient outside of what was sent in the time in question.</summary>
/// <param name="Address">The address.</param>
/// <param name="MessageId">The message, as traces and logs name it.</param>
/// <param name="Stopped">True where it was still in the queue and was taken out.</param>
public sealed record ContainedRecipient(string Address, string MessageId, bool Stopped);

/// <summary>What was found and done; kept as evidence and for taking it back.</summary>
public sealed record ContainmentFacts
{
    /// <summary>When its sessions were ended, which a new password does again later: by this it is known whether there is one.</summary>
    public DateTimeOffset Locked { get; init; }

    /// <summary>The signs, with their times.</summary>
    public IReadOnlyList<string> Signs { get; init; } = [];

    /// <summary>The addresses it came from, each with how many messages.</summary>
    public IReadOnlyDictionary<string, int> Sources { get; init; } = new Dictionary<string, int>();

    /// <summary>The messages in question.</summary>
    public IReadOnlyList<string> Messages { get; init; } = [];

    /// <summary>Their recipients outside.</summary>
    public IReadOnlyList<ContainedRecipient> Recipients { get; init; } = [];

    /// <summary>Copies in mailboxes here.</summary>
    public int LocalCopies { get; init; }

    /// <summary>App passwords that were ended, by id.</summary>
    public IReadOnlyList<long> AppPasswords { get; init; } = [];

    /// <summary>What it had lately been allowed to send as.</summary>
    public IReadOnlyList<string> Grants { get; init; } = [];

    /// <summary>The script that lately was made to sort its mail, and does so no more; null where there was none.</summary>
    public string? Script { get; init; }

    /// <summary>What its owner, or a thief, had lately set up to send its mail on; null where there was nothing.</summary>
    public StoppedForward? Forward { get; init; }

    /// <summary>Masked addresses that were made in the time in question, and take no mail any more.</summary>
    public IReadOnlyList<string> Masked { get; init; } = [];

    /// <summary>Forwards that had lately been made for it: alias and target.</summary>
    public IReadOnlyList<string[]> Aliases { get; init; } = [];
}

/// <summary>A containment.</summary>
/// <param name="Id">Its time is when.</param>
/// <param name="AccountId">Whose.</param>
/// <param name="Address">The account's address.</param>
/// <param name="Since">From when on what it did is in question.</param>
/// <param name="IsAutomatic">The server did it by itself.</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="State">How it stands.</param>
/// <param name="Ended">When it ended, or null.</param>
/// <param name="Facts">What was found and done.</param>
/// <param name="Notice">A letter to the recipients outside, drafted.</param>
public sealed record ContainmentCase(long Id, long AccountId, string Address, DateTimeOffset Since, bool IsAutomatic, string Reason, ContainmentState State, DateTimeOffset? Ended, ContainmentFacts Facts, string Notice);
