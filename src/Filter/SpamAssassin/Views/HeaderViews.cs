using System.Text.RegularExpressions;
using Sternpost.Filter.SpamAssassin.Rules;

namespace Sternpost.Filter.SpamAssassin.Views;

/// <summary>Header fields and pseudo fields as rules ask for them: <c>Subject</c>, <c>From:addr</c>, <c>Received:raw</c>, <c>ALL</c>, <c>ToCc</c>, <c>X-Spam-Relays-Untrusted</c>.</summary>
internal sealed partial class HeaderViews(RuleMessage message, RelayChain relays, RuleData data)
{
    private const int LongestHeader = 65536;

    private static readonly string[] IdFields = ["x-message-id", "resent-message-id", "x-original-message-id", "message-id"];
    private static readonly string[] FromFields = ["From:addr", "Envelope-Sender:addr", "Resent-Sender:addr", "X-Envelope-From:addr", "EnvelopeFrom:addr"];

    // What mail servers and filters have called the envelope's recipient.
    private static readonly string[] ToFields =
    [
        "To:addr", "Apparently-To:addr", "Delivered-To:addr", "Envelope-Recipients:addr", "Apparently-Resent-To:addr", "X-Envelope-To:addr", "Envelope-To:addr",
        "X-Delivered-To:addr", "X-Original-To:addr", "X-Rcpt-To:addr", "X-Real-To:addr", "Cc:addr",
    ];

    private readonly Dictionary<string, IReadOnlyList<string>> known = new(StringComparer.Ordinal);
    private string? envelopeFrom;
    private bool envelopeKnown;

    /// <summary>All values; none where the field is absent.</summary>
    internal IReadOnlyList<string> All(string request)
    {
        if (!known.TryGetValue(request, out var values)) known.Add(request, values = Find(request));
        return values;
    }

