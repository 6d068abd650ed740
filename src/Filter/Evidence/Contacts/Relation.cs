namespace Sternpost.Filter.Evidence.Contacts;

/// <summary>What one account has to do with the sender of a message.</summary>
/// <param name="WroteTo">It has written to the author's address.</param>
/// <param name="KnowsSender">That address has written to it before, proved as well as now.</param>
/// <param name="KnowsDomain">It has had to do with somebody of the author's domain, in either direction.</param>
/// <param name="Answers">The message answers one the account sent.</param>
internal readonly record struct Relation(bool WroteTo, bool KnowsSender, bool KnowsDomain, bool Answers)
{
    /// <summary>True where neither has had to do with the other before.</summary>
    internal bool IsFirstContact => this is { WroteTo: false, KnowsSender: false, KnowsDomain: false, Answers: false };
}
