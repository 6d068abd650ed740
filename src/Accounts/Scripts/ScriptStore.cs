using Sternpost.Storage;

namespace Sternpost.Accounts.Scripts;

/// <summary>
/// The Sieve scripts of accounts (RFC 5804 §1.4 to §1.6). Knows nothing of their language: whoever stores one has compiled it before.
/// They go with their account, which <see cref="AccountDirectory"/> sees to.
/// </summary>
public sealed class ScriptStore(Database database, TimeProvider time)
{
    /// <summary>Most scripts of one account.</summary>
    public const int MaxScripts = 50;

    /// <summary>Most octets of one script.</summary>
    public const int MaxOctets = 1 << 20;

    private readonly ScriptMemory memory = new(database, time);

    /// <summary>
    /// The script that an account's mail is filtered by, or null. From memory where the account was asked for lately; a change made by this
    /// process counts at once, one by another process within a second.
    /// </summary>
    public ValueTask<ActiveScript?> ActiveAsync(long accountId, CancellationToken cancellation) => memory.ActiveAsync(accountId, cancellation);

    /// <summary>The account's scripts by name.</summary>
    public async ValueTask<IReadOnlyList<StoredScript>> ListAsync(long accountId, CancellationToken cancellation) =>
        await database.ReadAsync(sql => ScriptRows.All(sql, accountId), cancellation).ConfigureAwait(false);

    /// <summary>A script's text as it was stored; null where there is none of the name.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(long accountId, ScriptName name, CancellationToken cancellation) =>
        await database.ReadAsync(sql => ScriptRows.Content(sql, accountId, name), cancellation).ConfigureAwait(false) is { } content ? content : default(ReadOnlyMemory<byte>?);

    /// <summary>Whether a script of that name and so many octets could be stored: <see cref="StoreOutcome.Done"/>, or what would hinder it.</summary>
    public ValueTask<StoreOutcome> HasSpaceAsync(long accountId, ScriptName name, long size, CancellationToken cancellation) =>
        database.ReadAsync(sql => Room(sql, accountId, name, size), cancellation);

    /// <summary>Stores a script, in the place of one of the same name, which stays active where it was.</summary>
    public ValueTask<StoreOutcome> PutAsync(long accountId, ScriptName name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var (id, now) = (database.NextId(), time.GetUtcNow().ToUnixTimeMilliseconds());
        var octets = content.ToArray();
        return ChangeAsync(
            accountId,
            sql =>
            {
                if (Room(sql, accountId, name, octets.Length) is not StoreOutcome.Done and var problem) return problem;
                sql.Execute(
                    $"""
                    insert into sieve_scripts (id, account_id, name, size, is_active, created, changed, content)
                    values ({id}, {accountId}, {name.Value}, {(long)octets.Length}, {false}, {now}, {now}, {octets})
                    on conflict (account_id, name) do update set size = excluded.size, changed = excluded.changed, content = excluded.content
                    """);
                return StoreOutcome.Done;
            },
            cancellation);
    }

    /// <summary>Makes a script the one that mail is filtered by; null for none at all.</summary>
    public ValueTask<StoreOutcome> ActivateAsync(long accountId, ScriptName? name, CancellationToken cancellation) => ChangeAsync(
        accountId,
        sql =>
        {
            if (name is not null && ScriptRows.Find(sql, accountId, name) is null) return StoreOutcome.NonExistent;
            sql.Execute($"update sieve_scripts set is_active = {false} where account_id = {accountId} and is_active");
            if (name is not null) sql.Execute($"update sieve_scripts set is_active = {true} where account_id = {accountId} and name = {name.Value}");
            return StoreOutcome.Done;
        },
        cancellation);

    /// <summary>Gives a script another name; it stays active where it was (RFC 5804 §2.11).</summary>
    public ValueTask<StoreOutcome> RenameAsync(long accountId, ScriptName name, ScriptName fresh, CancellationToken cancellation) => ChangeAsync(
        accountId,
        sql =>
        {
            if (ScriptRows.Find(sql, accountId, name) is not { } script) return StoreOutcome.NonExistent;
            if (ScriptRows.Find(sql, accountId, fresh) is not null) return StoreOutcome.AlreadyExists;
            sql.Execute($"update sieve_scripts set name = {fresh.Value} where id = {script.Id}");
            return StoreOutcome.Done;
        },
        cancellation);

    /// <summary>Removes a script that is not active (RFC 5804 §2.10).</summary>
    public ValueTask<StoreOutcome> RemoveAsync(long accountId, ScriptName name, CancellationToken cancellation) => ChangeAsync(
        accountId,
        sql =>
        {
            if (ScriptRows.Find(sql, accountId, name) is not { } script) return StoreOutcome.NonExistent;
            if (script.IsActive) return StoreOutcome.Active;
            sql.Execute($"delete from sieve_scripts where id = {script.Id}");
            return StoreOutcome.Done;
        },
        cancellation);

    /// <summary>Lets no script sort an account's mail where the active one was written after a moment, inside the caller's transaction; answers its name, or null.</summary>
    public static string? DeactivateWrittenSince(Sql sql, long accountId, DateTimeOffset since)
    {
        var name = sql.First($"select name from sieve_scripts where account_id = {accountId} and is_active and changed >= {since.ToUnixTimeMilliseconds()}", row => row.GetString(0));
        if (name is null) return null;
        sql.Execute($"update sieve_scripts set is_active = {false} where account_id = {accountId} and is_active");
        ScriptRows.RaiseVersion(sql, accountId);
        return name;
    }

    /// <summary>Takes that back, where the script is there still and no other has become active.</summary>
    public static void Reactivate(Sql sql, long accountId, string name)
    {
        if (ScriptRows.Active(sql, accountId) is not null) return;
        if (sql.Execute($"update sieve_scripts set is_active = {true} where account_id = {accountId} and name = {name}") > 0) ScriptRows.RaiseVersion(sql, accountId);
    }

    /// <summary>What is wrong with the rows, a sentence each.</summary>
    public static IReadOnlyList<string> Check(Sql sql) =>
    [
        .. sql.Query($"select account_id, name from sieve_scripts where size != length(content)", row => $"The script '{row.GetString(1)}' of account {row.GetInt64(0)} is not as long as it was when it was stored."),
        .. sql.Query($"select distinct account_id from sieve_scripts where account_id not in (select id from accounts)", row => $"There are scripts of account {row.GetInt64(0)}, which does not exist."),
    ];

    private static StoreOutcome Room(Sql sql, long accountId, ScriptName name, long size)
    {
        if (size == 0) return StoreOutcome.Empty;
        if (size > MaxOctets) return StoreOutcome.TooLarge;
        if (sql.First($"select count(*) from accounts where id = {accountId}", row => row.GetInt64(0)) == 0) return StoreOutcome.NoAccount;
        if (ScriptRows.Find(sql, accountId, name) is not null) return StoreOutcome.Done;
        return sql.First($"select count(*) from sieve_scripts where account_id = {accountId}", row => row.GetInt64(0)) < MaxScripts ? StoreOutcome.Done : StoreOutcome.TooMany;
    }

    private ValueTask<StoreOutcome> ChangeAsync(long accountId, Func<Sql, StoreOutcome> change, CancellationToken cancellation) => database.WriteAsync(
        sql =>
        {
            var outcome = change(sql);
            if (outcome != StoreOutcome.Done) return outcome;
            ScriptRows.RaiseVersion(sql, accountId);
            sql.AfterCommit(memory.Changed);
            return outcome;
        },
        cancellation);
}