    /// <summary>All values as one text, as a header rule matches it; null where the field is absent.</summary>
    internal string? Joined(string request)
    {
        var values = All(request);
        return values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => string.Join(values[0].EndsWith('\n') ? "" : "\n", values),
        };
    }

    /// <summary>The value that a function looks at: the first address, name or host, or all values of a field; empty where absent.</summary>
    internal string Text(string request)
    {
        var values = All(request);
        if (values.Count == 0) return "";
        return OneOnly().IsMatch(request) || request == "EnvelopeFrom" ? values[0].EndsWith('\n') ? values[0][..^1] : values[0] : string.Concat(values);
    }

    private IReadOnlyList<string> Find(string request)
    {
        var pieces = request.Split(':');
        var modifiers = pieces.AsSpan(1);
        var raw = modifiers.Contains("raw");
        var (address, name) = (modifiers.Contains("addr"), modifiers.Contains("name"));
        if (pieces[0].StartsWith("ALL", StringComparison.Ordinal) && Whole(pieces[0], raw) is { } whole) return whole;
        var values = Fields(pieces[0], raw, raw || address || name);
        if (values.Count > 1 && modifiers.Contains("first")) values = [values[0]];
        else if (values.Count > 1 && modifiers.Contains("last")) values = [values[^1]];
        if (address || name) values = Mailboxes(values, address, raw);
        var domain = modifiers.Contains("domain");
        if (domain || modifiers.Contains("host")) return [.. values.Select(value => Host(value, address)).OfType<string>().Select(host => domain ? data.Domains.Trim(host) : host)];
        var reversed = modifiers.Contains("revip");
        return reversed || modifiers.Contains("ip") ? [.. values.Select(value => Address(value, reversed)).OfType<string>()] : values;
    }

    private IReadOnlyList<string> Fields(string name, bool raw, bool unparsed)
    {
        var root = message.Root;
        switch (name.ToLowerInvariant())
        {
            case "envelopefrom": return EnvelopeFrom() is { } sender ? [sender] : [];
            case "x-spam-relays-untrusted": return [relays.UntrustedText];
            case "x-spam-relays-trusted": return [relays.TrustedText];
            case "x-spam-relays-external": return [relays.ExternalText];
            case "x-spam-relays-internal": return [relays.InternalText];
            case "tocc": return [.. Values(root.FieldsOf("to"), raw), .. Values(root.FieldsOf("cc"), raw)];
            case "messageid" when name == "MESSAGEID":
                return [.. IdFields.SelectMany(field => Values(root.FieldsOf(field), raw)).Where(value => value.Length > 0)];
            case "x-senderdomain": return All("EnvelopeFrom:first:addr:host") is [var host, ..] ? [HostNames.ToAscii(host)] : [];
            case "x-authordomain":
                var hosts = All("From:addr:host").Distinct(StringComparer.Ordinal).Select(HostNames.ToAscii).ToList();
                return hosts.Count == 0 ? [] : [string.Join(' ', hosts)];
            case var field: return [.. root.FieldsOf(field).Select(value => unparsed ? value.Raw : value.Decoded + "\n")];
        }
    }

    private static IEnumerable<string> Values(IReadOnlyList<PartField> fields, bool raw) => fields.Select(field => raw ? Fold().Replace(field.Raw, " ") : field.Decoded + "\n");

    private List<string>? Whole(string name, bool raw)
    {
        var (first, last) = name switch
        {
            "ALL" => (int.MinValue, int.MaxValue),
            "ALL-TRUSTED" => (int.MinValue, relays.LastTrusted + 1),
            "ALL-INTERNAL" => (int.MinValue, relays.LastInternal + 1),
            "ALL-UNTRUSTED" => (relays.LastTrusted + 1, int.MaxValue),
            "ALL-EXTERNAL" => (relays.LastInternal + 1, int.MaxValue),
            _ => (1, 0),
        };
        if (first > last) return null;
        var fields = raw ? RawFields() : DecodedFields();
        if (name == "ALL") return fields;
        var result = new List<string>();
        var received = -1;
        foreach (var field in fields)
        {
            if (field.StartsWith("Received:", StringComparison.OrdinalIgnoreCase)) received++;
            if (received >= first && received <= last) result.Add(field);
            if (received == last) break;
        }
        // Without a field above the first Received, -1 is before it.
        return result;
    }

    private List<string> DecodedFields()
    {
        var result = new List<string>(message.Root.Fields.Count);
        var size = 0;
        foreach (var field in message.Root.Fields)
        {
            size += field.Name.Length + field.Decoded.Length + 3;
            if (size > LongestHeader) break;
            result.Add($"{field.Name}: {field.Decoded}\n");
        }
        return result;
    }

    private List<string> RawFields()
    {
        var result = new List<string>();
        var text = message.Header;
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            do
            {
                var feed = text.IndexOf('\n', end);
                end = feed < 0 ? text.Length : feed + 1;
            }
            while (end < text.Length && text[end] is ' ' or '\t');
            if (text[end - 1] == '\n') result.Add(text[start..end]);
            start = end;
        }
        return result;
    }

    private static List<string> Mailboxes(IReadOnlyList<string> fields, bool address, bool raw)
    {
        var result = new List<string>();
        foreach (var mailbox in fields.SelectMany(HeaderAddresses.Of))
        {
            if (address)
            {
                if (mailbox.Address is not null) result.Add(mailbox.Address);
            }
            else if (mailbox.Phrase is not null) result.Add(raw ? mailbox.Phrase : DecodedName(mailbox.Phrase));
        }
        return result;
    }

    private static string DecodedName(string phrase)
    {
        var decoded = EncodedWords.Decode(phrase, "phrase");
        if (string.IsNullOrWhiteSpace(decoded)) return decoded;
        decoded = Blanks().Replace(decoded, " ").Trim(' ');
        return decoded is ['\'', .. var inner, '\''] ? inner : decoded;
    }

    private string? Host(string value, bool isAddress)
    {
        if (isAddress)
        {
            var sign = value.LastIndexOf('@');
            if (sign < 0) return null;
            var host = value.AsSpan(sign + 1);
            var end = host.IndexOfAny(MessagePart.Blank);
            return (end < 0 ? host : host[..end]) is { IsEmpty: false } found ? found.ToString() : null;
        }
        string? first = null;
        foreach (Match match in HostLike().Matches(value))
        {
            var host = match.Value.TrimEnd('.');
            var top = host[(host.LastIndexOf('.') + 1)..].ToLowerInvariant();
            if (!data.Domains.IsTopLevel(top) || !HostNames.IsFullName(HostNames.ToAscii(host))) continue;
            if (match.Index > 0 && value[match.Index - 1] == '@') return host;
            first ??= host;
        }
        return first;
    }

    private static string? Address(string value, bool reversed)
    {
        foreach (Match match in AddressLike().Matches(value))
        {
            if (!HostNames.IsAddress(match.Value)) continue;
            return reversed && HostNames.IsIPv4(match.Value) ? string.Join('.', match.Value.Split('.').Reverse()) : match.Value;
        }
        return null;
    }

    /// <summary>The reverse-path, by the last relay that is not trusted, or by the field that the receiving server wrote.</summary>
    internal string? EnvelopeFrom()
    {
        if (envelopeKnown) return envelopeFrom;
        envelopeKnown = true;
        return envelopeFrom = FindEnvelopeFrom();
    }

    private string? FindEnvelopeFrom()
    {
        if (data.Values.TryGetValue("envelope_sender_header", out var configured))
        {
            return All(configured + ":first:addr") is [var sender, ..] && (sender.Length == 0 || sender.IndexOf('@', StringComparison.Ordinal) > 0) ? sender : null;
        }
        var hop = relays.Untrusted.Count > 0 ? relays.Untrusted[0] : relays.Trusted.Count > 0 ? relays.Trusted[^1] : null;
        if (hop?.EnvelopeFrom is { } told && (told.Length == 0 || told.IndexOf('@', StringComparison.Ordinal) > 0)) return told;
        // A mail fetcher has overwritten what the field said.
        if (All("X-Sender:first:addr") is [var x, ..] && x.Contains('@', StringComparison.Ordinal) && All("Received").Any(field => field.Contains("(fetchmail", StringComparison.Ordinal))) return null;
        if (All("X-Envelope-From:first:addr") is [var wrapped, ..]) return IsBelowReceived("x-envelope-from") ? null : wrapped;
        if (All("Envelope-Sender:first:addr") is [var qmail, ..] && !IsBelowReceived("envelope-sender")) return qmail;
        return All("Return-Path:first:addr") is [var path, ..] && !IsBelowReceived("return-path") ? path : null;
    }

    // A field below a Received came with the message.
    private bool IsBelowReceived(string name)
    {
        var received = false;
        foreach (var field in message.Root.Fields)
        {
            if (field.Name.Equals("received", StringComparison.OrdinalIgnoreCase)) received = true;
            else if (received && field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    /// <summary>Every address the message may be from.</summary>
    internal List<string> FromAddresses()
    {
        if (All("Resent-From:first:addr") is { Count: > 0 } resent) return [.. resent];
        return [.. FromFields.SelectMany(All).Where(address => address.Length > 0).Select(address => Dots().Replace(address, ".")).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Every address the message may be for.</summary>
    internal List<string> ToAddresses()
    {
        List<string> resent = [.. All("Resent-To:first:addr"), .. All("Resent-Cc:first:addr")];
        if (resent.Count > 0) return resent;
        var received = All("Received").Take(3).Select(field => ReceivedFor().Match(field)).Where(match => match.Success && HostNames.IsFullName(HostNames.ToAscii(match.Groups[2].Value))).Select(match => match.Groups[1].Value);
        return [.. received.Concat(ToFields.SelectMany(All)).Distinct(StringComparer.Ordinal)];
    }

    [GeneratedRegex(@":(?:addr|name|host|domain|ip|revip)\b")]
    private static partial Regex OneOnly();

    [GeneratedRegex(@"\r?\n\s+")]
    private static partial Regex Fold();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"\.{2,}")]
    private static partial Regex Dots();

    [GeneratedRegex(@"[A-Za-z0-9_](?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9_])){0,250}")]
    private static partial Regex HostLike();

    [GeneratedRegex(@"(?<![0-9A-Fa-f.:])[0-9A-Fa-f.:]{3,45}(?![0-9A-Fa-f.:])")]
    private static partial Regex AddressLike();

    [GeneratedRegex(@" for <?(\S+@(\S+?))>?;")]
    private static partial Regex ReceivedFor();
}
