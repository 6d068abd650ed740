using Sternpost.Filter.Views;

namespace Sternpost.Filter.Classifier;

/// <summary>What the header tells of the program that wrote it.</summary>
internal static class HeaderTokens
{
    private const int MaxNames = 40;

    internal static void Add(MessageUnderJudgement message, FeatureSet set)
    {
        var header = message.Header;
        for (var i = 0; i < header.Fields.Count && i < MaxNames; i++)
        {
            var name = header.Name(header.Fields[i]);
            if (!ReceiverFields.Contains(name)) set.Add(WordHash.Of(FeatureField.HeaderName, name));
        }
        AddWords(header, "X-Mailer"u8, FeatureField.Mailer, set);
        AddWords(header, "User-Agent"u8, FeatureField.Mailer, set);
        AddWords(header, "Precedence"u8, FeatureField.ListField, set);
        if (header.MalformedLines > 0) set.Add(WordHash.Of(FeatureField.Shape, "malformed-header"));
        if (header.TryGet("Message-ID"u8, out var id)) AddMessageId(id, message.From.Domain, set);
        AddSubject(message.Subject, set);
        set.Add(WordHash.Of(FeatureField.Shape, header.Has("In-Reply-To"u8) ? "thread:reply" : header.Has("References"u8) ? "thread:references" : "thread:none"));
        set.Add(WordHash.Of(FeatureField.Shape, !header.Has("List-Unsubscribe"u8) ? "unsubscribe:no" : header.Has("List-Unsubscribe-Post"u8) ? "unsubscribe:one-click" : "unsubscribe:yes"));
    }

    private static void AddWords(HeaderFields header, ReadOnlySpan<byte> name, uint field, FeatureSet set)
    {
        if (!header.Has(name)) return;
        var text = header.Text(name);
        var budget = 6;
        for (var position = 0; budget-- > 0 && Words.Next(text, ref position, out var word);) set.Add(WordHash.Of(field, word));
    }

    private static void AddMessageId(ReadOnlySpan<byte> id, string fromDomain, FeatureSet set)
    {
        var at = id.LastIndexOf((byte)'@');
        var domain = at < 0 ? default : id[(at + 1)..].TrimEnd("> \r\n\t"u8);
        set.Add(WordHash.Of(FeatureField.MessageIdShape, domain));
        set.Add(WordHash.Of(FeatureField.Shape, System.Text.Ascii.EqualsIgnoreCase(domain, fromDomain) ? "message-id-same" : "message-id-other"));
        AddShape(at < 0 ? id : id[..at], set);
    }

    // Mailing programs betray themselves by the pattern of their ids: classes of characters, runs made one.
    private static void AddShape(ReadOnlySpan<byte> id, FeatureSet set)
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

    private static void AddSubject(string subject, FeatureSet set)
    {
        if (subject.Length == 0) return;
        if (subject.StartsWith("Re:", StringComparison.OrdinalIgnoreCase)) set.Add(WordHash.Of(FeatureField.Shape, "reply"));
        if (subject.StartsWith("Fwd:", StringComparison.OrdinalIgnoreCase)) set.Add(WordHash.Of(FeatureField.Shape, "forward"));
        if (subject.Length > 8 && !subject.AsSpan().ContainsAnyInRange('a', 'z')) set.Add(WordHash.Of(FeatureField.Shape, "shouting"));
        if (subject.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0) set.Add(WordHash.Of(FeatureField.Shape, "subject-not-ascii"));
    }
}
