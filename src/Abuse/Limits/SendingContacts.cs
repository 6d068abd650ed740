using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Abuse.Limits;

/// <summary>Whom an account has written to outside, for good: what is new is what no row is there for.</summary>
internal static class SendingContacts
{
    internal static bool Knows(Sql sql, long account, EmailAddress recipient) =>
        sql.First($"select 1 from sending_contacts where account_id = {account} and recipient = {Key(recipient)}", row => row.GetInt64(0)) == 1;

    internal static void Add(Sql sql, long account, EmailAddress recipient, DateTimeOffset now) => sql.Execute(
        $"insert into sending_contacts (account_id, recipient, first_sent) values ({account}, {Key(recipient)}, {now.ToUnixTimeMilliseconds()}) on conflict (account_id, recipient) do nothing");

    /// <summary>Whoever was first written to since a moment is a stranger again.</summary>
    internal static int ForgetSince(Sql sql, long account, DateTimeOffset since) =>
        sql.Execute($"delete from sending_contacts where account_id = {account} and first_sent >= {since.ToUnixTimeMilliseconds()}");

    // Sixty-four bits: that two of an account's contacts are mistaken for one another is less likely than any error around it.
    private static long Key(EmailAddress recipient)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(recipient.Key), digest);
        return BinaryPrimitives.ReadInt64BigEndian(digest);
    }
}
