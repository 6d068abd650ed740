namespace Sternpost.Tracing;

/// <summary>What became of one recipient's copy, as far as it is known.</summary>
/// <param name="Recipient">Whose.</param>
/// <param name="At">When the last was heard of it.</param>
/// <param name="Last">That last step.</param>
public sealed record Fate(string Recipient, DateTimeOffset At, Step Last)
{
    /// <summary>True where nothing more comes: it is there, came back, or was refused.</summary>
    public bool IsSettled => Last.Kind is StepKind.Filed or StepKind.Delivered or StepKind.Failed or StepKind.Refused;

    /// <summary>The fates of a message's recipients, in the order they were first named.</summary>
    public static IReadOnlyList<Fate> Of(FoundTrail trail)
    {
        var fates = new Dictionary<string, Fate>(StringComparer.OrdinalIgnoreCase);
        foreach (var (at, step) in trail.Steps)
        {
            if (step.Recipient.Length > 0) fates[step.Recipient] = new Fate(step.Recipient, at, step);
        }
        return [.. fates.Values];
    }

    /// <summary>The kind of a step, in a word or two.</summary>
    public static string Word(StepKind kind) => kind switch
    {
        StepKind.Refused => "Refused",
        StepKind.Accepted => "Taken",
        StepKind.Filed => "In a mailbox here",
        StepKind.Queued => "Waits to go out",
        StepKind.Deferred => "Tried again later",
        StepKind.Delivered => "Handed over",
        StepKind.Failed => "Came back",
        StepKind.Written => "Written here",
        _ => "Kept back",
    };
}
