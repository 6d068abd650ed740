using MimeKit;
using Sternpost.Messages.Addresses;

namespace Sternpost.Queue.Answers;

/// <summary>Whether a message may be answered by a machine at all (RFC 3834 §2): never what a machine sent, never a list, never one who does not read answers.</summary>
internal static class AnswerRules
{
    private static readonly string[] Machines = ["mailer-daemon", "noreply", "no-reply", "donotreply", "do-not-reply", "listserv", "majordomo", "postmaster", "bounce", "bounces"];

    internal static bool MayAnswer(EmailAddress sender, HeaderList header, Func<EmailAddress, bool> isOwn)
    {
        if (IsMachine(sender) || isOwn(sender)) return false;
        foreach (var field in header)
        {
            var name = field.Field.ToLowerInvariant();
            var value = field.Value.Trim();
            switch (name)
            {
                // RFC 3834 §5: anything but "no" was made by a machine.
                case "auto-submitted" when !value.StartsWith("no", StringComparison.OrdinalIgnoreCase):
                // What lists and bulk mailers say, before and beside RFC 3834.
                case "precedence" when value.ToLowerInvariant() is "bulk" or "list" or "junk" or "auto_reply":
                case "list-id" or "list-post" or "list-unsubscribe" or "list-help" or "list-subscribe" or "list-owner" or "list-archive":
                case "x-auto-response-suppress" when value.Contains("OOF", StringComparison.OrdinalIgnoreCase) || value.Contains("All", StringComparison.OrdinalIgnoreCase) || value.Contains("AutoReply", StringComparison.OrdinalIgnoreCase):
                case "x-autoreply" or "x-autorespond" or "feedback-id" or "x-loop":
                    return false;
            }
        }
        // RFC 3834 §2: the owner was written to by name, and not as one of a list or in blind copy.
        return header.Where(field => field.Id is HeaderId.To or HeaderId.Cc or HeaderId.ResentTo or HeaderId.ResentCc)
            .Any(field => InternetAddressList.TryParse(field.RawValue, out var list) && list.Mailboxes.Any(mailbox => EmailAddress.TryParse(mailbox.Address, out var address) && isOwn(address)));
    }

    private static bool IsMachine(EmailAddress sender)
    {
        var local = sender.LocalPart.ToLowerInvariant();
        return Machines.Contains(local) || local.StartsWith("owner-", StringComparison.Ordinal) || local.EndsWith("-request", StringComparison.Ordinal) || local.EndsWith("-bounces", StringComparison.Ordinal)
            || local.StartsWith("noreply", StringComparison.Ordinal) || local.StartsWith("no-reply", StringComparison.Ordinal);
    }
}
