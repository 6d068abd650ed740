using System.Security.Cryptography;
using System.Text;
using Sternpost.Storage;

namespace Sternpost.Accounts.Scripts;

/// <summary>What the scripts of accounts have seen before: ids of messages, and whom they answered. Written in the transaction that delivers.</summary>
public static class ScriptSightings
{
    /// <summary>What stands for a sight; kinds, handles and ids are kept apart.</summary>
    public static byte[] Digest(string kind, string handle, string id) => SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}\0{handle}\0{id}"));

    /// <summary>Whether it was seen and is remembered still.</summary>
    public static bool IsSeen(Sql sql, long accountId, byte[] digest, DateTimeOffset now) =>
        sql.First($"select until from sieve_seen where account_id = {accountId} and digest = {digest} and until > {now.ToUnixTimeMilliseconds()}", row => row.GetInt64(0)) != 0;

    /// <summary>Remembers a sight.</summary>
    public static void See(Sql sql, long accountId, byte[] digest, DateTimeOffset until) => sql.Execute(
        $"insert into sieve_seen (account_id, digest, until) values ({accountId}, {digest}, {until.ToUnixTimeMilliseconds()}) on conflict (account_id, digest) do update set until = excluded.until");

    /// <summary>Forgets what need not be remembered any more.</summary>
    public static void Forget(Sql sql, DateTimeOffset now) => sql.Execute($"delete from sieve_seen where until <= {now.ToUnixTimeMilliseconds()}");

    internal static void RemoveAccount(Sql sql, long accountId) => sql.Execute($"delete from sieve_seen where account_id = {accountId}");
}
