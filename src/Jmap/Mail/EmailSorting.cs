using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;
using Sternpost.Mailboxes.Objects;

namespace Sternpost.Jmap.Mail;

/// <summary>The order of Email/query (RFC 8621 §4.4.2).</summary>
internal static class EmailSorting
{
    /// <summary>What can be sorted by, as the capability tells.</summary>
    internal static readonly IReadOnlyList<string> Options = ["receivedAt", "size", "from", "to", "subject", "sentAt", "hasKeyword", "allInThreadHaveKeyword", "someInThreadHaveKeyword"];

    internal static List<Comparator> Read(MethodCall call)
    {
        var sort = QueryMethod.Sort(call, Options.Contains);
        foreach (var comparator in sort)
        {
            if (comparator.Property.Contains("Keyword", StringComparison.Ordinal) && Keyword(comparator) is null) throw MethodError.InvalidArguments($"Sorting by {comparator.Property} needs a keyword");
        }
        return sort;
    }

    /// <summary>Sorts; what the comparators leave open goes newest first.</summary>
    internal static void Sort(ObjectReader reader, List<EmailFacts> emails, List<Comparator> sort)
    {
        switch (sort)
        {
            case []:
            case [{ Property: "receivedAt", IsAscending: false }]:
                emails.Sort(static (one, other) => one.Received != other.Received ? other.Received.CompareTo(one.Received) : other.Id.CompareTo(one.Id));
                return;
        }
        var keys = new Dictionary<long, long>[sort.Count];
        var texts = new Dictionary<long, string>[sort.Count];
        for (var i = 0; i < sort.Count; i++)
        {
            keys[i] = Keys(reader, emails, sort[i]);
            texts[i] = Texts(reader, emails, sort[i]);
        }
        emails.Sort((one, other) =>
        {
            for (var i = 0; i < sort.Count; i++)
            {
                var result = texts[i].Count > 0 ? string.CompareOrdinal(texts[i][one.Id], texts[i][other.Id]) : keys[i][one.Id].CompareTo(keys[i][other.Id]);
                if (result != 0) return sort[i].IsAscending ? result : -result;
            }
            return one.Received != other.Received ? other.Received.CompareTo(one.Received) : other.Id.CompareTo(one.Id);
        });
    }

    // Cased alike once, so that a comparison is one of octets.
    private static Dictionary<long, string> Texts(ObjectReader reader, List<EmailFacts> emails, Comparator comparator)
    {
        var texts = new Dictionary<long, string>();
        if (comparator.Property is not ("from" or "to" or "subject")) return texts;
        texts.EnsureCapacity(emails.Count);
        foreach (var email in emails)
        {
            var text = Text(reader, email, comparator.Property);
            texts[email.Id] = comparator.Collation == "i;octet" ? text : text.ToUpperInvariant();
        }
        return texts;
    }

    private static Dictionary<long, long> Keys(ObjectReader reader, List<EmailFacts> emails, Comparator comparator)
    {
        var keys = new Dictionary<long, long>();
        if (comparator.Property is "from" or "to" or "subject") return keys;
        keys.EnsureCapacity(emails.Count);
        var keyword = Keyword(comparator);
        foreach (var email in emails)
        {
            keys[email.Id] = comparator.Property switch
            {
                "receivedAt" => email.Received,
                "size" => email.Size,
                "sentAt" => EnvelopeCache.Of(reader, email).Sent,
                "hasKeyword" => Has(email) ? 1 : 0,
                "allInThreadHaveKeyword" => reader.View.Thread(email.ThreadId).All(Has) ? 1 : 0,
                _ => reader.View.Thread(email.ThreadId).Any(Has) ? 1 : 0,
            };
        }
        return keys;

        bool Has(EmailFacts one) => Keywords.Has(one.Flags, one.Keywords, keyword!);
    }

    private static string Text(ObjectReader reader, EmailFacts email, string property)
    {
        var envelope = EnvelopeCache.Of(reader, email);
        return property switch { "from" => envelope.SortFrom, "to" => envelope.SortTo, _ => envelope.SortSubject };
    }

    private static string? Keyword(Comparator comparator) =>
        comparator.Json["keyword"] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
