using System.Runtime.CompilerServices;
using Sternpost.Jmap.Content;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Objects;
using Sternpost.Messages.Content;
using Sternpost.Messages.Structure;
using Sternpost.Messages.Threads;

namespace Sternpost.Jmap.Mail;

/// <summary>What filters and sorts ask of a message's header, decoded.</summary>
internal sealed record EnvelopeText(string Subject, string SortSubject, string From, string To, string Cc, string Bcc, string SortFrom, string SortTo, long Sent, bool HasAttachment)
{
    internal static EnvelopeText Of(StoredEmail stored)
    {
        var envelope = stored.Structure.Envelope;
        var subject = EncodedWords.Decode(envelope.Subject);
        return new EnvelopeText(
            subject, BaseSubject.Of(envelope.Subject).Base, All(envelope.From), All(envelope.To), All(envelope.Cc), All(envelope.Bcc), First(envelope.From), First(envelope.To),
            (SentDates.Of(envelope) ?? stored.ReceivedAt).ToUnixTimeMilliseconds(),
            new EmailDocument(default, stored.Structure, 0).Lists.HasAttachment);
    }

    private static string All(IReadOnlyList<EnvelopeAddress> addresses) => string.Join('\n', addresses.Select(address => HeaderForms.Name(address.Name) + " " + HeaderForms.Email(address)));

    // RFC 8621 §4.4.2: the name, or where there is none the address.
    private static string First(IReadOnlyList<EnvelopeAddress> addresses)
    {
        var first = addresses.FirstOrDefault(address => address.Host is not null);
        return first is null ? "" : HeaderForms.Name(first.Name) ?? HeaderForms.Email(first);
    }
}

/// <summary>The decoded headers of an account's messages, kept as long as its view is: a message never changes. Within the view's turn only.</summary>
internal static class EnvelopeCache
{
    private static readonly ConditionalWeakTable<AccountView, Dictionary<long, EnvelopeText>> Kept = [];

    internal static EnvelopeText Of(ObjectReader reader, EmailFacts email)
    {
        var kept = Kept.GetOrCreateValue(reader.View);
        if (kept.TryGetValue(email.Id, out var text)) return text;
        // What has been deleted since is let go of now and then.
        if (kept.Count > (2 * reader.View.Count) + 1000) kept.Clear();
        return kept[email.Id] = reader.Stored(email.Id) is { } stored ? EnvelopeText.Of(stored) : new EnvelopeText("", "", "", "", "", "", "", "", email.Received, false);
    }
}
