namespace Sternpost.Abuse.Signs;

/// <summary>What was noticed about an account. The numbers are stored.</summary>
public enum SignKind
{
    /// <summary>Mail is held because it is unusual.</summary>
    Held = 1,
    /// <summary>Held mail goes on coming from a network that is not the account's.</summary>
    Runaway = 2,
    /// <summary>Somebody wrote to an address that only a stolen address book has.</summary>
    Canary = 3,
    /// <summary>A spam trap was written to.</summary>
    Trap = 4,
    /// <summary>Many recipients do not exist.</summary>
    BounceBurst = 5,
    /// <summary>A recipient's provider passed on a complaint.</summary>
    Complaint = 6,
    /// <summary>The password was right after the same one had been tried on many accounts, or from where that was done.</summary>
    Spray = 7,
    /// <summary>Signed in from where nobody can have travelled to.</summary>
    Travel = 8,
    /// <summary>Signed in from a network that a DNS list names.</summary>
    ListedNetwork = 9,
}

/// <summary>A sign that somebody else may use an account.</summary>
/// <param name="Id">Its time is when.</param>
/// <param name="AccountId">Which account.</param>
/// <param name="Kind">What was noticed.</param>
/// <param name="What">The same for people: a sentence.</param>
/// <param name="IsCertain">Enough by itself to contain the account.</param>
public sealed record Sign(long Id, long AccountId, SignKind Kind, string What, bool IsCertain);
