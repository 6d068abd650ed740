using Sternpost.Storage;

namespace Sternpost.Smtp.Intake;

/// <summary>Has a say in the transaction that keeps a message, so that what it counts is counted exactly where the message is kept.</summary>
public interface IIntakeGuard
{
    /// <summary>Asked before anything is written: an answer is given in place of keeping the message.</summary>
    IntakeResult? Before(Sql sql);

    /// <summary>The message is being kept in this transaction.</summary>
    /// <param name="sql">The transaction.</param>
    /// <param name="id">The message's id.</param>
    /// <param name="name">The id as replies show it.</param>
    /// <param name="leaves">True where a copy leaves the server.</param>
    void Kept(Sql sql, long id, string name, bool leaves);
}
