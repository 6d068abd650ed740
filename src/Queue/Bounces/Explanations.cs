using System.Collections.Frozen;

namespace Sternpost.Queue.Bounces;

/// <summary>What a status means to the person who wrote the message, and what that person can do.</summary>
/// <param name="Cause">Goes on after "…was not delivered:"; {0} is the recipient's domain.</param>
/// <param name="Remedy">A sentence.</param>
internal sealed record Explanation(string Cause, string Remedy);

/// <summary>RFC 3463 statuses, and the bare SMTP codes of servers that send none, in plain words.</summary>
internal static class Explanations
{
    private const string TryLater = "Send the message again later, or reach the recipient in another way.";

    private static readonly Explanation Unknown = new("the recipient's mail server did not take it", "The words of that server, below, say why. If they do not help, show them to your administrator.");

    // Keyed by subject.detail: the class only says whether it was final, and by the time of a notification it is.
    private static readonly FrozenDictionary<string, Explanation> ByDetail = new Dictionary<string, Explanation>
    {
        ["1.0"] = new("the address was not accepted", "Check the address for typing errors, then send the message again."),
        ["1.1"] = new("there is no mailbox with that name at {0}", "Check the part before the @ for typing errors, then send the message again."),
        ["1.2"] = new("there is no domain {0}", "Check the part after the @ for typing errors, then send the message again."),
        ["1.3"] = new("the address is not written correctly", "Correct the address, then send the message again."),
        ["1.6"] = new("the mailbox has moved away", "Ask the recipient for the new address."),
        ["1.8"] = new("the recipient's server does not accept your own address", "Show this notice to your administrator: the DNS records of your domain may be incomplete."),
        ["1.10"] = new("{0} takes no mail at all", "Check the part after the @ for typing errors, or ask the recipient for another address."),
        ["2.0"] = new("the mailbox does not take it", TryLater),
        ["2.1"] = new("the mailbox is closed", "Ask the recipient for another address."),
        ["2.2"] = new("the recipient's mailbox is full", "Tell the recipient in another way, and send the message again when there is room."),
        ["2.3"] = new("the message is too large for that mailbox", "Send smaller attachments, or a link to them."),
        ["3.0"] = new("the recipient's mail server has a fault", TryLater),
        ["3.2"] = new("the recipient's mail server takes no mail now", TryLater),
        ["3.1"] = new("the recipient's server has no room left", TryLater),
        ["3.4"] = new("the message is larger than the recipient's server takes", "Send smaller attachments, or a link to them."),
        ["4.1"] = new("the recipient's mail server could not be reached", "Check the part after the @ for typing errors. If it is right, send the message again later."),
        ["4.2"] = new("the connection to the recipient's mail server broke off", TryLater),
        ["4.3"] = new("the address book of the Internet (DNS) gave no answer for {0}", "Check the part after the @ for typing errors. If it is right, send the message again later."),
        ["4.4"] = new("no mail server could be found for {0}", "Check the part after the @ for typing errors, or ask the recipient for another address."),
        ["4.6"] = new("the mail would go round in circles", "Show this notice to your administrator: the DNS records of {0} lead back to this server."),
        ["4.7"] = new("it could not be delivered in the time allowed", "Send it again, or reach the recipient in another way."),
        ["5.0"] = new("the recipient's mail server answered something that is not SMTP", TryLater),
        ["5.3"] = new("it had more recipients than the recipient's server takes", "Send it to fewer recipients at a time."),
        ["6.3"] = new("the recipient's mail server cannot take its 8-bit text", "Send it without special characters, or ask the recipient for another address."),
        ["6.7"] = new("the recipient's mail server cannot handle addresses with letters outside English", "Use an address in plain letters, for you and for the recipient, if there is one."),
        ["7.0"] = new("the recipient's server refused it by its rules", "The words of that server, below, say why. If they do not help, show them to your administrator."),
        ["7.1"] = new("the recipient's server refused it by its rules", "The words of that server, below, say why. If the message is wanted, ask the recipient to allow it."),
        ["7.5"] = new("a protected connection could not be made", "Show this notice to your administrator."),
        ["7.10"] = new("you asked for a protected way, and the recipient's mail server offers none", "Send it without that demand if it need not be secret, or reach the recipient in another way."),
        ["7.30"] = new("you asked for a protected way to the very end, and the recipient's mail server does not promise that", "Send it without that demand if it need not be secret, or reach the recipient in another way."),
        ["7.20"] = new("its signature (DKIM) did not pass at the recipient's server", "Show this notice to your administrator."),
        ["7.23"] = new("this server is not allowed (SPF) to send for your domain", "Show this notice to your administrator."),
        ["7.25"] = new("this server's reverse DNS name is missing", "Show this notice to your administrator."),
        ["7.26"] = new("it failed the sender checks (SPF, DKIM) of the recipient's server", "Show this notice to your administrator."),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<int, string> DetailOfCode = new Dictionary<int, string>
    {
        [421] = "4.2",
        [450] = "2.0",
        [452] = "3.1",
        [521] = "1.10",
        [530] = "7.5",
        [535] = "7.0",
        [550] = "1.0",
        [551] = "1.6",
        [552] = "3.4",
        [553] = "1.3",
        [554] = "7.0",
        [556] = "1.10",
    }.ToFrozenDictionary();

    /// <summary>The explanation of a status, of the bare code where the status is unknown, or the general one; and under which subject and detail it stands.</summary>
    internal static (string Detail, Explanation Words) Of(string status, int? code)
    {
        var detail = status[(status.IndexOf('.', StringComparison.Ordinal) + 1)..];
        // x.0.0 says nothing beyond the code.
        if (detail != "0.0")
        {
            if (ByDetail.TryGetValue(detail, out var found)) return (detail, found);
            var subject = detail[..detail.IndexOf('.', StringComparison.Ordinal)] + ".0";
            if (ByDetail.TryGetValue(subject, out found)) return (subject, found);
        }
        return code is not null && DetailOfCode.TryGetValue(code.Value, out var fallback) ? (fallback, ByDetail[fallback]) : ("0.0", Unknown);
    }
}
