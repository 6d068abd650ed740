using System.Collections.Concurrent;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Queue.Intake;
using Sternpost.Smtp.Intake;
using Sternpost.Storage;

namespace Sternpost.Queue.Gateway;

/// <summary>A message that went through the gateway.</summary>
/// <param name="Id">Its id, as the log and <c>trace</c> show it.</param>
/// <param name="MessageId">Its Message-ID without brackets; may be empty.</param>
/// <param name="Junk">It was marked as junk.</param>
public sealed record Passed(long Id, string MessageId, bool Junk);

/// <summary>
/// What went through this gateway to mailboxes that it learns from. A lesson of somebody's Junk folder counts only for mail that is written down
/// here: everything else in that folder came another way, and anybody can put a message there.
/// </summary>
public sealed class PassedMail(Database database, IReadOnlyCollection<DomainName> domains, DomainName hostName, TimeProvider time)
{
    /// <summary>How long a message is remembered: what lies longer in Junk teaches nothing new.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(60);

    private readonly ConcurrentDictionary<string, long> lessons = new();

    /// <summary>The account under which the lessons of a mailbox are kept; null where the gateway does not learn from it.</summary>
    public async ValueTask<long?> LessonsOfAsync(EmailAddress recipient, CancellationToken cancellation)
    {
        if (!domains.Contains(recipient.Domain)) return null;
        if (lessons.TryGetValue(recipient.Key, out var known)) return known;
        var id = await database.ReadAsync(sql => WatchedRows.Find(sql, recipient.Key), cancellation).ConfigureAwait(false);
        // Only what is there is remembered; the first message makes the mailbox.
        return id == 0 ? null : lessons.GetOrAdd(recipient.Key, -id);
    }

    /// <summary>Finds the message that a header belongs to: by the session that our Received field names, else by its Message-ID.</summary>
    /// <param name="header">Octets of the header, at least of its Received and Message-ID fields.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public ValueTask<Passed?> FindAsync(ReadOnlyMemory<byte> header, CancellationToken cancellation)
    {
        var session = HeaderBlock.SessionOf(header.Span, hostName.Ascii);
        var messageId = HeaderBlock.MessageId(header.Span);
        if (session is null && messageId.Length == 0) return default;
        return database.ReadAsync(sql => WatchedRows.FindPassed(sql, session, messageId), cancellation);
    }

    /// <summary>The message as this gateway passed it on, out of a copy to which servers behind have added: from our own trace on.</summary>
    public ReadOnlyMemory<byte> AsPassed(ReadOnlyMemory<byte> copy) => PassedCopy.Cut(copy, hostName.Ascii);

    /// <summary>Writes a message down, and its recipients as mailboxes to look at.</summary>
    internal void Note(Sql sql, long id, IncomingMessage message, IReadOnlyList<EmailAddress> recipients, bool junk)
    {
        if (!recipients.Any(recipient => domains.Contains(recipient.Domain))) return;
        sql.Execute($"insert into passed_mail (id, session, message_id, junk, passed) values ({id}, {message.Session.SessionId}, {HeaderBlock.MessageId(message.Content.Span)}, {junk}, {time.GetUtcNow().ToUnixTimeMilliseconds()})");
        foreach (var recipient in recipients)
        {
            if (domains.Contains(recipient.Domain) && !lessons.ContainsKey(recipient.Key)) WatchedRows.Add(sql, database.NextId(), recipient.Key);
        }
    }
}
