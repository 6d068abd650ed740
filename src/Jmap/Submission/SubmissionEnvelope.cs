using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sternpost.Jmap.Content;
using Sternpost.Jmap.Protocol;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;

namespace Sternpost.Jmap.Submission;

/// <summary>The envelope of a submission (RFC 8621 §7): as the client gave it, or made from the message's header.</summary>
/// <param name="Smtp">As SMTP has it.</param>
/// <param name="Json">As JMAP shows it.</param>
/// <param name="HoldUntil">When it is to leave; null for at once.</param>
internal sealed record SubmissionEnvelope(Envelope Smtp, JsonObject Json, DateTimeOffset? HoldUntil)
{
    /// <summary>Reads an envelope; null makes it from the message.</summary>
    /// <exception cref="SetError">It is malformed, or has no recipients.</exception>
    internal static SubmissionEnvelope Read(JsonObject? json, EmailDocument message, DateTimeOffset now, JmapOptions options, int mostRecipients)
    {
        json = (JsonObject?)json?.DeepClone() ?? FromHeader(message);
        if (json["mailFrom"] is not JsonObject from || json["rcptTo"] is not JsonArray to) throw Bad("An envelope has mailFrom and rcptTo");
        if (to.Count == 0) throw new SetError("noRecipients", "The message goes to nobody");
        if (to.Count > mostRecipients) throw new SetError("tooManyRecipients", $"A message goes to at most {mostRecipients} recipients") { Details = new JsonObject { ["maxRecipients"] = mostRecipients } };
        var sender = Email(from);
        EmailAddress? reversePath = null;
        if (sender.Length > 0 && !EmailAddress.TryParse(sender, out reversePath)) throw Bad("The address of mailFrom is none");
        var envelope = new Envelope(reversePath, []);
        DateTimeOffset? hold = null;
        foreach (var (name, value) in Parameters(from))
        {
            switch (name)
            {
                case "HOLDFOR":
                    hold = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= options.MaxDelayedSend.TotalSeconds ? now + TimeSpan.FromSeconds(seconds) : throw Bad("HOLDFOR is a number of seconds within the limit");
                    break;
                case "HOLDUNTIL":
                    hold = DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until) && until <= now + options.MaxDelayedSend ? until : throw Bad("HOLDUNTIL is a date within the limit");
                    break;
                case "RET":
                    envelope = envelope with { Return = value?.ToUpperInvariant() switch { "FULL" => DsnReturn.Full, "HDRS" => DsnReturn.Headers, _ => throw Bad("RET is FULL or HDRS") } };
                    break;
                case "ENVID":
                    envelope = envelope with { EnvelopeId = value is { Length: > 0 and <= 100 } ? value : throw Bad("ENVID has at most 100 characters") };
                    break;
                case "REQUIRETLS":
                    envelope = envelope with { RequireTls = true };
                    break;
                // What the server finds out by itself.
                case "SIZE" or "BODY" or "SMTPUTF8":
                    break;
                default:
                    throw Bad($"The parameter {name} of mailFrom is not offered");
            }
        }
        var (recipients, invalid) = (new List<EnvelopeRecipient>(), new List<string>());
        foreach (var node in to)
        {
            var recipient = node as JsonObject ?? throw Bad("A recipient is an object");
            var email = Email(recipient);
            if (!EmailAddress.TryParse(email, out var address)) invalid.Add(email);
            else if (!recipients.Exists(known => known.Address.Equals(address))) recipients.Add(Recipient(address, recipient));
        }
        if (invalid.Count > 0) throw new SetError("invalidRecipients", "Some recipients are no mail addresses") { Details = new JsonObject { ["invalidRecipients"] = new JsonArray([.. invalid.Select(email => (JsonNode)email)]) } };
        var isAscii = Ascii.IsValid(message.Content.Span);
        envelope = envelope with
        {
            Recipients = recipients,
            Body = isAscii ? BodyKind.SevenBit : BodyKind.EightBitMime,
            // RFC 6531: addresses or header fields beyond ASCII need it.
            SmtpUtf8 = recipients.Exists(recipient => recipient.Address.NeedsSmtpUtf8) || reversePath?.NeedsSmtpUtf8 == true || !isAscii && message.Headers.Any(line => !Ascii.IsValid(line.Raw)),
        };
        return new SubmissionEnvelope(envelope, json, hold);
    }

    /// <summary>The message without its Bcc fields (RFC 8621 §7.5), for nobody is to see them.</summary>
    internal static ReadOnlyMemory<byte> WithoutBcc(ReadOnlyMemory<byte> content)
    {
        var octets = content.Span;
        byte[]? kept = null;
        var length = 0;
        var at = 0;
        while (at < octets.Length && octets[at] is not (byte)'\r' and not (byte)'\n')
        {
            var end = at;
            do
            {
                var feed = octets[end..].IndexOf((byte)'\n');
                end = feed < 0 ? octets.Length : end + feed + 1;
            }
            while (end < octets.Length && octets[end] is (byte)' ' or (byte)'\t');
            var field = octets[at..end];
            var colon = field.IndexOf((byte)':');
            var name = colon < 0 ? default : field[..colon].TrimEnd(" \t"u8);
            if (Ascii.EqualsIgnoreCase(name, "Bcc"u8) || Ascii.EqualsIgnoreCase(name, "Resent-Bcc"u8))
            {
                if (kept is null)
                {
                    kept = new byte[octets.Length];
                    octets[..at].CopyTo(kept);
                    length = at;
                }
            }
            else if (kept is not null)
            {
                field.CopyTo(kept.AsSpan(length));
                length += field.Length;
            }
            at = end;
        }
        if (kept is null) return content;
        octets[at..].CopyTo(kept.AsSpan(length));
        return kept.AsMemory(0, length + octets.Length - at);
    }

    // RFC 8621 §7: Sender, else From; and everybody in To, Cc and Bcc, each once.
    private static JsonObject FromHeader(EmailDocument message)
    {
        var sender = Addresses(message, "sender").Concat(Addresses(message, "from")).FirstOrDefault() ?? throw new SetError("invalidEmail", "The message has neither From nor Sender") { Properties = ["from"] };
        var to = new JsonArray();
        foreach (var email in Addresses(message, "to").Concat(Addresses(message, "cc")).Concat(Addresses(message, "bcc")).Distinct(StringComparer.OrdinalIgnoreCase)) to.Add(new JsonObject { ["email"] = email, ["parameters"] = null });
        return new JsonObject { ["mailFrom"] = new JsonObject { ["email"] = sender, ["parameters"] = null }, ["rcptTo"] = to };
    }

    private static IEnumerable<string> Addresses(EmailDocument message, string property) =>
        (HeaderProperty.Convenient[property] with { All = true }).Render(message.Headers)!.AsArray().SelectMany(list => list!.AsArray()).Select(address => address!["email"]!.GetValue<string>());

    private static EnvelopeRecipient Recipient(EmailAddress address, JsonObject json)
    {
        var recipient = new EnvelopeRecipient(address);
        foreach (var (name, value) in Parameters(json))
        {
            switch (name)
            {
                case "NOTIFY":
                    var notify = DsnNotify.Default;
                    foreach (var word in (value ?? "").ToUpperInvariant().Split(','))
                        notify |= word switch { "NEVER" => DsnNotify.Never, "SUCCESS" => DsnNotify.Success, "FAILURE" => DsnNotify.Failure, "DELAY" => DsnNotify.Delay, _ => throw Bad("NOTIFY is NEVER, or SUCCESS, FAILURE and DELAY") };
                    if (notify.HasFlag(DsnNotify.Never) && notify != DsnNotify.Never) throw Bad("NOTIFY is NEVER alone");
                    recipient = recipient with { Notify = notify };
                    break;
                case "ORCPT":
                    recipient = recipient with { OriginalRecipient = value is { Length: > 0 and <= 500 } && value.Contains(';', StringComparison.Ordinal) ? value : throw Bad("ORCPT is an address type, a semicolon and the address") };
                    break;
                default:
                    throw Bad($"The parameter {name} of rcptTo is not offered");
            }
        }
        return recipient;
    }

    private static List<(string Name, string? Value)> Parameters(JsonObject address)
    {
        if (address["parameters"] is not { } node) return [];
        if (node is not JsonObject map) throw Bad("parameters is an object");
        return map.Select(item => (item.Key.ToUpperInvariant(), item.Value switch
        {
            null => null,
            JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
            _ => throw Bad("A parameter's value is a string or null"),
        })).ToList();
    }

    private static string Email(JsonObject address) =>
        address["email"] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : throw Bad("An address has an email");

    private static SetError Bad(string why) => SetError.InvalidProperties(why, "envelope");
}
