using System.Text;
using Sternpost.Mailboxes;

namespace Sternpost.Migration;

/// <summary>Names of folders as other programs choose them.</summary>
internal static class FolderNames
{
    private const int MaxLevels = 32, MaxLevel = 120;

    // What mail programs and servers call them, English and the languages of their larger communities.
    private static readonly Dictionary<string, SpecialUse> Uses = new(StringComparer.OrdinalIgnoreCase)
    {
        ["INBOX"] = SpecialUse.Inbox,
        ["Sent"] = SpecialUse.Sent,
        ["Sent Items"] = SpecialUse.Sent,
        ["Sent Messages"] = SpecialUse.Sent,
        ["Sent Mail"] = SpecialUse.Sent,
        ["sent-mail"] = SpecialUse.Sent,
        ["Gesendet"] = SpecialUse.Sent,
        ["Gesendete Elemente"] = SpecialUse.Sent,
        ["Envoyés"] = SpecialUse.Sent,
        ["Éléments envoyés"] = SpecialUse.Sent,
        ["Enviados"] = SpecialUse.Sent,
        ["Elementos enviados"] = SpecialUse.Sent,
        ["Posta inviata"] = SpecialUse.Sent,
        ["Inviati"] = SpecialUse.Sent,
        ["Verzonden items"] = SpecialUse.Sent,
        ["Wysłane"] = SpecialUse.Sent,
        ["Отправленные"] = SpecialUse.Sent,
        ["已发送邮件"] = SpecialUse.Sent,
        ["已发送"] = SpecialUse.Sent,
        ["Drafts"] = SpecialUse.Drafts,
        ["Draft"] = SpecialUse.Drafts,
        ["Entwürfe"] = SpecialUse.Drafts,
        ["Brouillons"] = SpecialUse.Drafts,
        ["Borradores"] = SpecialUse.Drafts,
        ["Bozze"] = SpecialUse.Drafts,
        ["Rascunhos"] = SpecialUse.Drafts,
        ["Concepten"] = SpecialUse.Drafts,
        ["Черновики"] = SpecialUse.Drafts,
        ["草稿"] = SpecialUse.Drafts,
        ["Junk"] = SpecialUse.Junk,
        ["Spam"] = SpecialUse.Junk,
        ["Junk E-mail"] = SpecialUse.Junk,
        ["Junk Email"] = SpecialUse.Junk,
        ["Bulk Mail"] = SpecialUse.Junk,
        ["Junk-E-Mail"] = SpecialUse.Junk,
        ["Courrier indésirable"] = SpecialUse.Junk,
        ["Correo no deseado"] = SpecialUse.Junk,
        ["Posta indesiderata"] = SpecialUse.Junk,
        ["Спам"] = SpecialUse.Junk,
        ["垃圾邮件"] = SpecialUse.Junk,
        ["Trash"] = SpecialUse.Trash,
        ["Deleted"] = SpecialUse.Trash,
        ["Deleted Items"] = SpecialUse.Trash,
        ["Deleted Messages"] = SpecialUse.Trash,
        ["Papierkorb"] = SpecialUse.Trash,
        ["Gelöschte Elemente"] = SpecialUse.Trash,
        ["Corbeille"] = SpecialUse.Trash,
        ["Papelera"] = SpecialUse.Trash,
        ["Cestino"] = SpecialUse.Trash,
        ["Lixeira"] = SpecialUse.Trash,
        ["Prullenbak"] = SpecialUse.Trash,
        ["Корзина"] = SpecialUse.Trash,
        ["已删除邮件"] = SpecialUse.Trash,
        ["Archive"] = SpecialUse.Archive,
        ["Archives"] = SpecialUse.Archive,
        ["Archiv"] = SpecialUse.Archive,
        ["Archivo"] = SpecialUse.Archive,
        ["Archivio"] = SpecialUse.Archive,
        ["All Mail"] = SpecialUse.Archive,
    };

    /// <summary>What a folder of this name is for; only at the top, and below INBOX or the folder Gmail keeps its own in.</summary>
    internal static SpecialUse UseOf(string path)
    {
        var name = path;
        foreach (var root in (ReadOnlySpan<string>)["INBOX/", "[Gmail]/", "[Google Mail]/"])
        {
            if (path.StartsWith(root, StringComparison.OrdinalIgnoreCase)) name = path[root.Length..];
        }
        return Uses.GetValueOrDefault(name, SpecialUse.None);
    }

    /// <summary>The name as a mailbox here may be called: what no name may hold becomes an underscore, what is too long or too deep is cut.</summary>
    internal static string Clean(string path)
    {
        var levels = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Take(MaxLevels).Select(Level).ToArray();
        return levels.Length == 0 ? "Imported" : string.Join('/', levels);
    }

    private static string Level(string text)
    {
        var level = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (level.Length >= MaxLevel) break;
            level.Append(Rune.IsControl(rune) || rune.Value is '%' or '*' or 0x2028 or 0x2029 or 0xFEFF or 0xFFFD || (rune.Value & 0xFFFE) == 0xFFFE ? "_" : rune.ToString());
        }
        return level.ToString();
    }
}
