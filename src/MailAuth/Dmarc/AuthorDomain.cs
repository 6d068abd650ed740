using System.Text;
using Sternpost.Dns;
using Sternpost.MailAuth.Canonical;

namespace Sternpost.MailAuth.Dmarc;

/// <summary>Why a message has no author domain.</summary>
public enum AuthorProblem
{
    /// <summary>It has exactly one.</summary>
    None,
    /// <summary>No From field, or one without an address.</summary>
    Missing,
    /// <summary>Addresses of more than one domain, in one From field or several: readers will show one of them, and we cannot know which.</summary>
    Several,
    /// <summary>An address whose domain is no domain.</summary>
    Malformed,
}

/// <summary>
/// The domain a reader takes a message to come from (RFC 9989 §5.3.1). Reads the From field as the most trusting reader would:
/// whatever could be taken for an author's address counts, so that a field no grammar allows never hides a second author.
/// </summary>
internal static class AuthorDomain
{
    private const int MaxLength = 64 * 1024;
    private const int MaxAddresses = 200;

    /// <summary>The one domain of all From fields, or why there is none.</summary>
    public static AuthorProblem Find(RawHeader header, out DomainName? domain)
    {
        domain = null;
        var found = new Found();
        foreach (var field in header.Fields)
        {
            if (header.Is(field, "From"u8)) Read(header.Value(field), found);
        }
        if (header.Truncated) found.IsMalformed = true;
        if (found.Domains.Count > 1) return AuthorProblem.Several;
        if (found.IsMalformed) return AuthorProblem.Malformed;
        if (found.Domains.Count == 0) return AuthorProblem.Missing;
        domain = found.Domains[0];
        return AuthorProblem.None;
    }

    private static void Read(ReadOnlySpan<byte> value, Found found)
    {
        if (value.Length > MaxLength)
        {
            found.IsMalformed = true;
            return;
        }
        // RFC 6532 §3.2: UTF-8; what is not becomes U+FFFD, which is in no domain.
        var text = Encoding.UTF8.GetString(value);
        var words = new StringBuilder();
        var hasAngle = false;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    i = EndOfQuoted(text, i);
                    // Stands for a quoted word: it may be a local-part, and what is in it is not an address.
                    words.Append('q');
                    break;
                case '(':
                    i = EndOfComment(text, i);
                    words.Append(' ');
                    break;
                case '<':
                    var end = EndOfAngle(text, i);
                    found.AddAngle(text.AsSpan(i + 1, end - i - 1));
                    hasAngle = true;
                    words.Append(' ');
                    i = end;
                    break;
                case ',' or ';':
                    if (!hasAngle) found.AddBare(words.ToString());
                    words.Clear();
                    hasAngle = false;
                    break;
                case ':':
                    // RFC 6854: a group's name ends here.
                    words.Clear();
                    break;
                default:
                    words.Append(text[i] is '\t' or '\r' or '\n' ? ' ' : text[i]);
                    break;
            }
        }
        if (!hasAngle) found.AddBare(words.ToString());
    }

    // These three give the index of the closing character, or the text's length.
    private static int EndOfQuoted(string text, int start)
    {
        for (var i = start + 1; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '"') return i;
        }
        return text.Length;
    }

    private static int EndOfComment(string text, int start)
    {
        var depth = 0;
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '(') depth++;
            else if (text[i] == ')' && --depth == 0) return i;
        }
        return text.Length;
    }

    private static int EndOfAngle(string text, int start)
    {
        for (var i = start + 1; i < text.Length; i++)
        {
            if (text[i] == '"') i = EndOfQuoted(text, i);
            else if (text[i] == '>') return i;
        }
        return text.Length;
    }

    private sealed class Found
    {
        private int addresses;

        public List<DomainName> Domains { get; } = new(1);

        public bool IsMalformed { get; set; }

        public void AddAngle(ReadOnlySpan<char> address)
        {
            var text = address.Trim().TrimEnd('>');
            if (text.IsEmpty) return;
            // RFC 5322 §4.4 obs-route: <@a,@b:user@domain>.
            if (text[0] == '@' && text.IndexOf(':') is > 0 and var colon) text = text[(colon + 1)..];
            if (text.Contains('@')) Add(WithoutComments(text));
            else IsMalformed = true;
        }

        // Without angle brackets each word with an at sign could be the address.
        public void AddBare(string words)
        {
            if (!words.Contains('@', StringComparison.Ordinal)) return;
            foreach (var word in Tight(words).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (word.Contains('@', StringComparison.Ordinal)) Add(word);
            }
        }

        private void Add(string address)
        {
            if (++addresses > MaxAddresses)
            {
                IsMalformed = true;
                return;
            }
            var text = address[(address.LastIndexOf('@') + 1)..].Trim();
            if (!DomainName.TryParse(text, out var domain)) IsMalformed = true;
            else if (!Domains.Contains(domain)) Domains.Add(domain);
        }

        private static string WithoutComments(ReadOnlySpan<char> text)
        {
            if (text.IndexOf('(') < 0) return Tight(text.ToString());
            var kept = new StringBuilder();
            var whole = text.ToString();
            for (var i = 0; i < whole.Length; i++)
            {
                if (whole[i] == '"')
                {
                    i = EndOfQuoted(whole, i);
                    kept.Append('q');
                }
                else if (whole[i] == '(') i = EndOfComment(whole, i);
                else kept.Append(whole[i]);
            }
            return Tight(kept.ToString());
        }

        // RFC 5322 §4.4: obsolete syntax allows white space around the at sign and the dots.
        private static string Tight(string text)
        {
            var tight = new StringBuilder(text.Length);
            foreach (var c in text)
            {
                if (c is ' ' or '\t' or '\r' or '\n')
                {
                    if (tight.Length > 0 && tight[^1] is not (' ' or '@' or '.')) tight.Append(' ');
                    continue;
                }
                if (c is '@' or '.' && tight.Length > 0 && tight[^1] == ' ') tight.Length--;
                tight.Append(c);
            }
            return tight.ToString();
        }
    }
}
