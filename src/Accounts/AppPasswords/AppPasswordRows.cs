using System.Data.Common;
using Sternpost.Storage;

namespace Sternpost.Accounts.AppPasswords;

/// <summary>The rows of app passwords.</summary>
internal static class AppPasswordRows
{
    internal static void Insert(Sql sql, AppPassword made) => sql.Execute(
        $"insert into app_passwords (id, account_id, name, verifier, created, scram) values ({made.Id}, {made.AccountId}, {made.Name}, {made.Verifier}, {made.Created.ToUnixTimeMilliseconds()}, {AppScram.Write(made.Scram)})");

    /// <summary>Those that are good, of one account or of all.</summary>
    internal static List<AppPassword> Good(Sql sql, long? account) => account is { } id
        ? sql.Query($"select id, account_id, name, created, used, used_from, verifier, scram from app_passwords where account_id = {id} and ended is null order by created", Row)
        : sql.Query($"select id, account_id, name, created, used, used_from, verifier, scram from app_passwords where ended is null order by created", Row);

    internal static bool End(Sql sql, long id, long now) => sql.Execute($"update app_passwords set ended = {now} where id = {id} and ended is null") == 1;

    internal static void Used(Sql sql, long id, long now, string from) => sql.Execute($"update app_passwords set used = {now}, used_from = {from} where id = {id}");

    private static AppPassword Row(DbDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
        row.IsDBNull(4) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)), row.IsDBNull(5) ? null : row.GetString(5))
    { Verifier = row.GetFieldValue<byte[]>(6), Scram = row.IsDBNull(7) ? [] : AppScram.Read(row.GetFieldValue<byte[]>(7)) };
}
