using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Sternpost.Accounts.AppPasswords;
using Sternpost.Accounts.Passwords;
using Sternpost.Accounts.Sasl;
using Sternpost.Accounts.SecondFactors;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts;

/// <summary>
/// Passwords: Argon2id hashes, SCRAM-SHA-256 verifiers, and the counting of failures. Plain passwords live only on the stack of a call.
/// One instance per process, because the failures are counted in it.
/// </summary>
/// <remarks>
/// A hash costs some 50 ms of CPU and 19 MiB, so only a few run at a time and only so many wait. A mail client that signs in again
/// with the password that was right a while ago costs no hash: what is remembered is an HMAC, under a key that dies with the process,
/// of the password and the stored hash, so a new password invalidates it by itself. Names nobody has cost what real ones cost.
/// </remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle is never asked for holds nothing to dispose.")]
public sealed class Credentials(Database database, AccountDirectory directory, TimeProvider time)
{
    private static readonly TimeSpan RememberFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan UseNotedAgain = TimeSpan.FromHours(1);

    // Five seconds' work at one hash at a time: whoever comes later would wait longer than clients do.
    private const int MaxWaiting = 100;

    private readonly SemaphoreSlim hashing = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly byte[] processKey = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<long, (byte[] Proof, long At)> recent = new();
    private readonly ConcurrentDictionary<long, long> used = new();
    private int waiting;
    private int hashesMade;

    /// <summary>The failures of this process.</summary>
    internal FailureCounts Failures { get; } = new(time);

    /// <summary>Hashes made so far; for tests of what costs one.</summary>
    internal int HashesMade => hashesMade;

    /// <summary>Sees every sign-in; null where nobody looks. Set once at composition.</summary>
    public ISignInWatch? Watch { get; set; }

