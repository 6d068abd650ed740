namespace Sternpost.Mailboxes;

/// <summary>The system flags as bits; keywords are beside them as text.</summary>
[Flags]
public enum MessageFlags
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>\Seen.</summary>
    Seen = 1,
    /// <summary>\Answered.</summary>
    Answered = 2,
    /// <summary>\Flagged.</summary>
    Flagged = 4,
    /// <summary>\Deleted.</summary>
    Deleted = 8,
    /// <summary>\Draft.</summary>
    Draft = 16,
}
