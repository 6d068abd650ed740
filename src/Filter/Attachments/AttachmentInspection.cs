using System.Text;
using Sternpost.Filter.Views;
using Sternpost.Malware;

namespace Sternpost.Filter.Attachments;

/// <summary>What was found in the attachments of one message, made once and shared by the judges.</summary>
internal sealed class AttachmentInspection
{
    private readonly List<(MimePart Part, Danger Danger)> dangers = [];

    /// <summary>Dangers with the attachment each lies in.</summary>
    internal IReadOnlyList<(MimePart Part, Danger Danger)> Dangers => dangers;

    /// <summary>Where documents link to.</summary>
    internal IReadOnlyList<Link> Links { get; private set; } = [];

    /// <summary>What documents say.</summary>
    internal string Text { get; private set; } = "";

    /// <summary>Pictures in documents.</summary>
    internal IReadOnlyList<DocumentPicture> Pictures { get; private set; } = [];

    internal static AttachmentInspection Of(MessageUnderJudgement message, AttachmentPolicy policy)
    {
        var result = new AttachmentInspection();
        Inspection? inspection = null;
        foreach (var part in message.Mime.Parts)
        {
            var isText = part.IsText && !part.IsAttachment && part.FileName is null;
            if (isText || part.Body.IsEmpty) continue;
            inspection ??= new Inspection(new InspectionBudget(), () => PossiblePasswords.Of(message), policy.Blocklist);
            var before = inspection.Dangers.Count;
            inspection.Look(part.Decode(inspection.Budget.MaxMember), part.FileName, isShown: part.IsText && !part.IsAttachment && part.ContentType == "text/plain");
            foreach (var danger in inspection.Dangers.Skip(before)) result.dangers.Add((part, danger));
        }
        if (inspection is null) return result;
        result.Links = [.. inspection.Links.Select(link => new Link(link, link))];
        result.Text = inspection.DocumentText;
        result.Pictures = inspection.Pictures;
        return result;
    }
}

/// <summary>Words of a message that may be the password of what it carries: what stands behind the word for it in a few languages, then whatever looks like one.</summary>
internal static class PossiblePasswords
{
    private const int MaxWords = 40;

    private static readonly string[] Keywords = ["password", "passcode", "passwort", "kennwort", "mot de passe", "contraseña", "senha", "пароль", "密码", "密碼", "パスワード", "hasło", "wachtwoord", "parola", "pin", "code", "pwd", "pw"];

    internal static IReadOnlyList<string> Of(MessageUnderJudgement message)
    {
        var found = new List<string>();
        var text = message.Subject + "\n" + message.Text.Visible.ToString();
        foreach (var keyword in Keywords)
        {
            for (var at = 0; at < text.Length && found.Count < MaxWords;)
            {
                var next = text.IndexOf(keyword, at, StringComparison.OrdinalIgnoreCase);
                if (next < 0) break;
                at = next + keyword.Length;
                foreach (var word in Words(text.AsSpan(at, Math.Min(80, text.Length - at))).Take(4)) Add(found, word);
            }
        }
        foreach (var word in Words(text))
        {
            if (found.Count >= MaxWords) break;
            if (word.Any(char.IsDigit)) Add(found, word);
        }
        // What people who study malware use among themselves, and those who send it know that.
        Add(found, "infected");
        return found;
    }

    private static void Add(List<string> found, string word)
    {
        if (word.Length is >= 3 and <= 40 && found.Count <= MaxWords && !found.Contains(word)) found.Add(word);
        // A sentence may end behind it.
        var bare = word.TrimEnd('.', ',', ';', '!', ')', '"', '\'');
        if (bare.Length != word.Length && bare.Length is >= 3 and <= 40 && found.Count <= MaxWords && !found.Contains(bare)) found.Add(bare);
    }

    private static List<string> Words(ReadOnlySpan<char> text)
    {
        const int maxText = 20_000;
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var c in text[..Math.Min(text.Length, maxText)])
        {
            if (char.IsWhiteSpace(c) || (word.Length == 0 && c is ':' or '=' or '(' or '"' or '\'' or '-' or '–'))
            {
                Take();
                continue;
            }
            word.Append(c);
        }
        Take();
        return words;

        void Take()
        {
            // Some write "password:1234" without a space.
            if (word.Length is >= 3 and <= 40) words.Add(word.ToString());
            word.Clear();
        }
    }
}
