using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Judges.Attachments;

/// <summary>Attachments that run when opened, by the name the reader's system goes by.</summary>
internal sealed class AttachmentNameJudge : LocalJudge
{
    private static readonly Symbol DoubleExtension = new("ATTACHMENT_DISGUISED", 5.0, "An attachment is a program that its name disguises as a document.");
    private static readonly Symbol Executable = new("ATTACHMENT_EXECUTABLE", 3.5, "An attachment is a program that runs when opened.");
    private static readonly Symbol DiskImage = new("ATTACHMENT_DISK_IMAGE", 2.5, "An attachment is a disk image, which hides programs from the system's warnings.");

    private static readonly HashSet<string> Programs = new(StringComparer.OrdinalIgnoreCase)
    {
        "exe", "scr", "pif", "com", "bat", "cmd", "js", "jse", "vbs", "vbe", "wsf", "wsh", "hta", "lnk", "msi", "jar", "ps1", "cpl", "reg", "chm", "url", "appx", "msc", "xll",
    };

    private static readonly HashSet<string> Images = new(StringComparer.OrdinalIgnoreCase) { "iso", "img", "vhd", "vhdx", "udf", "daa" };

    private static readonly HashSet<string> Documents = new(StringComparer.OrdinalIgnoreCase)
    {
        "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "rtf", "jpg", "jpeg", "png", "gif", "htm", "html", "zip", "csv", "mp3", "mp4",
    };

    public override string Name => "attachment-names";

    public override IReadOnlyList<Symbol> Symbols => [DoubleExtension, Executable, DiskImage];

    protected override IReadOnlyList<Finding> Judge(MessageUnderJudgement message)
    {
        foreach (var part in message.Mime.Parts)
        {
            if (part.FileName is not { Length: > 2 } name) continue;
            // Windows ignores dots and spaces at the end of a name.
            var labels = name.TrimEnd('.', ' ').Split('.');
            if (labels.Length < 2) continue;
            var extension = labels[^1].Trim();
            if (Images.Contains(extension)) return [DiskImage.Found()];
            if (!Programs.Contains(extension)) continue;
            return [labels.Length > 2 && Documents.Contains(labels[^2].Trim()) ? DoubleExtension.Found() : Executable.Found()];
        }
        return [];
    }
}
