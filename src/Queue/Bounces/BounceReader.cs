using System.Text;
using System.Text.RegularExpressions;
using MimeKit;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Replies;

namespace Sternpost.Queue.Bounces;

/// <summary>A recipient as somebody's notification tells of it.</summary>
/// <param name="Address">Whom it is about.</param>
/// <param name="Action">RFC 3464 §2.3.3: failed, delayed, delivered, relayed or expanded.</param>
/// <param name="Status">RFC 3463, or null where none is said.</param>
/// <param name="Host">The server that decided, or null.</param>
/// <param name="Diagnostic">What it said, or null.</param>
/// <param name="Cause">What that means; null where nothing failed.</param>
public sealed record BouncedRecipient(string Address, string Action, string? Status, string? Host, string? Diagnostic, DeliveryCause? Cause);

/// <summary>A notification of another server, read.</summary>
/// <param name="Reporter">The server that wrote it, or null.</param>
/// <param name="OriginalMessageId">Message-ID of the message it is about, or null.</param>
/// <param name="EnvelopeId">ENVID of that message, or null.</param>
/// <param name="Recipients">Whom it tells of; at least one.</param>
public sealed record BounceReading(string? Reporter, string? OriginalMessageId, string? EnvelopeId, IReadOnlyList<BouncedRecipient> Recipients);

/// <summary>
/// Reads bounces: delivery status notifications by RFC 3464 and RFC 6533, and those that servers write for people only (qmail, Exim and others that
/// name the address and then say what happened).
/// </summary>
public static partial class BounceReader
{
    private const int MaxOctets = 4 * 1024 * 1024;
    private const int MaxDepth = 20;
    private const int MaxRecipients = 1000;
    private const int MaxText = 64 * 1024;
    private const int MaxDiagnostic = 2000;

    /// <summary>Null where the message is no bounce that can be read.</summary>
    public static BounceReading? Read(ReadOnlyMemory<byte> content)
    {
        if (content.Length > MaxOctets) return null;
        MimeMessage message;
        try
        {
            using var octets = new MemoryStream(content.ToArray(), writable: false);
            message = MimeMessage.Load(new ParserOptions { MaxMimeDepth = MaxDepth }, octets);
        }
        catch (FormatException)
        {
            return null;
        }
        using (message)
        {
            var (reporter, envelopeId, recipients) = Fields(message);
            if (recipients.Count == 0) recipients = Words(message);
            return recipients.Count == 0 ? null : new BounceReading(reporter, OriginalId(message), envelopeId, recipients);
        }
    }

    private static (string? Reporter, string? EnvelopeId, List<BouncedRecipient> Recipients) Fields(MimeMessage message)
    {
        string? reporter = null, envelopeId = null;
        var recipients = new List<BouncedRecipient>();
        foreach (var part in message.BodyParts.OfType<MessageDeliveryStatus>())
        {
            foreach (var group in part.StatusGroups)
            {
                reporter ??= AfterType(group["Reporting-MTA"]);
                envelopeId ??= group["Original-Envelope-Id"];
                if (AfterType(group["Final-Recipient"] ?? group["Original-Recipient"]) is not { Length: > 0 } address || recipients.Count == MaxRecipients) continue;
                var action = (group["Action"] ?? "failed").Trim().ToLowerInvariant();
                // RFC 3464 §2.3.4: a comment may follow.
                var status = StatusForm().Match(group["Status"] ?? "") is { Success: true } match ? match.Value : null;
                var host = AfterType(group["Remote-MTA"]);
                var diagnostic = AfterType(group["Diagnostic-Code"]);
                recipients.Add(Recipient(address, action, status, host ?? reporter, diagnostic));
            }
        }
        return (reporter, envelopeId, recipients);
    }

