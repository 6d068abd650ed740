using Sternpost.Messages.Addresses;

namespace Sternpost.Smtp.Policy.Submission;

/// <summary>What policy must know of the header of a message that a user sends.</summary>
internal sealed record SubmittedHeader
{
    /// <summary>Why the message cannot be sent as it is, for the reply; null where nothing is wrong.</summary>
    internal string? Problem { get; private init; }

    /// <summary>Everybody the message claims to be from: the mailboxes of From and of Sender.</summary>
    internal IReadOnlyList<EmailAddress> Authors { get; private init; } = [];

    internal bool HasDate { get; private init; }

    internal bool HasMessageId { get; private init; }

    internal static SubmittedHeader Read(ReadOnlySpan<byte> message)
    {
        var authors = new List<EmailAddress>(1);
        var (from, sender, date, id) = (0, 0, false, false);
        var fields = new HeaderFields(message);
        while (fields.Next())
        {
            // What stands there is read by some programs as text and skipped by others, with the fields that follow.
            if (fields.Name.IsEmpty) return Refuse("The header of the message holds a line that is not a header field; the sending program is at fault");
            if (fields.Is("From"u8))
            {
                if (++from > 1) return Refuse("The message has more than one From field (RFC 5322 3.6.2 wants exactly one)");
                if (!MailboxList.TryRead(fields.Value, authors) || authors.Count == 0) return Refuse("The From field of the message is not a list of addresses (RFC 5322 3.6.2)");
            }
            else if (fields.Is("Sender"u8))
            {
                if (++sender > 1 || !MailboxList.TryRead(fields.Value, authors)) return Refuse("The Sender field of the message is not one address (RFC 5322 3.6.2)");
            }
            else if (fields.Is("Date"u8)) date = true;
            else if (fields.Is("Message-ID"u8)) id = true;
        }
        if (from == 0) return Refuse("The message has no From field (RFC 5322 3.6.2 wants exactly one)");
        return new SubmittedHeader { Authors = authors, HasDate = date, HasMessageId = id };
    }

    private static SubmittedHeader Refuse(string problem) => new() { Problem = problem };
}
