using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MimeKit;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Jmap.Content;

/// <summary>A header field to write: its name and its value as it stands behind the colon, folded.</summary>
internal sealed record NewField(string Name, byte[] RawValue);

/// <summary>Reads header fields out of the properties of an email or a part that is to be made (RFC 8621 §4.6).</summary>
internal static class NewEmailReader
{
    /// <summary>The fields that these properties are; others are left to the caller.</summary>
    /// <exception cref="SetError">One cannot be written, or is given twice.</exception>
    internal static List<NewField> Fields(JsonObject json, bool isPart)
    {
        var fields = new List<NewField>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (property, value) in json)
        {
            var isConvenient = !isPart && HeaderProperty.Convenient.ContainsKey(property);
            if (!isConvenient && !property.StartsWith("header:", StringComparison.Ordinal)) continue;
            var header = HeaderProperty.Parse(property) ?? throw Bad(property, "There is no such header property");
            if (!seen.Add(header.Field)) throw Bad(property, $"The field {header.Field} is given twice");
            // RFC 8621 §4.6: these are the body's to say, and the encoding is the server's to choose.
            if (header.Field.Equals("Content-Transfer-Encoding", StringComparison.OrdinalIgnoreCase)) throw Bad(property, "The server chooses the transfer encoding");
            if (!isPart && header.Field.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)) throw Bad(property, "Content fields belong to a body part");
            if (value is null && !header.All) continue;
            foreach (var one in header.All ? value as JsonArray ?? throw Bad(property, "An array is wanted") : new JsonArray(value?.DeepClone())) fields.Add(new NewField(header.Field, Write(header, one)));
        }
        return fields;
    }

    private static byte[] Write(HeaderProperty header, JsonNode? value) => header.Form switch
    {
        HeaderForm.Raw => Raw(header, Text(header.Property, value)),
        HeaderForm.Text => Fold(header.Field, Text(header.Property, value)),
        HeaderForm.Addresses => Fold(header.Field, AddressList(header.Property, value as JsonArray ?? throw Bad(header.Property, "An array of addresses is wanted")).ToString(true)),
        HeaderForm.GroupedAddresses => Fold(header.Field, Groups(header.Property, value).ToString(true)),
        HeaderForm.MessageIds => Fold(header.Field, string.Join(' ', Items(header.Property, value).Select(id => "<" + MessageId(header.Property, id) + ">"))),
        HeaderForm.Date => Fold(header.Field, Date(header.Property, value)),
        _ => Fold(header.Field, string.Join(", ", Items(header.Property, value).Select(url => "<" + Url(header.Property, url) + ">"))),
    };

    // As given, but no line end that is not a fold: another would begin a field of its own.
    private static byte[] Raw(HeaderProperty header, string text)
    {
        var unfolded = text.Replace("\r\n ", "", StringComparison.Ordinal).Replace("\r\n\t", "", StringComparison.Ordinal);
        if (unfolded.AsSpan().IndexOfAny("\r\n\0") >= 0) throw Bad(header.Property, "The value holds a line end that is no fold");
        return Encoding.UTF8.GetBytes(text.StartsWith(' ') || text.StartsWith('\t') ? text + "\r\n" : " " + text + "\r\n");
    }

    private static byte[] Fold(string field, string text)
    {
        var header = new Header(Encoding.UTF8, field, text);
        var raw = Encoding.Latin1.GetString(header.RawValue).Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal);
        return Encoding.Latin1.GetBytes(raw);
    }

    internal static InternetAddressList AddressList(string property, JsonArray items)
    {
        var list = new InternetAddressList();
        foreach (var item in items)
        {
            if (item is not JsonObject address) throw Bad(property, "An address is an object with name and email");
            var name = address["name"] is { } node ? OneLine(property, Text(property, node)) : null;
            var email = Text(property, address["email"]).Trim();
            if (!MailboxAddress.TryParse(email, out var parsed) || parsed.Address.Length == 0) throw Bad(property, $"{Short(email)} is no mail address");
            list.Add(new MailboxAddress(Encoding.UTF8, name, parsed.Address));
        }
        return list;
    }

    private static InternetAddressList Groups(string property, JsonNode? value)
    {
        var list = new InternetAddressList();
        foreach (var item in value as JsonArray ?? throw Bad(property, "An array of groups is wanted"))
        {
            if (item is not JsonObject group || group["addresses"] is not JsonArray addresses) throw Bad(property, "A group is an object with name and addresses");
            var inner = AddressList(property, addresses);
            if (group["name"] is { } name) list.Add(new GroupAddress(Encoding.UTF8, OneLine(property, Text(property, name)), inner));
            else list.AddRange(inner);
        }
        return list;
    }

    private static string Date(string property, JsonNode? value) =>
        DateTimeOffset.TryParse(Text(property, value), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? MimeKit.Utils.DateUtils.FormatDate(date) : throw Bad(property, "A date is wanted, such as 2026-01-31T12:00:00Z");

    private static string MessageId(string property, string id) =>
        id.Length is > 0 and <= 900 && id.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && id.AsSpan().IndexOfAny("<>") < 0 ? id : throw Bad(property, "A message id holds neither space nor angle brackets");

    private static string Url(string property, string url) =>
        url.Length is > 0 and <= 2000 && url.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && url.AsSpan().IndexOfAny("<>") < 0 ? url : throw Bad(property, "A URL holds neither space nor angle brackets");

    private static List<string> Items(string property, JsonNode? value) =>
        (value as JsonArray ?? throw Bad(property, "An array of strings is wanted")).Select(item => Text(property, item)).ToList();

    private static string Text(string property, JsonNode? value) =>
        value is JsonValue text && text.GetValueKind() == JsonValueKind.String ? OneLineOrFolded(text.GetValue<string>()) : throw Bad(property, "A string is wanted");

    private static string OneLineOrFolded(string text) => text.Replace("\0", "", StringComparison.Ordinal);

    private static string OneLine(string property, string text) => text.AsSpan().IndexOfAny("\r\n") < 0 ? text : throw Bad(property, "A name has no line ends");

    private static string Short(string text) => text.Length > 100 ? text[..100] : text;

    private static SetError Bad(string property, string why) => SetError.InvalidProperties(why, property);
}
