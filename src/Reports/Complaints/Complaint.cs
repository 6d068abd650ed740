namespace Sternpost.Reports.Complaints;

/// <summary>How a complaint was written. The numbers are stored.</summary>
public enum ComplaintKind
{
    /// <summary>ARF (RFC 5965), as feedback loops of large receivers write.</summary>
    Arf = 1,
    /// <summary>X-ARF, as network operators write.</summary>
    Xarf = 2,
    /// <summary>By hand, or by a program for people.</summary>
    Text = 3,
}

/// <summary>What a stranger's message to abuse or postmaster complains of. All texts are his: one line each and shortened.</summary>
public sealed record Complaint
{
    /// <summary>How it is written.</summary>
    public required ComplaintKind Kind { get; init; }

    /// <summary>What it complains of, in the form's own word: <c>abuse</c>, <c>fraud</c>, <c>spam</c>…; empty in free text.</summary>
    public string Category { get; init; } = "";

    /// <summary>The Message-ID of the message complained of; empty where it is left out.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>Its subject; likewise.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Whom it was from, by its envelope or its From; likewise.</summary>
    public string Sender { get; init; } = "";

    /// <summary>When it arrived there, where that is said.</summary>
    public DateTimeOffset? Arrived { get; init; }

    /// <summary>What our message may be found by, the surest first: Message-IDs, our own references from Received lines, ids of the queue.</summary>
    public IReadOnlyList<string> Clues { get; init; } = [];

    /// <summary>The beginning of what it says.</summary>
    public string Excerpt { get; init; } = "";
}
