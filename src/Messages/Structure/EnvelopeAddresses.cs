using System.Text;

namespace Sternpost.Messages.Structure;

/// <summary>Reads an address list (RFC 5322 §3.4, obsolete forms too) as ENVELOPE needs it: what is malformed gives the nearest address, never none at all and never an exception.</summary>
internal ref struct EnvelopeAddresses
{
    private const int MaxAddresses = 10_000;

    private readonly string text;
    private readonly List<EnvelopeAddress> addresses = [];
    private readonly StringBuilder phrase = new();
    private readonly StringBuilder raw = new();
    private int position;
    private string? comment;
    private (string Mailbox, string Host)? angle;
    private bool inGroup;

    private EnvelopeAddresses(string text) => this.text = text;

    internal static IReadOnlyList<EnvelopeAddress> Parse(string text)
    {
        if (text.Length == 0) return [];
        var list = new EnvelopeAddresses(text);
        list.Read();
        return list.addresses;
    }

    private void Read()
    {
        while (position < text.Length && addresses.Count < MaxAddresses)
        {
            switch (text[position])
            {
                case ' ' or '\t':
                    position++;
                    Space();
                    break;
                case ',':
                    position++;
                    Flush();
                    break;
                case ';':
                    position++;
                    Flush();
                    EndGroup();
                    break;
                case ':' when angle is null && !inGroup && raw.Length > 0:
                    position++;
                    StartGroup();
                    break;
                case '(':
                    Comment();
                    break;
                case '"':
                    QuotedString();
                    break;
                case '<':
                    AngleAddress();
                    break;
                case '[':
                    Literal();
                    break;
                default:
                    // RFC 5322 §4.4 lets white space stand around the dots and the at sign of an address.
                    if (text[position] is '.' or '@' && raw.Length > 0 && raw[^1] == ' ') raw.Length--;
                    raw.Append(text[position]);
                    phrase.Append(text[position++]);
                    break;
            }
        }
        Flush();
        EndGroup();
    }

    private readonly void Space()
    {
        if (phrase.Length > 0 && phrase[^1] != ' ') phrase.Append(' ');
        if (raw.Length > 0 && raw[^1] is not (' ' or '.' or '@')) raw.Append(' ');
    }

    private void StartGroup()
    {
        addresses.Add(new EnvelopeAddress(null, phrase.ToString().Trim(), null));
        inGroup = true;
        Clear();
    }

    private void EndGroup()
    {
        if (inGroup) addresses.Add(new EnvelopeAddress(null, null, null));
        inGroup = false;
    }

    private void Comment()
    {
        var end = ParameterField.EndOfComment(text, position);
        var inner = text.AsSpan(position + 1, end - position - 1);
        if (inner.EndsWith(")", StringComparison.Ordinal)) inner = inner[..^1];
        comment = inner.Trim().ToString();
        position = end;
        Space();
    }

    private void QuotedString()
    {
        var start = position++;
        while (position < text.Length && text[position] != '"')
        {
            if (text[position] == '\\' && position + 1 < text.Length) position++;
            phrase.Append(text[position++]);
        }
        if (position < text.Length) position++;
        raw.Append(text, start, position - start);
    }

    private void Literal()
    {
        var close = text.IndexOf(']', position);
        var end = close < 0 ? text.Length : close + 1;
        raw.Append(text, position, end - position);
        phrase.Append(text, position, end - position);
        position = end;
    }

    private void AngleAddress()
    {
        var start = ++position;
        var quoted = false;
        for (; position < text.Length && (quoted || text[position] != '>'); position++)
        {
            if (text[position] == '"') quoted = !quoted;
            else if (text[position] == '\\') position++;
        }
        var inner = text.AsSpan(start, Math.Min(position, text.Length) - start);
        if (position < text.Length) position++;
        // RFC 5322 §4.4: a source route before the address is read and ignored.
        if (inner.StartsWith("@", StringComparison.Ordinal) && inner.IndexOf(':') is >= 0 and var colon) inner = inner[(colon + 1)..];
        angle ??= Split(WithoutComments(inner.ToString()));
    }

    private static string WithoutComments(string address)
    {
        if (address.AsSpan().IndexOfAny(" \t(") < 0) return address;
        var plain = new StringBuilder(address.Length);
        var quoted = false;
        for (var i = 0; i < address.Length; i++)
        {
            var c = address[i];
            if (c == '"') quoted = !quoted;
            if (!quoted && c == '(') i = ParameterField.EndOfComment(address, i) - 1;
            else if (quoted && c == '\\' && i + 1 < address.Length) plain.Append(c).Append(address[++i]);
            else if (quoted || c is not (' ' or '\t')) plain.Append(c);
        }
        return plain.ToString();
    }

    private void Flush()
    {
        var name = phrase.ToString().Trim();
        if (angle is { } address)
        {
            addresses.Add(new EnvelopeAddress(Present(name) ?? Present(comment), address.Mailbox, address.Host));
        }
        else if (raw.Length > 0)
        {
            Bare(raw.ToString().Trim(), name);
        }
        Clear();
    }

    // Without angle brackets: one address as a rule; but some programs forget the brackets, or the comma between two.
    private readonly void Bare(string words, string name)
    {
        if (words.IndexOf('@') < 0 || words.IndexOf(' ') < 0)
        {
            var (mailbox, host) = Split(words.IndexOf('@') < 0 ? name : words);
            addresses.Add(new EnvelopeAddress(Present(comment), mailbox, host));
            return;
        }
        var nameStart = 0;
        for (var start = 0; start < words.Length;)
        {
            var end = NextSpace(words, start);
            if (words.AsSpan(start, end - start).Contains('@'))
            {
                var (mailbox, host) = Split(words[start..end]);
                addresses.Add(new EnvelopeAddress(Present(words[nameStart..start].Trim(' ', '"')) ?? Present(comment), mailbox, host));
                nameStart = end;
            }
            start = end + 1;
        }
    }

    private static int NextSpace(string words, int from)
    {
        var quoted = false;
        for (var i = from; i < words.Length; i++)
        {
            if (words[i] == '"') quoted = !quoted;
            else if (words[i] == '\\' && quoted) i++;
            else if (words[i] == ' ' && !quoted) return i;
        }
        return words.Length;
    }

    private void Clear()
    {
        phrase.Clear();
        raw.Clear();
        comment = null;
        angle = null;
    }

    private static (string Mailbox, string Host) Split(string address)
    {
        var at = address.LastIndexOf('@');
        var local = (at < 0 ? address : address[..at]).Trim();
        if (local.Length >= 2 && local[0] == '"' && local[^1] == '"') local = Unquote(local);
        return (local, at < 0 ? "" : address[(at + 1)..].Trim());
    }

    private static string Unquote(string quoted)
    {
        var plain = new StringBuilder(quoted.Length);
        for (var i = 1; i < quoted.Length - 1; i++)
        {
            if (quoted[i] == '\\' && i + 1 < quoted.Length - 1) i++;
            plain.Append(quoted[i]);
        }
        return plain.ToString();
    }

    private static string? Present(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
