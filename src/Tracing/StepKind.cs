namespace Sternpost.Tracing;

/// <summary>What happened to a message. The numbers are stored.</summary>
public enum StepKind
{
    /// <summary>A client was refused with it; this server does not answer for it.</summary>
    Refused = 1,
    /// <summary>This server answers for it from here on.</summary>
    Accepted = 2,
    /// <summary>A copy lies in a mailbox here.</summary>
    Filed = 3,
    /// <summary>A copy waits to go out.</summary>
    Queued = 4,
    /// <summary>An attempt to pass it on failed for now.</summary>
    Deferred = 5,
    /// <summary>The next server answers for it.</summary>
    Delivered = 6,
    /// <summary>It could not be passed on, for good.</summary>
    Failed = 7,
    /// <summary>This server wrote it.</summary>
    Written = 8,
    /// <summary>It is kept back.</summary>
    Held = 9,
}

/// <summary>One step on a message's way.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Recipient">To whose copy; empty where to all.</param>
/// <param name="What">In plain words, a sentence or two.</param>
/// <param name="Advice">What can be done; empty where nothing need be.</param>
public sealed record Step(StepKind Kind, string Recipient, string What, string Advice = "");
