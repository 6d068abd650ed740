using System.Globalization;
using Sternpost.Dns;
using Sternpost.Queue.Bounces;
using Sternpost.Smtp.Client;

namespace Sternpost.Queue.Replies;

/// <summary>Finds the cause behind a reply, a status, or what the queue has written down of an attempt.</summary>
public static class DeliveryCauses
{
    // What Settlement writes between the host and its reply.
    private const string Mark = " answered: ";

    /// <summary>The cause of a result.</summary>
    /// <param name="host">Who answered, or whom it was about.</param>
    /// <param name="status">RFC 3463.</param>
    /// <param name="reply">What the server said; null where it said nothing.</param>
    /// <param name="domain">The recipient's domain, which the words name.</param>
    public static DeliveryCause Of(string host, string status, SmtpReply? reply, DomainName domain) =>
        Said(reply is not null && ProviderReplies.Find(host, $"{reply.Code} {reply.Status} {reply.ToLine()}") is { } known ? known : OfStatus(status, reply?.Code), domain);

    /// <summary>The same where nobody reads the words.</summary>
    internal static DeliveryCause OfReply(string host, string status, SmtpReply reply) =>
        ProviderReplies.Find(host, $"{reply.Code} {reply.Status} {reply.ToLine()}") ?? OfStatus(status, reply.Code);

    /// <summary>The cause of what another server's notification says.</summary>
    internal static DeliveryCause OfDiagnostic(string host, string? status, string? diagnostic, DomainName domain)
    {
        if (diagnostic is not null && ProviderReplies.Find(host, $"{diagnostic} {status}") is { } known) return Said(known, domain);
        int? code = diagnostic is { Length: >= 3 } && int.TryParse(diagnostic.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        return Said(OfStatus(status ?? "5.0.0", code), domain);
    }

    /// <summary>The cause of what was written down of an attempt: <c>HOST answered: 550 5.1.1 …</c>. Null where no server said it, so that the words explain themselves.</summary>
    public static DeliveryCause? OfRecorded(string recorded, DomainName domain)
    {
        var at = recorded.IndexOf(Mark, StringComparison.Ordinal);
        if (at < 0) return null;
        var (host, reply) = (recorded[..at], recorded[(at + Mark.Length)..]);
        var words = reply.Split(' ', 3);
        if (!int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var code)) return null;
        if (ProviderReplies.Find(host, reply) is { } known) return Said(known, domain);
        var status = words.Length > 1 && words[1].Count(c => c == '.') == 2 && words[1].All(c => c == '.' || char.IsAsciiDigit(c)) ? words[1] : $"{code / 100}.0.0";
        return Said(OfStatus(status, code), domain);
    }

    /// <summary>A cause by its id; null for one that this release does not know.</summary>
    /// <param name="id">As in <see cref="DeliveryCause.Id"/>.</param>
    /// <param name="domain">The domain its words are about.</param>
    public static DeliveryCause? Find(string id, DomainName domain)
    {
        if (ProviderReplies.All.FirstOrDefault(cause => cause.Id == id) is { } known) return Said(known, domain);
        return id.StartsWith(StatusPrefix, StringComparison.Ordinal) ? Said(OfStatus("5." + id[StatusPrefix.Length..], null), domain) : null;
    }

    private const string StatusPrefix = "status.";

    private static DeliveryCause OfStatus(string status, int? code)
    {
        var (detail, words) = Explanations.Of(status, code);
        return new DeliveryCause(StatusPrefix + detail, KindOf(detail), "", words.Cause, words.Remedy, "", null);
    }

    private static DeliveryCause Said(DeliveryCause cause, DomainName domain) =>
        cause with { Cause = string.Format(CultureInfo.InvariantCulture, cause.Cause, domain.Unicode), Remedy = string.Format(CultureInfo.InvariantCulture, cause.Remedy, domain.Unicode) };

    // RFC 3463 §3: subject.detail.
    private static CauseKind KindOf(string detail) => detail switch
    {
        "1.2" or "1.10" or "4.3" or "4.4" => CauseKind.Dns,
        "1.8" => CauseKind.Policy,
        "2.1" => CauseKind.MailboxClosed,
        "2.2" => CauseKind.MailboxFull,
        "2.3" or "3.4" => CauseKind.Size,
        "4.1" or "4.2" or "4.7" or "3.2" => CauseKind.Unreachable,
        "5.3" => CauseKind.Rate,
        "6.3" or "6.7" => CauseKind.Content,
        "7.5" or "7.10" or "7.30" => CauseKind.Tls,
        "7.20" or "7.23" or "7.26" => CauseKind.Authentication,
        "7.25" => CauseKind.ReverseDns,
        ['1', '.', ..] => CauseKind.UnknownRecipient,
        ['7', '.', ..] => CauseKind.Policy,
        _ => CauseKind.Other,
    };
}
