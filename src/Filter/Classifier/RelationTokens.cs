using Sternpost.Filter.Judges.Phishing;
using Sternpost.Filter.Views;
using Sternpost.Messages.Addresses;

namespace Sternpost.Filter.Classifier;

/// <summary>
/// How the names in a message relate: sender, signer, return path, reply address, links, recipient. Honest mail of a company agrees
/// with itself; these tokens hold for companies no model ever saw.
/// </summary>
internal static class RelationTokens
{
    private const int MaxHosts = 8;

    internal static void Add(MessageUnderJudgement message, FeatureSet set)
    {
        var from = RelatedDomains.Registered(message.From.Domain);
        var signer = SignerRelation(message.Header, from);
        set.Add(Token(signer));
        set.Add(WordHash.Of(FeatureField.FromTopLevel, TopLevel(from)));
        AddLinks(message.Text, from, signer, set);
        AddReturnPath(message.Envelope.ReversePath, from, set);
        AddReplyTo(message.Header, message.From.Domain, set);
        AddRecipient(message, set);
        AddName(message.From, set);
        NameAndDomain.Add(message.From.Name, message.From.Address, from, set);
        ClientTokens.Add(message, from, set);
    }

    // Whether somebody signed in the sender's name; not whether the signature holds, which needs DNS and a judge of its own.
    private static string SignerRelation(HeaderFields header, ReadOnlySpan<char> from)
    {
        var relation = "signer:none";
        Span<char> domain = stackalloc char[255];
        foreach (var field in header.Fields)
        {
            if (field.NameLength != 14 || !System.Text.Ascii.EqualsIgnoreCase(header.Name(field), "DKIM-Signature"u8)) continue;
            var length = SigningDomain(header.Value(field), domain);
            if (length == 0) continue;
            if (RelatedDomains.Registered(domain[..length]).Equals(from, StringComparison.OrdinalIgnoreCase)) return "signer:same";
            relation = "signer:other";
        }
        return relation;
    }

    // The d= tag (RFC 6376 §3.5), as text.
    private static int SigningDomain(ReadOnlySpan<byte> value, Span<char> domain)
    {
        for (var i = value.IndexOf("d="u8); i >= 0;)
        {
            if (i == 0 || value[i - 1] is (byte)' ' or (byte)';' or (byte)'\t' or (byte)'\n')
            {
                var rest = value[(i + 2)..];
                var end = rest.IndexOfAny("; \t\r\n"u8);
                if (end >= 0) rest = rest[..end];
                return rest.Length <= domain.Length ? System.Text.Encoding.Latin1.GetChars(rest, domain) : 0;
            }
            var next = value[(i + 2)..].IndexOf("d="u8);
            i = next < 0 ? -1 : i + 2 + next;
        }
        return 0;
    }

    private static void AddLinks(MessageText text, ReadOnlySpan<char> from, string signer, FeatureSet set)
    {
        int own = 0, foreign = 0;
        Span<uint> hosts = stackalloc uint[MaxHosts];
        var distinct = 0;
        for (var i = 0; i < text.Links.Count; i++)
        {
            var link = text.Links[i];
            var host = link.Host;
            if (link.IsImage || host.IsEmpty) continue;
            var name = RelatedDomains.Registered(host);
            if (own + foreign == 0) set.Add(WordHash.Of(FeatureField.LinkTopLevel, TopLevel(name)));
            if (name.Equals(from, StringComparison.OrdinalIgnoreCase)) own++;
            else foreign++;
            var hash = WordHash.Of(FeatureField.LinkHost, name);
            if (distinct < MaxHosts && !hosts[..distinct].Contains(hash)) hosts[distinct++] = hash;
        }
        var relation = own + foreign == 0 ? "links:none" : own == 0 ? "links:foreign" : foreign == 0 ? "links:own" : own >= foreign ? "links:mostly-own" : "links:some-own";
        set.Add(Token(relation));
        set.Add(WordHash.Pair(Token(signer), Token(relation)));
        set.Add(Token("hosts") + (uint)distinct);
    }

