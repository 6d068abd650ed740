using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using MimeKit.Utils;
using Sternpost.Messages.Content;
using Sternpost.Messages.Structure;
using Sternpost.Messages.Text;

namespace Sternpost.Jmap.Content;

/// <summary>How a header field is given (RFC 8621 §4.1.2).</summary>
internal enum HeaderForm
{
    Raw,
    Text,
    Addresses,
    GroupedAddresses,
    MessageIds,
    Date,
    Urls,
}

/// <summary>Header fields in their parsed forms. Nothing here fails on what a message says: the nearest reading is given, or null where the form allows it.</summary>
internal static class HeaderForms
{
    private const int MostIds = 10_000;

    // RFC 5322 §3.2.3: a local-part with one of these is quoted.
    private static readonly SearchValues<char> Specials = SearchValues.Create(" \"(),:;<>@[\\]");

    internal static JsonNode? Render(HeaderLine line, HeaderForm form) => form switch
    {
        HeaderForm.Raw => line.Raw,
        HeaderForm.Text => Text(line),
        HeaderForm.Addresses => Addresses(line),
        HeaderForm.GroupedAddresses => GroupedAddresses(line),
        HeaderForm.MessageIds => MessageIds(line),
        HeaderForm.Date => Date(line),
        _ => Urls(line),
    };

    /// <summary>§4.1.2.2: unfolded, encoded words undone, in normal form C.</summary>
    internal static string Text(HeaderLine line) => Clean(NormalFormC.Of(EncodedWords.Decode(line.Unfolded)));

    private static JsonArray Addresses(HeaderLine line)
    {
        var list = new JsonArray();
        // §4.1.2.3: the groups themselves are left out.
        foreach (var address in AddressList.Parse(line.Unfolded))
        {
            if (address.Mailbox is not null && address.Host is not null) list.Add(Address(address));
        }
        return list;
    }

    private static JsonArray GroupedAddresses(HeaderLine line)
    {
        var groups = new JsonArray();
        JsonArray? open = null;
        var isNamed = false;
        foreach (var address in AddressList.Parse(line.Unfolded))
        {
            if (address.Host is null)
            {
                open = null;
                isNamed = address.Mailbox is not null;
                if (address.Mailbox is { } name) Open(Name(name));
                continue;
            }
            // §4.1.2.4: consecutive addresses that are in no group are one group without a name.
            if (open is null || (isNamed && groups.Count == 0)) Open(null);
            open!.Add(Address(address));
        }
        return groups;

        void Open(string? name) => groups.Add(new JsonObject { ["name"] = name, ["addresses"] = open = [] });
    }

    internal static JsonObject Address(EnvelopeAddress address) => new() { ["name"] = Name(address.Name), ["email"] = Email(address) };

    internal static string Email(EnvelopeAddress address)
    {
        var local = address.Mailbox ?? "";
        if (local.AsSpan().IndexOfAny(Specials) >= 0 && address.Host is { Length: > 0 })
            local = "\"" + local.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
        return Clean(string.IsNullOrEmpty(address.Host) ? local : local + "@" + address.Host);
    }

    internal static string? Name(string? name)
    {
        if (name is null) return null;
        var text = Clean(NormalFormC.Of(EncodedWords.Decode(name))).Trim();
        return text.Length == 0 ? null : text;
    }

    /// <summary>§4.1.2.5: the ids without their brackets; null where there is none.</summary>
    internal static JsonArray? MessageIds(HeaderLine line)
    {
        var ids = new JsonArray();
        var rest = line.Unfolded.AsSpan();
        while (ids.Count < MostIds && rest.IndexOf('<') is >= 0 and var open)
        {
            rest = rest[(open + 1)..];
            var close = rest.IndexOf('>');
            if (close < 0) break;
            var id = rest[..close].Trim();
            if (!id.IsEmpty) ids.Add(id.ToString());
            rest = rest[(close + 1)..];
        }
        return ids.Count == 0 ? null : ids;
    }

    private static JsonNode? Date(HeaderLine line) =>
        line.Unfolded is { Length: > 0 and < 200 } text && DateUtils.TryParse(text, out var date) ? Format(date) : null;

    /// <summary>A Date (RFC 8620 §1.4): with its zone, "Z" for UTC.</summary>
    internal static string Format(DateTimeOffset date) =>
        date.ToString(date.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    /// <summary>§4.1.2.7: the URLs in brackets; null where there is none.</summary>
    private static JsonArray? Urls(HeaderLine line)
    {
        var urls = new JsonArray();
        var rest = line.Unfolded.AsSpan();
        while (urls.Count < 100 && rest.IndexOf('<') is >= 0 and var open)
        {
            rest = rest[(open + 1)..];
            var close = rest.IndexOf('>');
            if (close < 0) break;
            // RFC 2369 §2: white space within the brackets is ignored.
            var url = new string([.. rest[..close].ToString().Where(c => !char.IsWhiteSpace(c))]);
            if (url.Length > 0) urls.Add(url);
            rest = rest[(close + 1)..];
        }
        return urls.Count == 0 ? null : urls;
    }

    // What survived decoding and is no text.
    private static string Clean(string text)
    {
        var isClean = true;
        foreach (var c in text) isClean &= c is not ('\0' or '\r' or '\n');
        if (isClean) return text;
        var clean = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is not ('\0' or '\r' or '\n')) clean.Append(c);
        }
        return clean.ToString();
    }
}
