using Sternpost.Abuse.Holds;
using Sternpost.Mailboxes;
using Sternpost.Queue.Schedule;
using Sternpost.Storage;

namespace Sternpost.Queue.Intake;

/// <summary>Everything a message becomes, made ready outside the transaction so that the writer thread does only SQL.</summary>
internal sealed class PlannedMessage
{
    /// <summary>The id in logs, traces and the queue.</summary>
    internal required long Id { get; init; }

    /// <summary>The parsed message; null where no copy stays here.</summary>
    internal PreparedEmail? Email { get; init; }

    /// <summary>The copies that stay here.</summary>
    internal IReadOnlyList<DeliveryTarget> Targets { get; init; } = [];

    /// <summary>The queue's message; null where no copy leaves.</summary>
    internal QueuedMessage? Outgoing { get; init; }

    /// <summary>Its recipients.</summary>
    internal IReadOnlyList<QueuedRecipient> Recipients { get; init; } = [];

    /// <summary>Header lines before the content for those who leave.</summary>
    internal ReadOnlyMemory<byte> OutgoingPrefix { get; init; }

    /// <summary>The message without added header lines: <see cref="Email"/>'s where a copy stays here, so that one blob serves both.</summary>
    internal required PreparedBlob Blob { get; init; }

    /// <summary>Writes down its way and what is remembered of it in the same transaction; null where nothing is written down.</summary>
    internal Action<Sql>? WriteTrail { get; init; }

    /// <summary>Writes it; answers where the local copies lie. What leaves stays in the queue while it is held.</summary>
    internal IReadOnlyList<DeliveredEmail> Write(Sql sql, MailStore mail, Blobs blobs, QueueSignal signal, Hold? hold = null)
    {
        WriteTrail?.Invoke(sql);
        var delivered = Email is not null && Targets.Count > 0 ? mail.Deliver(sql, Email, Targets) : [];
        if (Outgoing is null) return delivered;
        blobs.Put(sql, Blob);
        if (hold is not null)
        {
            QueueRows.Insert(sql, Outgoing, OutgoingPrefix, [.. Recipients.Select(recipient => recipient with { Held = true, LastReply = "held: " + hold.Reason })]);
            return delivered;
        }
        QueueRows.Insert(sql, Outgoing, OutgoingPrefix, Recipients);
        sql.AfterCommit(() => signal.Raise(Recipients.Select(recipient => recipient.Recipient.Address.Domain.Ascii)));
        return delivered;
    }
}
