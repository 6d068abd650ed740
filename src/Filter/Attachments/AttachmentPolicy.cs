using Sternpost.Malware;

namespace Sternpost.Filter.Attachments;

/// <summary>What happens to mail with a dangerous attachment.</summary>
public enum AttachmentAction
{
    /// <summary>It weighs in the score, as other findings do.</summary>
    Score,
    /// <summary>It is no matter.</summary>
    Allow,
    /// <summary>The attachment is taken out, and a note says so; the rest of the message is judged as usual.</summary>
    Strip,
    /// <summary>The message is held for somebody to look at.</summary>
    Quarantine,
    /// <summary>The message is refused.</summary>
    Reject,
}

/// <summary>The administrator's choice for each danger, and what is looked at.</summary>
public sealed record AttachmentPolicy
{
    /// <summary>By danger; those not named weigh in the score, and files on the administrator's own list are refused.</summary>
    public IReadOnlyDictionary<DangerKind, AttachmentAction> Actions { get; init; } = new Dictionary<DangerKind, AttachmentAction>();

    /// <summary>Hashes of files that are not wanted; null for none.</summary>
    public HashBlocklist? Blocklist { get; init; }

    /// <summary>What is done about a danger.</summary>
    public AttachmentAction Of(DangerKind kind) => Actions.TryGetValue(kind, out var action) ? action : kind == DangerKind.Listed ? AttachmentAction.Reject : AttachmentAction.Score;
}
