using System.Text.Json;
using Sternpost.Abuse.Holds;
using Sternpost.Messages.Addresses;
using Sternpost.Messages.Envelopes;
using Sternpost.Queue.Schedule;
using Sternpost.Queue.TransportSecurity;
using Sternpost.Storage;

namespace Sternpost.Queue.Containment;

/// <summary>
/// Takes mail out of the queue and can put it back. What is out of the queue no schedule sends, no command releases and no expiry bounces;
/// its content keeps the place it has, because the hold on it is taken along.
/// </summary>
internal static class ParkedMail
{
    private sealed record Message(
        int Origin, long? AccountId, string? ReversePath, int Body, bool SmtpUtf8, int Return, string? EnvelopeId, int Transport, long Size, long Created, long Expires, long BlobId, IReadOnlyList<Recipient> Recipients);

    private sealed record Recipient(string Address, int Notify, string? OriginalRecipient, int Attempts, string? LastReply, bool Warned);

    /// <summary>Takes a message out; answers the recipients it was still owed to.</summary>
    internal static IReadOnlyList<string> Take(Sql sql, long containment, long id)
    {
        HoldRows.Delete(sql, id);
        if (QueueRows.Message(sql, id) is not { } message || QueueRows.Prefix(sql, id) is not { } prefix) return [];
        var recipients = QueueRows.Recipients(sql, id);
        var parked = new Message(
            (int)message.Origin, message.AccountId, message.ReversePath?.ToString(), (int)message.Body, message.SmtpUtf8, (int)message.Return, message.EnvelopeId, (int)message.Transport, message.Size,
            message.Created.ToUnixTimeMilliseconds(), message.Expires.ToUnixTimeMilliseconds(), message.BlobId,
            [.. recipients.Select(recipient => new Recipient(recipient.Recipient.Address.ToString(), (int)recipient.Recipient.Notify, recipient.Recipient.OriginalRecipient, recipient.Attempts, recipient.LastReply, recipient.Warned))]);
        ContainmentRows.Park(sql, containment, id, JsonSerializer.Serialize(parked), prefix);
        QueueRows.TakeOut(sql, id);
        return [.. parked.Recipients.Select(recipient => recipient.Address)];
    }

    /// <summary>Puts everything back into the queue, due now; answers the domains that have mail again.</summary>
    internal static IReadOnlyList<string> PutBack(Sql sql, Database database, long containment, DateTimeOffset now)
    {
        var domains = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (id, json, prefix) in ContainmentRows.Parked(sql, containment))
        {
            var parked = JsonSerializer.Deserialize<Message>(json)!;
            // The time it was out of the queue is not held against it.
            var expires = now + (DateTimeOffset.FromUnixTimeMilliseconds(parked.Expires) - DateTimeOffset.FromUnixTimeMilliseconds(parked.Created));
            var message = new QueuedMessage
            {
                Id = id,
                BlobId = parked.BlobId,
                Origin = (QueueOrigin)parked.Origin,
                AccountId = parked.AccountId,
                ReversePath = parked.ReversePath is null ? null : EmailAddress.Parse(parked.ReversePath),
                Body = (BodyKind)parked.Body,
                SmtpUtf8 = parked.SmtpUtf8,
                Return = (DsnReturn)parked.Return,
                EnvelopeId = parked.EnvelopeId,
                Transport = (TransportNeed)parked.Transport,
                Size = parked.Size,
                Created = now,
                Expires = expires,
            };
            List<QueuedRecipient> recipients = [.. parked.Recipients.Select(recipient => new QueuedRecipient(
                database.NextId(), id, new EnvelopeRecipient(EmailAddress.Parse(recipient.Address), (DsnNotify)recipient.Notify, recipient.OriginalRecipient), recipient.Attempts, now, null, Held: false, recipient.Warned))];
            QueueRows.Insert(sql, message, prefix, recipients);
            domains.UnionWith(recipients.Select(recipient => recipient.Recipient.Address.Domain.Ascii));
        }
        ContainmentRows.ForgetParked(sql, containment);
        return [.. domains];
    }

    /// <summary>Throws it away; answers how many messages.</summary>
    internal static int Discard(Sql sql, Blobs blobs, long containment)
    {
        var parked = ContainmentRows.Parked(sql, containment);
        foreach (var (_, json, _) in parked) blobs.Release(sql, JsonSerializer.Deserialize<Message>(json)!.BlobId);
        ContainmentRows.ForgetParked(sql, containment);
        return parked.Count;
    }
}