    /// <summary>Checks a name and a password given in clear.</summary>
    internal async ValueTask<SaslStep> CheckAsync(string name, string password, IPAddress client, CancellationToken cancellation)
    {
        if (Barred(client) is { } barred) return barred;
        var step = await CheckPasswordAsync(name, password, client, cancellation).ConfigureAwait(false);
        await TellAsync(step, name, client, await TagOfAsync(password, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        return step;
    }

    /// <summary>The refusal where nobody may sign in from an address now.</summary>
    internal SaslStep.Failure? Barred(IPAddress client) => Watch?.Refuse(client) is { } reason ? new SaslStep.Failure(SaslFailure.TooMany, reason) : null;

    private async ValueTask TellAsync(SaslStep step, string name, IPAddress client, uint tag, CancellationToken cancellation)
    {
        if (Watch is null || step is SaslStep.Failure { Kind: not SaslFailure.Credentials }) return;
        var account = step is SaslStep.Success success ? success.Account : (await FindAsync(name, cancellation).ConfigureAwait(false))?.Account;
        await Watch.TriedAsync(new SignInAttempt(name, account, client, step is SaslStep.Success, tag), cancellation).ConfigureAwait(false);
    }

    // Thirty-two bits under a key of this installation: enough to see one password go round, even across a restart, too few to find it out.
    private async ValueTask<uint> TagOfAsync(string password, CancellationToken cancellation)
    {
        var snapshot = await directory.CurrentAsync(cancellation).ConfigureAwait(false);
        return BitConverter.ToUInt32(HMACSHA256.HashData(snapshot.Secret ?? processKey, System.Text.Encoding.UTF8.GetBytes("password tag\0" + password))) | 1;
    }

    private async ValueTask<SaslStep> CheckPasswordAsync(string name, string password, IPAddress client, CancellationToken cancellation)
    {
        if (Failures.IsOver(client, name)) return TooMany(name);
        var entry = await FindAsync(name, cancellation).ConfigureAwait(false);
        if (entry is { Account.Status: AccountStatus.Active, AppPasswords.Count: > 0 } && AppSecret.TryHash(password, out var verifier)
            && entry.AppPasswords.FirstOrDefault(known => CryptographicOperations.FixedTimeEquals(known.Verifier, verifier)) is { } given)
        {
            await NoteUseAsync(given, client, cancellation).ConfigureAwait(false);
            return Accept(entry, name, client) with { AppPassword = given };
        }
        if (!PreparedPassword.TryPrepare(password, out var prepared))
        {
            Failures.Failed(client, name, null);
            return new SaslStep.Failure(SaslFailure.Credentials, $"the password for {ForLog(name)} holds what no password may");
        }
        try
        {
            var proof = Proof(entry, name, prepared);
            if (IsRemembered(entry, proof)) return AcceptOwn(entry!, name, client);
            if (Interlocked.Increment(ref waiting) > MaxWaiting)
            {
                Interlocked.Decrement(ref waiting);
                return new SaslStep.Failure(SaslFailure.TooMany, "too many passwords are waiting to be checked");
            }
            try
            {
                await hashing.WaitAsync(cancellation).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Decrement(ref waiting);
            }
            var outdated = false;
            try
            {
                // While this one waited, the others may have used up the failures, or found the same password right.
                if (Failures.IsOver(client, name)) return TooMany(name);
                if (IsRemembered(entry, proof)) return AcceptOwn(entry!, name, client);
                Interlocked.Increment(ref hashesMade);
                var right = Argon2idHash.Verify(entry?.Password.Hash ?? Argon2idHash.Nobody, prepared, out outdated);
                if (!right || entry is null || entry.Account.Status != AccountStatus.Active)
                {
                    Failures.Failed(client, name, proof);
                    return Refuse(entry, right, name);
                }
                recent[entry.Account.Id] = (proof, time.GetTimestamp());
            }
            finally
            {
                hashing.Release();
            }
            if (outdated || entry.Password.Scram.Iterations < ScramVerifier.StandardIterations)
            {
                await directory.UpgradePasswordAsync(entry.Account.Id, entry.Password.Hash, StoredPassword.Make([.. prepared], entry.Password.Scram.Salt), cancellation).ConfigureAwait(false);
            }
            return AcceptOwn(entry, name, client);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(prepared);
        }
    }

    /// <summary>The verifier of a name for SCRAM, and its account; a pretended verifier where there is none.</summary>
    internal async ValueTask<(AccountEntry? Entry, ScramVerifier Verifier)> FindScramAsync(string name, CancellationToken cancellation)
    {
        var entry = await FindAsync(name, cancellation).ConfigureAwait(false);
        if (entry is not null) return (entry, entry.Password.Scram);
        var snapshot = await directory.CurrentAsync(cancellation).ConfigureAwait(false);
        return (null, ScramVerifier.Pretend(snapshot.Secret ?? processKey, CanonicalName(name)));
    }

    /// <summary>Settles a SCRAM exchange: counts, and answers for the account as it stands now.</summary>
    /// <param name="name">The name the client gave.</param>
    /// <param name="found">The account it was when the exchange began.</param>
    /// <param name="right">Whether a password was proved.</param>
    /// <param name="given">The app password that was; null where it was the account's own.</param>
    /// <param name="serverFinal">What proves to the client that this is its server.</param>
    /// <param name="client">The peer's address.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async ValueTask<SaslStep> SettleScramAsync(string name, AccountEntry? found, bool right, AppPassword? given, byte[] serverFinal, IPAddress client, CancellationToken cancellation)
    {
        // The exchange may have been left open while the password or the status changed.
        var now = await FindAsync(name, cancellation).ConfigureAwait(false);
        if (right && given is not null && now is { Account.Status: AccountStatus.Active } && now.AppPasswords.Any(known => known.Id == given.Id))
        {
            await NoteUseAsync(given, client, cancellation).ConfigureAwait(false);
            Failures.Succeeded(client, name);
            var step = new SaslStep.Success(now.Account, serverFinal) { AppPassword = given };
            await TellAsync(step, name, client, 0, cancellation).ConfigureAwait(false);
            return step;
        }
        right &= given is null;
        if (right && found is not null && now?.Password.Hash == found.Password.Hash && now.Account.Status == AccountStatus.Active)
        {
            if (now.HasSecondFactor) return AcceptOwn(now, name, client);
            Failures.Succeeded(client, name);
            var success = new SaslStep.Success(now.Account, serverFinal);
            await TellAsync(success, name, client, 0, cancellation).ConfigureAwait(false);
            return success;
        }
        Failures.Failed(client, name, null);
        var refusal = Refuse(now, right, name);
        await TellAsync(refusal, name, client, 0, cancellation).ConfigureAwait(false);
        return refusal;
    }

    // About when it was used is enough to tell which ones nobody needs; a write for each sign-in would be too much.
    private async ValueTask NoteUseAsync(AppPassword given, IPAddress client, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (now - (given.Used ?? DateTimeOffset.MinValue) < UseNotedAgain || (used.TryGetValue(given.Id, out var at) && time.GetElapsedTime(at) < UseNotedAgain)) return;
        used[given.Id] = time.GetTimestamp();
        await database.WriteAsync(
            sql =>
            {
                AppPasswordRows.Used(sql, given.Id, now.ToUnixTimeMilliseconds(), client.ToString());
                return true;
            },
            cancellation).ConfigureAwait(false);
    }

    internal static SaslStep TooMany(string name) => new SaslStep.Failure(SaslFailure.TooMany, $"too many failures from this address or for {ForLog(name)}");

    /// <summary>Names are the same account whatever their case; what is no address at all is still counted and pretended for.</summary>
    internal static string CanonicalName(string name) => EmailAddress.TryParse(name, out var address) ? address.Key : name.ToLowerInvariant();

    private async ValueTask<AccountEntry?> FindAsync(string name, CancellationToken cancellation)
    {
        var snapshot = await directory.CurrentAsync(cancellation).ConfigureAwait(false);
        return EmailAddress.TryParse(name, out var address) ? snapshot.Account(address) : null;
    }

    // Not yet a success where a second factor is wanted: whoever has the password alone must not become known at this address.
    private SaslStep AcceptOwn(AccountEntry entry, string name, IPAddress client) => entry.HasSecondFactor
        ? new SaslStep.Failure(SaslFailure.SecondFactor, $"{entry.Account.Address} has a second factor, and its password came alone")
        : Accept(entry, name, client);

    /// <summary>Checks the code that comes after a password that was right. Wrong codes are counted by themselves, and no address is exempt.</summary>
    internal async ValueTask<SaslStep> CheckCodeAsync(string name, string code, IPAddress client, SecondFactorBook factors, CancellationToken cancellation)
    {
        var counted = "second factor of\n" + CanonicalName(name);
        await factors.WaitTurnAsync(cancellation).ConfigureAwait(false);
        SaslStep step;
        try
        {
            if (Failures.IsOver(client, counted)) return TooMany(name);
            var entry = await FindAsync(name, cancellation).ConfigureAwait(false);
            if (entry is { HasSecondFactor: true, Account.Status: AccountStatus.Active } && await factors.TakeAsync(entry.Account.Id, code, cancellation).ConfigureAwait(false)) step = Accept(entry, name, client);
            else
            {
                Failures.Failed(client, counted, null);
                step = new SaslStep.Failure(SaslFailure.SecondFactor, $"wrong second factor for {ForLog(name)}");
            }
        }
        finally
        {
            factors.EndTurn();
        }
        await TellAsync(step, name, client, 0, cancellation).ConfigureAwait(false);
        return step;
    }

    /// <summary>Remembers that somebody signed in here by something better than a password, and tells.</summary>
    internal async ValueTask<SaslStep> AcceptAsync(Account account, IPAddress client, CancellationToken cancellation)
    {
        var name = account.Address.ToString();
        Failures.Succeeded(client, name);
        var step = new SaslStep.Success(account, null);
        await TellAsync(step, name, client, 0, cancellation).ConfigureAwait(false);
        return step;
    }

    private SaslStep.Success Accept(AccountEntry entry, string name, IPAddress client)
    {
        Failures.Succeeded(client, name);
        return new SaslStep.Success(entry.Account, null);
    }

    private static SaslStep.Failure Refuse(AccountEntry? entry, bool right, string name) => new(SaslFailure.Credentials,
        entry is null ? $"there is no account {ForLog(name)}" : right ? $"{entry.Account.Address} is suspended or changed its password just now" : $"wrong password for {entry.Account.Address}");

    // Bound to the stored hash too: with another password, or none of ours, it is another value.
    private byte[] Proof(AccountEntry? entry, string name, ReadOnlySpan<byte> prepared)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, processKey);
        hmac.AppendData(System.Text.Encoding.UTF8.GetBytes(entry?.Password.Hash ?? CanonicalName(name)));
        hmac.AppendData([0]);
        hmac.AppendData(prepared);
        return hmac.GetHashAndReset();
    }

    private bool IsRemembered(AccountEntry? entry, byte[] proof) =>
        entry is { Account.Status: AccountStatus.Active }
        && recent.TryGetValue(entry.Account.Id, out var known) && time.GetElapsedTime(known.At) < RememberFor
        && CryptographicOperations.FixedTimeEquals(known.Proof, proof);

    // What a stranger sent goes into the log without line breaks and only so long.
    private static string ForLog(string name) => "'" + string.Concat(name.Take(100).Select(c => char.IsControl(c) ? '?' : c)) + "'";
}
