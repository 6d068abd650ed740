using Sternpost.Mailboxes.Rows;
using Sternpost.Storage;

namespace Sternpost.Mailboxes.Objects;

/// <summary>One account in one snapshot.</summary>
public sealed class ObjectReader
{
    private readonly Sql sql;
    private readonly Blobs blobs;
    private readonly long accountId;

    internal ObjectReader(Sql sql, Blobs blobs, AccountView view, long accountId)
    {
        this.sql = sql;
        this.blobs = blobs;
        this.accountId = accountId;
        View = view;
    }

    /// <summary>Its emails and threads.</summary>
    public AccountView View { get; }

    /// <summary>The transaction, for stores beside this one that must see the same.</summary>
    public Sql Sql => sql;

    /// <summary>The state of a kind (RFC 8620 §5.1).</summary>
    public long State(ObjectKind kind) => AccountLog.Last(sql, accountId, ObjectChanges.Mask(kind));

    /// <summary>Its mailboxes, by name.</summary>
    public IReadOnlyList<Mailbox> Mailboxes() => MailboxRows.OfAccount(sql, accountId);

    /// <summary>A message's stored facts; null where it is gone.</summary>
    public StoredEmail? Stored(long emailId) => EmailRows.Find(sql, blobs, emailId) is { } email && email.AccountId == accountId ? email : null;

    /// <summary>A message's octets, added header lines first; null where it is gone.</summary>
    public byte[]? Content(long emailId) => EmailRows.Content(sql, blobs, emailId);

    /// <summary>Octets of a message from an offset, added header lines first; null where it is gone.</summary>
    public byte[]? Content(long emailId, long offset, int length) => EmailRows.Content(sql, blobs, emailId, offset, length);

    /// <summary>What changed since a state; null where that cannot be told.</summary>
    /// <param name="kind">Of what.</param>
    /// <param name="since">A state given out before.</param>
    /// <param name="most">So many objects at most, if need be in several answers.</param>
    public ObjectChanges? Changes(ObjectKind kind, long since, int most) => ObjectChanges.Since(sql, View, accountId, kind, since, most);

    /// <summary>The account's quota and what is used of it, in octets; a quota of 0 is none.</summary>
    public (long Quota, long Used) Quota() =>
        sql.First($"select quota_bytes, used_bytes from accounts where id = {accountId}", row => (row.GetInt64(0), row.GetInt64(1)));
}
