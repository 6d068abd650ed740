using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sternpost.Storage;

namespace Sternpost.Accounts.Sessions;

/// <summary>A browser's sign-in.</summary>
/// <param name="Id">Of the session; not the token.</param>
/// <param name="Agent">What the browser calls itself.</param>
/// <param name="Client">Where it signed in from.</param>
/// <param name="LastUsed">When it was used last, to the hour.</param>
public sealed record WebSession(long Id, string Agent, string Client, DateTimeOffset LastUsed);

/// <summary>
/// Sign-ins that last: a token takes the password's place, so that no browser keeps the password. Only a digest of the token is stored; it
/// ends with the password it was given for, with the account, and after thirty days in which nobody used it.
/// </summary>
public sealed class WebSessions(Database database, AccountDirectory directory, TimeProvider time)
{
    private const int TokenOctets = 32;
    private const int MostPerAccount = 50;
    private static readonly TimeSpan Lasting = TimeSpan.FromDays(30);
    private static readonly TimeSpan NoteUseEvery = TimeSpan.FromHours(1);

    /// <summary>Begins a session for an account that has just signed in; answers the token.</summary>
    public async ValueTask<string> BeginAsync(Account account, string agent, IPAddress client, CancellationToken cancellation)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenOctets));
        var snapshot = await directory.CurrentAsync(cancellation).ConfigureAwait(false);
        var password = PasswordMark(snapshot.Account(account.Address));
        var now = time.GetUtcNow();
        await database.WriteAsync(
            sql =>
            {
                sql.Execute($"""
                    insert into web_sessions (id, account_id, token_hash, password_hash, agent, client, last_used, expires)
                    values ({database.NextId()}, {account.Id}, {Digest(token)}, {password}, {Short(agent)}, {client.ToString()}, {now.ToUnixTimeMilliseconds()}, {(now + Lasting).ToUnixTimeMilliseconds()})
                    """);
                // The oldest make room, and what has ended goes.
                sql.Execute($"delete from web_sessions where account_id = {account.Id} and (expires < {now.ToUnixTimeMilliseconds()} or id not in (select id from web_sessions where account_id = {account.Id} order by last_used desc limit {(long)MostPerAccount}))");
                return 0;
            },
            cancellation).ConfigureAwait(false);
        return token;
    }

    /// <summary>The account and session behind a token; null where there is none, or no longer.</summary>
    public async ValueTask<(Account Account, long SessionId)?> FindAsync(string token, CancellationToken cancellation)
    {
        if (token.Length is 0 or > 100) return null;
        var digest = Digest(token);
        var found = await database.ReadAsync(
            sql => sql.First(
                $"select s.id, a.address, s.password_hash, s.last_used, s.expires from web_sessions s join accounts a on a.id = s.account_id where s.token_hash = {digest}",
                row => (Id: row.GetInt64(0), Address: row.GetString(1), Password: row.GetFieldValue<byte[]>(2), LastUsed: row.GetInt64(3), Expires: row.GetInt64(4))),
            cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow();
        if (found.Address is null || found.Expires < now.ToUnixTimeMilliseconds()) return null;
        var snapshot = await directory.CurrentAsync(cancellation).ConfigureAwait(false);
        var entry = snapshot.Account(Messages.Addresses.EmailAddress.Parse(found.Address));
        if (entry is null || entry.Account.Status != AccountStatus.Active || Database.TimeOf(found.Id) < entry.SessionsFrom || !CryptographicOperations.FixedTimeEquals(PasswordMark(entry), found.Password)) return null;
        if (now - DateTimeOffset.FromUnixTimeMilliseconds(found.LastUsed) > NoteUseEvery)
        {
            await database.WriteAsync(
                sql => sql.Execute($"update web_sessions set last_used = {now.ToUnixTimeMilliseconds()}, expires = {(now + Lasting).ToUnixTimeMilliseconds()} where id = {found.Id}"),
                cancellation).ConfigureAwait(false);
        }
        return (entry.Account, found.Id);
    }

    /// <summary>Ends the session of a token.</summary>
    public async ValueTask EndAsync(string token, CancellationToken cancellation)
    {
        var digest = Digest(token);
        await database.WriteAsync(sql => sql.Execute($"delete from web_sessions where token_hash = {digest}"), cancellation).ConfigureAwait(false);
    }

    /// <summary>The sessions of an account, the one used last first.</summary>
    public ValueTask<List<WebSession>> OfAsync(long accountId, CancellationToken cancellation) => database.ReadAsync(
        sql => sql.Query(
            $"select id, agent, client, last_used from web_sessions where account_id = {accountId} and expires > {time.GetUtcNow().ToUnixTimeMilliseconds()} order by last_used desc",
            row => new WebSession(row.GetInt64(0), row.GetString(1), row.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)))),
        cancellation);

    /// <summary>Ends one session of an account by its id, or all where that is null.</summary>
    public async ValueTask EndAsync(long accountId, long? sessionId, CancellationToken cancellation) => await database.WriteAsync(
        sql => sessionId is { } id
            ? sql.Execute($"delete from web_sessions where account_id = {accountId} and id = {id}")
            : sql.Execute($"delete from web_sessions where account_id = {accountId}"),
        cancellation).ConfigureAwait(false);

    /// <summary>Ends all sessions of an account that is being removed.</summary>
    public static void RemoveAccount(Sql sql, long accountId) => sql.Execute($"delete from web_sessions where account_id = {accountId}");

    // The token has all the chance a digest needs; no salt and no slow hash.
    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static byte[] PasswordMark(AccountEntry? entry) => SHA256.HashData(Encoding.UTF8.GetBytes("session\n" + entry?.Password.Hash));

    private static string Short(string agent) => string.Concat(agent.Where(c => !char.IsControl(c)).Take(200));
}
