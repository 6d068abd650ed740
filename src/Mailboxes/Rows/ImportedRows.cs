using Sternpost.Storage;

namespace Sternpost.Mailboxes.Rows;

/// <summary>What was brought from elsewhere before.</summary>
internal static class ImportedRows
{
    internal static bool IsKnown(Sql sql, long accountId, byte[] source) =>
        sql.First($"select 1 from imported where account_id = {accountId} and source = {source}", row => row.GetInt32(0)) != 0;

    internal static void Insert(Sql sql, long accountId, byte[] source) =>
        sql.Execute($"insert into imported (account_id, source) values ({accountId}, {source})");

    internal static void DeleteAll(Sql sql, long accountId) => sql.Execute($"delete from imported where account_id = {accountId}");
}
