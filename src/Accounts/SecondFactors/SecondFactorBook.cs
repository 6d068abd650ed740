using System.Collections.Concurrent;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts.SecondFactors;

/// <summary>
/// What an account has beside its password: codes by time, passkeys, and recovery codes for the day those are lost. Where there is one, the
/// password alone signs nobody in: browsers are asked for the second factor, and mail programs need app passwords.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle is never asked for holds nothing to dispose.")]
public sealed class SecondFactorBook(Database database, AccountDirectory directory, TimeProvider time)
{
    private const int RecoveryCodes = 10;
    private const int MostPasskeys = 20;
    private const int LongestName = 100;
    private static readonly TimeSpan BeginLasts = TimeSpan.FromMinutes(15);

    // Secrets that were shown and of which no code has come back yet; whoever never comes back has changed nothing.
    private readonly ConcurrentDictionary<long, (byte[] Secret, long At)> begun = new();

    // One code at a time, so that a thousand at once are not all looked at before the first failure counts.
    private readonly SemaphoreSlim checking = new(1);

    /// <summary>What an account has.</summary>
    public ValueTask<SecondFactorState> StateAsync(long accountId, CancellationToken cancellation) => database.ReadAsync(
        sql => new SecondFactorState(SecondFactorRows.Codes(sql, accountId)?.Created, SecondFactorRows.Passkeys(sql, accountId),
            (int)sql.First($"select count(*) from recovery_codes where account_id = {accountId} and used is null", row => row.GetInt64(0))),
        cancellation);

    /// <summary>Begins with codes by time: answers a new secret as authenticator programs take it. It counts once a code of it is given.</summary>
    public string BeginCodes(long accountId)
    {
        var secret = OneTimeCode.NewSecret();
        begun[accountId] = (secret, time.GetTimestamp());
        return OneTimeCode.Text(secret);
    }

