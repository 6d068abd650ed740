using System.Text;

namespace Sternpost.Sendmail;

/// <summary>
/// The addresses in the text of To, Cc, Bcc and From (RFC 5322 §3.4), read leniently as every sendmail does: programs write <c>root</c>,
/// <c>a@b (Name)</c>, groups, and lists without an end. Names are dropped; what is quoted stays quoted.
/// </summary>
internal static class AddressText
{
    private const int Most = 10_000;

    /// <summary>The addresses, in order, each as <c>local@domain</c> or, where it was written so, without a domain.</summary>
    internal static List<string> Read(string text)
    {
        var found = new List<string>();
        var bare = new StringBuilder();
        string? angle = null;
        for (var i = 0; i < text.Length && found.Count < Most;)
        {
            switch (text[i])
            {
                case ',' or ';':
                    Take(found, bare, ref angle);
                    i++;
                    break;
                case ':':
                    // The name of a group ends; outside angle brackets a colon stands nowhere else.
                    bare.Clear();
                    i++;
                    break;
                case '(':
                    i = EndOfComment(text, i);
                    break;
                case '"':
                    i = Quoted(text, i, bare);
                    break;
                case '<':
                    i = Angle(text, i + 1, out angle);
                    break;
                case '[':
                    var close = text.IndexOf(']', i);
                    close = close < 0 ? text.Length - 1 : close;
                    bare.Append(text, i, close + 1 - i);
                    i = close + 1;
                    break;
                default:
                    bare.Append(text[i] is '\r' or '\n' or '\t' ? ' ' : text[i]);
                    i++;
                    break;
            }
        }
        Take(found, bare, ref angle);
        return found;
    }

    private static void Take(List<string> found, StringBuilder bare, ref string? angle)
    {
        var words = bare.ToString().Trim();
        bare.Clear();
        if (angle is not null)
        {
            if (angle.Length > 0) found.Add(angle);
            angle = null;
            return;
        }
        if (words.Length == 0) return;
        // "a@b c@d" without a comma: each word with an at sign is one; without any it is one name, of which a user's has no spaces.
        var parts = Parts(words);
        var addresses = parts.Where(word => word.Contains('@', StringComparison.Ordinal)).ToList();
        found.AddRange(addresses.Count > 0 ? addresses : parts.TakeLast(1));
    }

    private static List<string> Parts(string words)
    {
        var (parts, start, quoted) = (new List<string>(), 0, false);
        for (var i = 0; i <= words.Length; i++)
        {
            if (i < words.Length && words[i] == '"') quoted = !quoted;
            if (i < words.Length && (quoted || words[i] != ' ')) continue;
            if (i > start) parts.Add(words[start..i]);
            start = i + 1;
        }
        return parts;
    }

    private static int Angle(string text, int start, out string address)
    {
        var quoted = false;
        var end = start;
        for (; end < text.Length && (quoted || text[end] != '>'); end++)
        {
            if (text[end] == '"') quoted = !quoted;
            else if (text[end] == '\\') end++;
        }
        end = Math.Min(end, text.Length);
        address = string.Concat(text[start..end].Where(c => c is not ('\r' or '\n'))).Trim();
        // RFC 5322 §4.4: a source route is read and left out.
        if (address.StartsWith('@') && address.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon) address = address[(colon + 1)..];
        return Math.Min(end + 1, text.Length);
    }

    private static int Quoted(string text, int start, StringBuilder into)
    {
        var end = start + 1;
        while (end < text.Length && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
        end = Math.Min(end + 1, text.Length);
        // Only a local-part keeps its quotes; a name in front of angle brackets is dropped with the rest.
        into.Append(text, start, end - start);
        return end;
    }

    private static int EndOfComment(string text, int start)
    {
        var depth = 0;
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '(') depth++;
            else if (text[i] == ')' && --depth == 0) return i + 1;
        }
        return text.Length;
    }
}
