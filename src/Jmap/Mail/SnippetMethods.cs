using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Content;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes;
using Sternpost.Messages.Content;

namespace Sternpost.Jmap.Mail;

/// <summary>SearchSnippet/get (RFC 8621 §5): where the words that were looked for stand, marked, as HTML.</summary>
internal sealed class SnippetMethods(MailStore mail, JmapOptions options)
{
    // RFC 8621 §5: at most 255 octets.
    private const int PreviewOctets = 255;
    private const int Around = 60;
    private const int MostText = 1 << 20;

    internal void AddTo(MethodTable table) => table.Add(Capability.Mail, "SearchSnippet/get", GetAsync);

    private async ValueTask<JsonObject> GetAsync(MethodCall call)
    {
        call.CheckAccount();
        var filter = EmailFilter.Read(call);
        var ids = GetMethod.Ids(call, options, "emailIds") ?? throw MethodError.InvalidArguments("The argument emailIds is missing");
        call.Arguments.End();
        var inSubject = filter.AllTerms(name => name is "text" or "subject").ToList();
        var inBody = filter.AllTerms(name => name is "text" or "body").ToList();
        var found = await mail.Objects.ReadAsync(
            call.AccountId,
            reader => ids.Select(text => (Text: text, Stored: ObjectId.TryRead(ObjectId.Email, text, out var id) && reader.View.Find(id) is not null ? reader.Stored(id) : null)).ToList(),
            call.Cancellation).ConfigureAwait(false);
        var (list, notFound) = (new JsonArray(), new JsonArray());
        foreach (var (text, stored) in found)
        {
            if (stored is null)
            {
                notFound.Add(text);
                continue;
            }
            var subject = EncodedWords.Decode(stored.Structure.Envelope.Subject);
            list.Add(new JsonObject
            {
                ["emailId"] = text,
                ["subject"] = Marked(subject, inSubject, PreviewOctets),
                ["preview"] = inBody.Count == 0 ? null : await PreviewAsync(stored, inBody, call.Cancellation).ConfigureAwait(false),
            });
        }
        var answer = call.Answer();
        answer["list"] = list;
        answer["notFound"] = notFound.Count == 0 ? null : notFound;
        return answer;
    }

    private async ValueTask<string?> PreviewAsync(StoredEmail stored, List<string> terms, CancellationToken cancellation)
    {
        if (await mail.ContentAsync(stored.Id, cancellation).ConfigureAwait(false) is not { } content) return null;
        var document = new EmailDocument(content, stored.Structure, stored.PrefixLength);
        foreach (var part in document.Lists.Text.Concat(document.Lists.Html).Concat(document.Lists.Attachments).Where(part => part.Structure.Type == "text").Distinct())
        {
            var (text, _) = BodyText.Of(document, part);
            if (text.Length > MostText) text = text[..MostText];
            if (part.MediaType == "text/html") text = HtmlText.Of(text);
            var first = terms.Select(term => Words.Find(text, term, 0)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
            if (first < 0) continue;
            var start = Math.Max(0, first - Around);
            // Not in the middle of a word or a character.
            while (start > 0 && start < first && !char.IsWhiteSpace(text[start - 1])) start++;
            var piece = BodyText.OneLine(text[start..Math.Min(text.Length, start + (2 * PreviewOctets))], PreviewOctets);
            if (Marked(piece, terms, PreviewOctets) is { } marked) return marked;
        }
        return null;
    }

    /// <summary>The text as HTML with what matches within mark elements; null where nothing does.</summary>
    internal static string? Marked(string text, IReadOnlyList<string> terms, int most)
    {
        var html = new StringBuilder();
        var isMarked = false;
        var octets = 0;
        for (var at = 0; at < text.Length;)
        {
            var (next, length) = Next(text, terms, at);
            var plain = text[at..(next < 0 ? text.Length : next)];
            if (!Append(WebUtility.HtmlEncode(plain))) break;
            if (next < 0) break;
            if (!Append("<mark>" + WebUtility.HtmlEncode(text.Substring(next, length)) + "</mark>")) break;
            isMarked = true;
            at = next + length;
        }
        return isMarked ? html.ToString() : null;

        bool Append(string piece)
        {
            var size = Encoding.UTF8.GetByteCount(piece);
            if (octets + size > most)
            {
                // What is plain may be cut at a character; a mark or an entity may not.
                if (!piece.Contains('<', StringComparison.Ordinal) && !piece.Contains('&', StringComparison.Ordinal))
                {
                    foreach (var rune in piece.EnumerateRunes())
                    {
                        if ((octets += rune.Utf8SequenceLength) > most) break;
                        html.Append(rune);
                    }
                }
                return false;
            }
            octets += size;
            html.Append(piece);
            return true;
        }
    }

    private static (int At, int Length) Next(string text, IReadOnlyList<string> terms, int from)
    {
        var (at, length) = (-1, 0);
        foreach (var term in terms)
        {
            var found = Words.Find(text, term, from);
            if (found >= 0 && (at < 0 || found < at)) (at, length) = (found, term.Length);
        }
        return (at, length);
    }

    /// <summary>Where a term stands, at the beginning of a word rather than anywhere.</summary>
    private static class Words
    {
        internal static int Find(string text, string term, int from)
        {
            var any = -1;
            for (var at = text.IndexOf(term, from, StringComparison.OrdinalIgnoreCase); at >= 0; at = at + 1 < text.Length ? text.IndexOf(term, at + 1, StringComparison.OrdinalIgnoreCase) : -1)
            {
                if (at == 0 || !char.IsLetterOrDigit(text[at - 1]) || text[at] > '\u2e80') return at;
                if (any < 0) any = at;
            }
            return any;
        }
    }
}