    /// <summary>Turns codes by time on, by a code of the secret shown before; answers the recovery codes that were made, none where there were some already. Null where the code is not right.</summary>
    public async ValueTask<IReadOnlyList<string>?> ConfirmCodesAsync(long accountId, string code, CancellationToken cancellation)
    {
        if (!begun.TryGetValue(accountId, out var known) || time.GetElapsedTime(known.At) > BeginLasts || !OneTimeCode.TryFind(known.Secret, code, time.GetUtcNow(), out var step)) return null;
        begun.TryRemove(accountId, out _);
        return await TurnOnAsync(accountId, sql =>
        {
            sql.Execute($"delete from second_factors where account_id = {accountId}");
            sql.Execute($"insert into second_factors (account_id, secret, last_step, created) values ({accountId}, {known.Secret}, {step}, {Now()})");
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>No more codes by time; false where there were none.</summary>
    public ValueTask<bool> EndCodesAsync(long accountId, CancellationToken cancellation) => TurnOffAsync(accountId, sql => sql.Execute($"delete from second_factors where account_id = {accountId}") == 1, cancellation);

    /// <summary>Adds a passkey; answers as <see cref="ConfirmCodesAsync"/>. Throws <see cref="DirectoryException"/> with the reason.</summary>
    public ValueTask<IReadOnlyList<string>> AddPasskeyAsync(long accountId, byte[] credential, byte[] publicKey, uint counter, string host, string name, CancellationToken cancellation)
    {
        if (name.Trim() is not { Length: > 0 and <= LongestName } given || given.Any(char.IsControl)) throw new DirectoryException($"Name the device the passkey is on, such as 'laptop', in at most {LongestName} characters.");
        return TurnOnAsync(accountId, sql =>
        {
            if (SecondFactorRows.Passkeys(sql, accountId).Count >= MostPasskeys) throw new DirectoryException($"There are already {MostPasskeys} passkeys. Remove those that are not used.");
            if (SecondFactorRows.Passkey(sql, credential) is not null) throw new DirectoryException("This passkey is known already.");
            sql.Execute($"insert into passkeys (id, account_id, credential, public_key, counter, host, name, created) values ({database.NextId()}, {accountId}, {credential}, {publicKey}, {(long)counter}, {host}, {given}, {Now()})");
        }, cancellation);
    }

    /// <summary>The passkey that a device calls so, with its account; null where there is none.</summary>
    public async ValueTask<(Passkey Passkey, Account Account)?> FindPasskeyAsync(byte[] credential, CancellationToken cancellation) =>
        await database.ReadAsync(sql => SecondFactorRows.Passkey(sql, credential), cancellation).ConfigureAwait(false) is { } passkey
        && (await directory.CurrentAsync(cancellation).ConfigureAwait(false)).Account(passkey.AccountId)?.Account is { Status: AccountStatus.Active, Site: null } account ? (passkey, account) : null;

    /// <summary>Notes that a passkey was used. False where its counter did not rise although it has one: a copy of it was used before.</summary>
    public ValueTask<bool> UsedAsync(Passkey passkey, uint counter, CancellationToken cancellation) => database.WriteAsync(
        sql => sql.Execute($"update passkeys set counter = {(long)counter}, used = {Now()} where id = {passkey.Id} and (counter < {(long)counter} or ({(long)counter} = 0 and counter = 0))") == 1, cancellation);

    /// <summary>Removes a passkey; false where there is none.</summary>
    public ValueTask<bool> RemovePasskeyAsync(long accountId, long id, CancellationToken cancellation) =>
        TurnOffAsync(accountId, sql => sql.Execute($"delete from passkeys where account_id = {accountId} and id = {id}") == 1, cancellation);

    /// <summary>Makes new recovery codes in place of those there were.</summary>
    public ValueTask<IReadOnlyList<string>> RenewRecoveryCodesAsync(long accountId, CancellationToken cancellation) => database.WriteAsync<IReadOnlyList<string>>(sql => MakeRecoveryCodes(sql, accountId), cancellation);

    /// <summary>Takes everything beside the password away, for an owner who has lost it; false where there was nothing. Throws where there is no such account.</summary>
    public ValueTask<bool> ResetAsync(EmailAddress address, CancellationToken cancellation) => directory.ChangeAsync(
        sql =>
        {
            var id = AccountDirectory.AccountId(sql, address) ?? throw new DirectoryException($"There is no account {address}. See them with: sternpost account list");
            var had = SecondFactorRows.Has(sql, id);
            SecondFactorRows.Remove(sql, id);
            return had;
        },
        cancellation);

    /// <summary>Takes a code by time or a recovery code, each once.</summary>
    internal async ValueTask<bool> TakeAsync(long accountId, string code, CancellationToken cancellation)
    {
        if (AppSecret.TryHash(code, out var verifier))
        {
            return await database.WriteAsync(sql => sql.Execute($"update recovery_codes set used = {Now()} where account_id = {accountId} and verifier = {verifier} and used is null") == 1, cancellation).ConfigureAwait(false);
        }
        var known = await database.ReadAsync(sql => SecondFactorRows.Codes(sql, accountId), cancellation).ConfigureAwait(false);
        return known is var (secret, _, _) && OneTimeCode.TryFind(secret, code, time.GetUtcNow(), out var step)
            && await database.WriteAsync(sql => sql.Execute($"update second_factors set last_step = {step} where account_id = {accountId} and secret = {secret} and last_step < {step}") == 1, cancellation).ConfigureAwait(false);
    }

    /// <summary>Waits for its turn to check a code.</summary>
    internal Task WaitTurnAsync(CancellationToken cancellation) => checking.WaitAsync(cancellation);

    /// <summary>Ends a turn.</summary>
    internal void EndTurn() => checking.Release();

    // Whoever was signed in by the password alone is so no longer.
    private ValueTask<IReadOnlyList<string>> TurnOnAsync(long accountId, Action<Sql> change, CancellationToken cancellation) => directory.ChangeAsync<IReadOnlyList<string>>(
        sql =>
        {
            var was = SecondFactorRows.Has(sql, accountId);
            change(sql);
            if (was) return [];
            AccountDirectory.EndSessions(sql, accountId, Now());
            return MakeRecoveryCodes(sql, accountId);
        },
        cancellation);

    private ValueTask<bool> TurnOffAsync(long accountId, Func<Sql, bool> change, CancellationToken cancellation) => directory.ChangeAsync(
        sql =>
        {
            var changed = change(sql);
            if (!SecondFactorRows.Has(sql, accountId)) sql.Execute($"delete from recovery_codes where account_id = {accountId}");
            return changed;
        },
        cancellation);

    private static string[] MakeRecoveryCodes(Sql sql, long accountId)
    {
        sql.Execute($"delete from recovery_codes where account_id = {accountId}");
        var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => AppSecret.Make()).ToArray();
        foreach (var code in codes)
        {
            AppSecret.TryHash(code, out var verifier);
            sql.Execute($"insert into recovery_codes (account_id, verifier) values ({accountId}, {verifier!})");
        }
        return codes;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