    private static void AddReturnPath(EmailAddress? path, ReadOnlySpan<char> from, FeatureSet set) =>
        set.Add(Token(path is null ? "return:null" : RelatedDomains.Registered(path.Domain.Ascii).Equals(from, StringComparison.OrdinalIgnoreCase) ? "return:same" : "return:other"));

    private static void AddReplyTo(HeaderFields header, string fromDomain, FeatureSet set)
    {
        var reply = Originator.Of(header, "Reply-To"u8);
        if (reply.Domain.Length == 0) return;
        set.Add(WordHash.Of(FeatureField.ReplyToDomain, reply.Domain));
        set.Add(Token(reply.Domain == fromDomain ? "reply-to-same" : "reply-to-other"));
    }

    private static void AddRecipient(MessageUnderJudgement message, FeatureSet set)
    {
        if (!message.Header.TryGet("To"u8, out var value))
        {
            set.Add(Token("to-missing"));
            return;
        }
        var to = HeaderText.Raw(value);
        set.Add(Token(!to.Contains('@', StringComparison.Ordinal) ? "to-nobody" : to.Contains(',', StringComparison.Ordinal) ? "to-many" : "to-one"));
        var address = FirstAddress(to);
        if (address.IsEmpty) return;
        // Mass mailers that pretend to know the reader put the address where a person would put a name.
        if (message.Subject.AsSpan().Contains(address, StringComparison.OrdinalIgnoreCase)) set.Add(Token("recipient-in-subject"));
        if (message.Text.Visible.Contains(address, StringComparison.OrdinalIgnoreCase)) set.Add(Token("recipient-in-text"));
        if (message.From.Name.AsSpan().Contains(address[(address.IndexOf('@') + 1)..], StringComparison.OrdinalIgnoreCase)) set.Add(Token("recipient-in-name"));
        if (address.Equals(message.From.Address, StringComparison.OrdinalIgnoreCase)) set.Add(Token("from-is-to"));
    }

    private static ReadOnlySpan<char> FirstAddress(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0) return default;
        int start = at, end = at + 1;
        while (start > 0 && IsAddressCharacter(text[start - 1])) start--;
        while (end < text.Length && IsAddressCharacter(text[end])) end++;
        return start == at || end == at + 1 ? default : text.AsSpan(start, end - start);
    }

    private static bool IsAddressCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+';

    private static void AddName(Originator from, FeatureSet set)
    {
        var name = from.Name;
        if (name.Length == 0)
        {
            set.Add(Token("name:none"));
            return;
        }
        set.Add(Token(name.Contains('@', StringComparison.Ordinal) ? "name:address" : !System.Text.Ascii.IsValid(name) ? "name:not-ascii"
            : !name.AsSpan().ContainsAnyInRange('a', 'z') ? "name:shouting" : name.Contains(' ', StringComparison.Ordinal) ? "name:words" : "name:word"));
        set.Add(Token(SharesWord(name, from.Address) ? "name-in-address" : "name-not-in-address"));
        var digits = 0;
        foreach (var c in from.Address)
        {
            if (c == '@') break;
            if (char.IsAsciiDigit(c)) digits++;
        }
        set.Add(Token("digits-in-address") + (uint)Math.Min(digits, 4));
    }

    private static bool SharesWord(ReadOnlySpan<char> name, ReadOnlySpan<char> address)
    {
        for (var position = 0; Words.Next(name, ref position, out var word);)
        {
            if (word.Length > 2 && address.Contains(word, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    private static ReadOnlySpan<char> TopLevel(ReadOnlySpan<char> domain) => domain[(domain.LastIndexOf('.') + 1)..];

    private static uint Token(string name) => WordHash.Of(FeatureField.Relation, name);
}
