using Sternpost.Filter.Attachments;
using Sternpost.Filter.Verdicts;
using Sternpost.Malware;

namespace Sternpost.Filter.Judges.Attachments;

/// <summary>What attachments are, seen by their content: in archives, in documents, behind names that hide it.</summary>
internal sealed class AttachmentContentJudge(FilterOptions options) : LocalJudge
{
    private static readonly Dictionary<DangerKind, Symbol> Symbolic = new()
    {
        [DangerKind.Program] = new("ATTACHMENT_HIDDEN_PROGRAM", 4.0, "A program lies in an archive, or behind a name that hides what it is."),
        [DangerKind.Shortcut] = new("ATTACHMENT_SHORTCUT", 4.0, "An attachment is a shortcut that starts something else."),
        [DangerKind.DiskImage] = new("ATTACHMENT_DISK_IMAGE_INSIDE", 2.5, "A disk image lies in an archive, or behind another name."),
        [DangerKind.Macro] = new("ATTACHMENT_MACRO", 1.0, "A document has macros."),
        [DangerKind.AutoMacro] = new("ATTACHMENT_MACRO_AUTORUN", 4.0, "A document has macros that start by themselves and reach for programs or the network."),
        [DangerKind.EmbeddedObject] = new("ATTACHMENT_ACTIVE_OBJECT", 2.5, "A document carries a program or another file, or loads something from elsewhere when it opens."),
        [DangerKind.Encrypted] = new("ATTACHMENT_ENCRYPTED", 0.8, "An attachment is encrypted, so that nobody on the way can look into it."),
        [DangerKind.PasswordInMessage] = new("ATTACHMENT_PASSWORD_IN_MESSAGE", 2.5, "An archive is encrypted and its password stands in the message, which keeps scanners out and readers in."),
        [DangerKind.HtmlSmuggling] = new("ATTACHMENT_HTML_SMUGGLING", 4.5, "An attached page puts a file or another page together on the reader's computer."),
        [DangerKind.ScriptInImage] = new("ATTACHMENT_SCRIPT_IN_IMAGE", 4.0, "An attached image runs script when it is opened."),
        [DangerKind.ActivePdf] = new("ATTACHMENT_ACTIVE_PDF", 2.0, "A PDF runs script or starts a program when it is opened."),
        [DangerKind.DisguisedName] = new("ATTACHMENT_NAME_BACKWARDS", 4.5, "An attachment's name is written backwards in part, so that it reads as another kind of file."),
        [DangerKind.Bomb] = new("ATTACHMENT_BOMB", 3.5, "An attachment unpacks to far more than is looked at."),
        [DangerKind.Listed] = new("ATTACHMENT_LISTED", 20, "A file is on this server's own list of unwanted files."),
    };

    public override string Name => "attachment-content";

    public override IReadOnlyList<Symbol> Symbols => [.. Symbolic.Values];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        var found = message.InspectAttachments(options.Attachments).Dangers;
        if (found.Count == 0) return [];
        var findings = new List<Finding>();
        foreach (var danger in found.Select(one => one.Danger).OrderBy(danger => danger.IsPlain).DistinctBy(danger => danger.Kind))
        {
            var action = options.Attachments.Of(danger.Kind);
            // What its name says plainly, the judge of names has weighed.
            if (action == AttachmentAction.Allow || (action == AttachmentAction.Score && danger.IsPlain)) continue;
            var symbol = Symbolic[danger.Kind];
            var finding = symbol.Found(
                $"{danger.Path}: {danger.Detail}.",
                // What is taken out cannot harm, so it should not weigh as if it were there.
                action == AttachmentAction.Strip ? 0 : null,
                action == AttachmentAction.Reject ? Disposition.Reject : null);
            findings.Add(finding with { Quarantines = action == AttachmentAction.Quarantine });
        }
        return findings;
    }
}
