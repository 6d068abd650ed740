using System.Text.Json.Nodes;

namespace Sternpost.Jmap.Content;

/// <summary>A property that is a header field: <c>header:Name:asForm:all</c>, or one of the names that stand for such (RFC 8621 §4.1.3).</summary>
/// <param name="Property">As it was asked for.</param>
/// <param name="Field">The field's name, in any case.</param>
/// <param name="Form">How it is given.</param>
/// <param name="All">Every field of that name, or the last.</param>
internal sealed record HeaderProperty(string Property, string Field, HeaderForm Form, bool All)
{
    /// <summary>The convenience properties.</summary>
    internal static readonly IReadOnlyDictionary<string, HeaderProperty> Convenient = new[]
    {
        new HeaderProperty("messageId", "Message-ID", HeaderForm.MessageIds, false),
        new HeaderProperty("inReplyTo", "In-Reply-To", HeaderForm.MessageIds, false),
        new HeaderProperty("references", "References", HeaderForm.MessageIds, false),
        new HeaderProperty("sender", "Sender", HeaderForm.Addresses, false),
        new HeaderProperty("from", "From", HeaderForm.Addresses, false),
        new HeaderProperty("to", "To", HeaderForm.Addresses, false),
        new HeaderProperty("cc", "Cc", HeaderForm.Addresses, false),
        new HeaderProperty("bcc", "Bcc", HeaderForm.Addresses, false),
        new HeaderProperty("replyTo", "Reply-To", HeaderForm.Addresses, false),
        new HeaderProperty("subject", "Subject", HeaderForm.Text, false),
        new HeaderProperty("sentAt", "Date", HeaderForm.Date, false),
    }.ToDictionary(property => property.Property, StringComparer.Ordinal);

    // Which forms the fields of RFC 5322 and RFC 2369 may be asked in (RFC 8621 §4.1.2); all other fields in any.
    private static readonly Dictionary<string, HeaderForm[]> Allowed = Table();

    /// <summary>Reads a name; null where it is none of these, or asks for a form that the field cannot have.</summary>
    internal static HeaderProperty? Parse(string name)
    {
        if (Convenient.TryGetValue(name, out var convenient)) return convenient;
        if (!name.StartsWith("header:", StringComparison.Ordinal)) return null;
        var parts = name.Split(':');
        var at = 2;
        if (parts[1].Length == 0 || parts[1].AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0) return null;
        var form = HeaderForm.Raw;
        if (at < parts.Length && parts[at].StartsWith("as", StringComparison.Ordinal))
        {
            if (FormOf(parts[at++]) is not { } asked) return null;
            form = asked;
        }
        var all = at < parts.Length && parts[at] == "all";
        if (all) at++;
        if (at != parts.Length || !IsAllowed(parts[1], form)) return null;
        return new HeaderProperty(name, parts[1], form, all);
    }

    /// <summary>The value of the property in these fields.</summary>
    internal JsonNode? Render(IReadOnlyList<HeaderLine> lines)
    {
        if (All)
        {
            var values = new JsonArray();
            foreach (var line in lines)
            {
                if (Is(line)) values.Add(HeaderForms.Render(line, Form));
            }
            return values;
        }
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            if (Is(lines[i])) return HeaderForms.Render(lines[i], Form);
        }
        return null;
    }

    internal static bool IsAllowed(string field, HeaderForm form) =>
        form == HeaderForm.Raw || !Allowed.TryGetValue(field.ToLowerInvariant(), out var forms) || forms.Contains(form);

    private bool Is(HeaderLine line) => line.Name.Equals(Field, StringComparison.OrdinalIgnoreCase);

    private static HeaderForm? FormOf(string name) => name switch
    {
        "asRaw" => HeaderForm.Raw,
        "asText" => HeaderForm.Text,
        "asAddresses" => HeaderForm.Addresses,
        "asGroupedAddresses" => HeaderForm.GroupedAddresses,
        "asMessageIds" => HeaderForm.MessageIds,
        "asDate" => HeaderForm.Date,
        "asURLs" => HeaderForm.Urls,
        _ => null,
    };

    private static Dictionary<string, HeaderForm[]> Table()
    {
        var table = new Dictionary<string, HeaderForm[]>(StringComparer.Ordinal);
        Add([HeaderForm.Text], "subject", "comments", "keywords", "list-id");
        Add([HeaderForm.Addresses, HeaderForm.GroupedAddresses], "from", "sender", "reply-to", "to", "cc", "bcc", "resent-from", "resent-sender", "resent-reply-to", "resent-to", "resent-cc", "resent-bcc");
        Add([HeaderForm.MessageIds], "message-id", "in-reply-to", "references", "resent-message-id");
        Add([HeaderForm.Date], "date", "resent-date");
        Add([HeaderForm.Urls], "list-help", "list-unsubscribe", "list-subscribe", "list-post", "list-owner", "list-archive");
        Add([], "return-path", "received");
        return table;

        void Add(HeaderForm[] forms, params string[] fields)
        {
            foreach (var field in fields) table[field] = forms;
        }
    }
}
