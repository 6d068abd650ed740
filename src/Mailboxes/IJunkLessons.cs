namespace Sternpost.Mailboxes;

/// <summary>Told when a user moves mail into or out of Junk; the filter learns from it (composition wires it, so the store knows no filter).</summary>
public interface IJunkLessons
{
    /// <summary>The user of <paramref name="accountId"/> said of this message that it is (not) junk. Called after commit; must not throw and must not block.</summary>
    void Taught(long accountId, long emailId, bool junk);
}