    // "<address>:" alone or before its reason (qmail, Postfix), or the address alone in a line and the reason below it (Exim).
    private static List<BouncedRecipient> Words(MimeMessage message)
    {
        var recipients = new List<BouncedRecipient>();
        var text = message.TextBody ?? "";
        if (!LooksLikeBounce(message, text)) return recipients;
        if (text.Length > MaxText) text = text[..MaxText];
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length && recipients.Count < MaxRecipients; i++)
        {
            if (Returned().IsMatch(lines[i])) break;
            var match = AddressLine().Match(lines[i]);
            if (!match.Success) continue;
            var reason = new StringBuilder(match.Groups["reason"].Value.Trim());
            for (i++; i < lines.Length && lines[i].Trim() is { Length: > 0 } more && !AddressLine().IsMatch(lines[i]); i++)
            {
                if (reason.Length < MaxDiagnostic) reason.Append(reason.Length == 0 ? "" : " ").Append(more);
            }
            i--;
            var said = reason.ToString();
            var status = StatusForm().Match(said) is { Success: true } found ? found.Value : ReplyCode().Match(said) is { Success: true } code ? code.Value[..1] + ".0.0" : null;
            var host = HostNamed().Match(said) is { Success: true } named ? named.Groups["host"].Value : null;
            recipients.Add(Recipient(match.Groups["address"].Value, status?[0] == '4' ? "delayed" : "failed", status, host, said.Length == 0 ? null : said));
        }
        // Exim and Gmail name them in the header as well.
        if (recipients.Count == 0 && message.Headers["X-Failed-Recipients"] is { } failed)
        {
            foreach (var address in failed.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Take(MaxRecipients)) recipients.Add(Recipient(address, "failed", null, null, null));
        }
        return recipients;
    }

    private static bool LooksLikeBounce(MimeMessage message, string text) =>
        message.Headers["X-Failed-Recipients"] is not null
        || message.From.Mailboxes.Any(from => from.Address.StartsWith("mailer-daemon@", StringComparison.OrdinalIgnoreCase) || from.Address.StartsWith("postmaster@", StringComparison.OrdinalIgnoreCase))
        || BounceWords().IsMatch(text.Length > MaxDiagnostic ? text[..MaxDiagnostic] : text);

    private static BouncedRecipient Recipient(string address, string action, string? status, string? host, string? diagnostic)
    {
        if (diagnostic?.Length > MaxDiagnostic) diagnostic = diagnostic[..MaxDiagnostic];
        var domain = EmailAddress.TryParse(address, out var parsed) ? parsed.Domain : DomainName.Parse("invalid");
        var cause = action is "failed" or "delayed" ? DeliveryCauses.OfDiagnostic(host ?? "", status, diagnostic, domain) : null;
        return new BouncedRecipient(address, action, status, host, diagnostic, cause);
    }

    private static string? OriginalId(MimeMessage message)
    {
        if (message.BodyParts.OfType<MessagePart>().Select(part => part.Message?.MessageId).FirstOrDefault(id => id is not null) is { } id) return id;
        var headers = message.BodyParts.OfType<TextPart>().FirstOrDefault(part => part.ContentType.IsMimeType("text", "rfc822-headers"))?.Text;
        return headers is not null && MessageIdLine().Match(headers) is { Success: true } match ? match.Groups["id"].Value : null;
    }

    // RFC 3464 §2.1.2: "type; value".
    private static string? AfterType(string? field)
    {
        if (field is null) return null;
        var semicolon = field.IndexOf(';', StringComparison.Ordinal);
        return field[(semicolon + 1)..].Trim().TrimStart('<').TrimEnd('>').ReplaceLineEndings(" ");
    }

    // RFC 3463 §2.
    [GeneratedRegex(@"\b[245]\.[0-9]{1,3}\.[0-9]{1,3}\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex StatusForm();

    [GeneratedRegex(@"\b[45][0-9]{2}\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ReplyCode();

    [GeneratedRegex(@"^\s*<?(?<address>[^\s<>@:;,""()]{1,64}@[A-Za-z0-9.-]{1,253}[A-Za-z0-9])>?:?(?<reason>.*)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AddressLine();

    [GeneratedRegex(@"\bhost (?<host>[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex HostNamed();

    [GeneratedRegex(@"(?im)^message-id:\s*<(?<id>[^>\r\n]{1,998})>", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex MessageIdLine();

    [GeneratedRegex(@"(?i)^-{2,}.*(copy of (the|your) message|original message|below this line)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Returned();

    [GeneratedRegex(@"(?i)(could not be delivered|wasn't able to deliver|unable to deliver|undeliverable|delivery (has )?failed|returned mail|permanent error)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex BounceWords();
}
