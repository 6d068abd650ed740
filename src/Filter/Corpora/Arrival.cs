using System.Net;
using System.Text;
using Sternpost.Dns;
using Sternpost.Filter.Views;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Wire;

namespace Sternpost.Filter.Corpora;

/// <summary>
/// How a stored message came: what the caller says, and for the rest what its topmost Received and its Return-Path field say, which
/// the server that stored it wrote. What neither says stays unknown, and the judges that need it say nothing.
/// </summary>
public sealed record Arrival
{
    /// <summary>The client's address; null to read it from the topmost Received field.</summary>
    public IPAddress? Client { get; init; }

    /// <summary>The client's confirmed name, where <see cref="Client"/> is given and its name is known.</summary>
    public DomainName? ReverseName { get; init; }

    /// <summary>The HELO argument; null likewise.</summary>
    public string? Helo { get; init; }

    /// <summary>The reverse-path; null to read Return-Path.</summary>
    public EmailAddress? MailFrom { get; init; }

    /// <summary>Recipients; none gives one at <c>localhost.invalid</c>, for an envelope needs one.</summary>
    public IReadOnlyList<EmailAddress> Recipients { get; init; } = [];

    /// <summary>When the message is taken to arrive; null for the time of the topmost Received field, or now.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>
    /// A message that a server in front has stored or passed on, as it would have come to us from the client: lines end with CRLF, and the trace which
    /// that server wrote is read and taken off.
    /// </summary>
    public MessageUnderJudgement Arriving(ReadOnlyMemory<byte> stored, string reference, TimeProvider time)
    {
        var whole = CrlfText.Of(stored);
        var raw = whole[DeliveryTrace.SeparatorLength(whole.Span)..];
        var arrived = Of(raw, reference, time);
        var trace = DeliveryTrace.Length(raw.Span, Client);
        return new MessageUnderJudgement(arrived.Session, arrived.Envelope, raw[trace..]) { Trace = whole[..(whole.Length - raw.Length + trace)] };
    }

    /// <summary>The message as it lies there, for corpora: the shipped model has learned from such.</summary>
    public MessageUnderJudgement Of(ReadOnlyMemory<byte> raw, string reference, TimeProvider time)
    {
        var header = HeaderFields.Parse(raw, 0, raw.Length);
        var trace = header.TryGet("Received"u8, out var value) ? TopReceived.Parse(HeaderText.Raw(value)) : null;
        var traceApplies = Client is null && trace is not null;
        var session = new SessionFacts(
            Client ?? trace?.Client ?? IPAddress.Any,
            Helo ?? (traceApplies ? trace!.Helo : ""),
            "ESMTP",
            null,
            null,
            null,
            ReceivedAt ?? trace?.Time ?? time.GetUtcNow(),
            reference)
        {
            ReverseName = traceApplies ? trace!.ReverseName : Client is null ? null : ReverseName,
            ReverseResult = traceApplies ? trace!.ReverseResult : Client is not null && ReverseName is not null ? "pass" : "none",
        };
        return new MessageUnderJudgement(session, new Envelope(MailFrom ?? ReturnPath(header), EnvelopeRecipients()), raw);
    }

    private IReadOnlyList<EnvelopeRecipient> EnvelopeRecipients()
    {
        if (Recipients.Count > 0) return [.. Recipients.Select(address => new EnvelopeRecipient(address))];
        return EmailAddress.TryParse("recipient@localhost.invalid", out var nobody) ? [new EnvelopeRecipient(nobody)] : [];
    }

    private static EmailAddress? ReturnPath(HeaderFields header)
    {
        if (!header.TryGet("Return-Path"u8, out var value)) return null;
        return EmailAddress.TryParse(Encoding.UTF8.GetString(value.Trim(" \t\r\n<>"u8)), out var address) ? address : null;
    }
}

/// <summary>The client's part of a Received field (RFC 5321 §4.4): <c>from HELO (name [address]) by …; time</c>.</summary>
internal sealed record TopReceived(string Helo, IPAddress? Client, DomainName? ReverseName, string ReverseResult, DateTimeOffset? Time)
{
    internal static TopReceived? Parse(string field)
    {
        if (!field.StartsWith("from ", StringComparison.OrdinalIgnoreCase)) return null;
        var text = field.AsSpan(5).TrimStart();
        var space = text.IndexOf(' ');
        var helo = space < 0 ? text : text[..space];
        var by = field.IndexOf(" by ", StringComparison.OrdinalIgnoreCase);
        var rest = by < 0 ? text : field.AsSpan(5, Math.Max(0, by - 5));
        var exim = field.Contains("(Exim ", StringComparison.Ordinal);
        // HELO may be a literal too, and of another address; only where none follows it is it the client's.
        var behind = exim || rest.IndexOf(helo) is var said && said < 0 ? 0 : said + helo.Length;
        var open = rest[behind..].IndexOf('[') is var found && found >= 0 ? behind + found : rest.IndexOf('[');
        var close = open < 0 ? -1 : rest[open..].IndexOf(']');
        IPAddress? client = null;
        if (close > 0 && IPAddress.TryParse(StripPrefix(rest.Slice(open + 1, close - 1)), out var parsed)) client = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        if (client is not null && exim) return OfExim(rest, open, client, TimeOf(field));
        var (name, result) = client is null ? (null, "none") : Reverse(rest[..open]);
        return new TopReceived(helo.ToString(), client, name, result, TimeOf(field));
    }

    // Exim writes the confirmed name first and HELO behind the address: "name ([192.0.2.1] helo=x)", without a name "[192.0.2.1] (helo=x)";
    // a HELO that is the name, or the address, is not repeated.
    private static TopReceived OfExim(ReadOnlySpan<char> text, int open, IPAddress client, DateTimeOffset? time)
    {
        var first = text[..open].TrimEnd(" (");
        var said = text.IndexOf("helo=", StringComparison.Ordinal);
        var helo = said < 0 ? default : text[(said + 5)..];
        var end = helo.IndexOfAny(' ', ')');
        if (end >= 0) helo = helo[..end];
        var named = DomainName.TryParse(first.ToString(), out var name);
        if (said < 0) helo = named ? first : $"[{client}]";
        return new TopReceived(helo.ToString(), client, named ? name : null, named ? "pass" : "fail", time);
    }

    // "(mail.example.com [192.0.2.1])" had a confirmed name, "(unknown [192.0.2.1])" had none; other forms do not say.
    private static (DomainName? Name, string Result) Reverse(ReadOnlySpan<char> before)
    {
        var bracket = before.LastIndexOf('(');
        if (bracket < 0) return (null, "none");
        var word = before[(bracket + 1)..].Trim();
        if (word.Equals("unknown", StringComparison.OrdinalIgnoreCase)) return (null, "fail");
        return word.Contains('.') && DomainName.TryParse(word.ToString(), out var name) ? (name, "pass") : (null, "none");
    }

    private static ReadOnlySpan<char> StripPrefix(ReadOnlySpan<char> literal) =>
        literal.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? literal[5..] : literal;

    private static DateTimeOffset? TimeOf(string field)
    {
        var semicolon = field.LastIndexOf(';');
        if (semicolon < 0) return null;
        return MimeKit.Utils.DateUtils.TryParse(field[(semicolon + 1)..].Trim(), out var time) ? time : null;
    }
}
