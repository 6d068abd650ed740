using System.Numerics;
using Sternpost.Filter.Views;

namespace Sternpost.Filter.Classifier;

/// <summary>How the message is built: fields present, MIME shape, mailer, counts in powers of two, relations between its domains.</summary>
internal static class StructureFeatures
{
    private const int MaxHeaderNames = 60;

    internal static void Add(MessageUnderJudgement message, FeatureSet set)
    {
        AddHeader(message.Header, set);
        AddRelations(message, set);
        AddMime(message.Mime, set);
        AddCounts(message.Text, set);
        if (message.Subject.Length > 0) AddSubjectShape(message.Subject, set);
    }

    private static void AddHeader(HeaderFields header, FeatureSet set)
    {
        for (var i = 0; i < header.Fields.Count && i < MaxHeaderNames; i++)
        {
            var name = header.Name(header.Fields[i]);
            if (!HeadOfMessage.IsRoute(name)) set.Add(WordHash.Of(FeatureField.HeaderName, name));
        }
        AddWords(header, "X-Mailer"u8, FeatureField.Mailer, set);
        AddWords(header, "User-Agent"u8, FeatureField.Mailer, set);
        AddWords(header, "Precedence"u8, FeatureField.ListField, set);
        AddWords(header, "List-Unsubscribe"u8, FeatureField.ListField, set);
        if (header.MalformedLines > 0) set.Add(WordHash.Of(FeatureField.Shape, "malformed-header"));
    }

    private static void AddWords(HeaderFields header, ReadOnlySpan<byte> name, uint field, FeatureSet set)
    {
        var text = header.Text(name);
        var budget = 8;
        for (var position = 0; budget-- > 0 && Words.Next(text, ref position, out var word);) set.Add(WordHash.Of(field, word));
    }

    private static void AddRelations(MessageUnderJudgement message, FeatureSet set)
    {
        var reply = Originator.Of(message.Header, "Reply-To"u8);
        if (reply.Domain.Length > 0)
        {
            set.Add(WordHash.Of(FeatureField.ReplyToDomain, reply.Domain));
            set.Add(WordHash.Of(FeatureField.Shape, reply.Domain == message.From.Domain ? "reply-to-same" : "reply-to-other"));
        }
        if (message.Header.TryGet("Message-ID"u8, out var id))
        {
            var at = id.LastIndexOf((byte)'@');
            var domain = at < 0 ? default : id[(at + 1)..].TrimEnd("> \r\n\t"u8);
            set.Add(WordHash.Of(FeatureField.MessageIdShape, domain));
            var same = System.Text.Ascii.EqualsIgnoreCase(domain, message.From.Domain);
            set.Add(WordHash.Of(FeatureField.Shape, same ? "message-id-same" : "message-id-other"));
            AddIdShape(at < 0 ? id : id[..at], set);
        }
        if (message.Header.TryGet("To"u8, out var to))
        {
            set.Add(WordHash.Of(FeatureField.Shape, to.IndexOf((byte)'@') < 0 ? "to-nobody" : to.IndexOf((byte)',') >= 0 ? "to-many" : "to-one"));
        }
    }

    // Mailing programs betray themselves by the pattern of their ids: classes of characters, runs made one.
    private static void AddIdShape(ReadOnlySpan<byte> id, FeatureSet set)
    {
        Span<byte> shape = stackalloc byte[48];
        var length = 0;
        foreach (var c in id)
        {
            var kind = char.IsAsciiDigit((char)c) ? (byte)'9' : char.IsAsciiLetterUpper((char)c) ? (byte)'A' : char.IsAsciiLetterLower((char)c) ? (byte)'a' : c;
            if (length > 0 && shape[length - 1] == kind) continue;
            if (length == shape.Length) break;
            shape[length++] = kind;
        }
        set.Add(WordHash.Of(FeatureField.MessageIdShape, shape[..length]));
    }

    private static void AddMime(MimeTree mime, FeatureSet set)
    {
        set.Add(WordHash.Of(FeatureField.ContentType, mime.Shape));
        for (var i = 0; i < mime.Parts.Count && i < 16; i++)
        {
            var part = mime.Parts[i];
            set.Add(WordHash.Of(FeatureField.ContentType, part.ContentType) + (uint)part.Encoding);
            if (part.Charset is { } charset) set.Add(WordHash.Of(FeatureField.Charset, charset));
            if (part.FileName is { } file) set.Add(WordHash.Of(FeatureField.FileName, file.AsSpan()[Math.Max(0, file.LastIndexOf('.'))..]));
        }
        if (mime.Broken) set.Add(WordHash.Of(FeatureField.Shape, "broken-mime"));
    }

    private static void AddCounts(MessageText text, FeatureSet set)
    {
        set.Add(Bucket("length", text.Visible.Length));
        set.Add(Bucket("links", text.Links.Count));
        set.Add(Bucket("invisible", text.InvisibleCharacters));
        set.Add(Bucket("hidden", text.Hidden.Length));
        set.Add(WordHash.Of(FeatureField.Shape, text.HasHtml ? text.HasPlain ? "both" : "html" : "plain"));
        var images = 0;
        for (var i = 0; i < text.Links.Count; i++)
        {
            if (text.Links[i].IsImage) images++;
        }
        set.Add(Bucket("images", images));
    }

    private static void AddSubjectShape(string subject, FeatureSet set)
    {
        if (subject.StartsWith("Re:", StringComparison.OrdinalIgnoreCase)) set.Add(WordHash.Of(FeatureField.Shape, "reply"));
        if (subject.StartsWith("Fwd:", StringComparison.OrdinalIgnoreCase)) set.Add(WordHash.Of(FeatureField.Shape, "forward"));
        if (subject.Length > 8 && !subject.AsSpan().ContainsAnyInRange('a', 'z')) set.Add(WordHash.Of(FeatureField.Shape, "shouting"));
        if (subject.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0) set.Add(WordHash.Of(FeatureField.Shape, "subject-not-ascii"));
    }

    private static uint Bucket(string name, int count) =>
        WordHash.Of(FeatureField.Shape, name) + (uint)BitOperations.Log2((uint)count + 1) + 1;
}
