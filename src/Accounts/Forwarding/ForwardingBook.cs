using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts.Forwarding;

/// <summary>
/// Mail sent on at its owner's wish. Nothing goes to an address before its reader has given consent, by a code that was sent there and is typed in here:
/// otherwise anybody could fill a stranger's mailbox, or lead somebody's mail away by a slip of the finger.
/// </summary>
public sealed class ForwardingBook(Database database, AccountDirectory directory, TimeProvider time)
{
    /// <summary>Addresses of one account.</summary>
    public const int MostAddresses = 10;

    private const int MostTries = 5;
    private const int CodesOfAccount = 5;
    private const int CodesToAddress = 3;
    private static readonly TimeSpan CodeLasts = TimeSpan.FromHours(24);
    private static readonly TimeSpan Counted = TimeSpan.FromDays(1);

    private readonly DirectorySecret key = new(database, "forward codes");

    /// <summary>Where an account's mail goes on to, or null; and the addresses it has or asked for.</summary>
    public ValueTask<(Forward? Forward, IReadOnlyList<ForwardAddress> Addresses)> StateAsync(long accountId, CancellationToken cancellation) =>
        database.ReadAsync<(Forward?, IReadOnlyList<ForwardAddress>)>(sql => (ForwardRows.Of(sql, accountId), ForwardRows.Addresses(sql, accountId)), cancellation);

    /// <summary>Begins to ask an address for consent; answers the code to send there. Throws <see cref="DirectoryException"/> with the reason.</summary>
    public async ValueTask<string> AskAsync(Account account, EmailAddress address, CancellationToken cancellation)
    {
        if (address == account.Address || await directory.MaySendAsAsync(account, address, cancellation).ConfigureAwait(false)) throw new DirectoryException("Mail to that address comes here already.");
        var code = RandomNumberGenerator.GetInt32(100_000_000).ToString("D8", CultureInfo.InvariantCulture);
        var (digest, id, now) = (await DigestAsync(account.Id, address, code, cancellation).ConfigureAwait(false), database.NextId(), time.GetUtcNow());
        return await database.WriteAsync(
            sql =>
            {
                var known = ForwardRows.Addresses(sql, account.Id);
                if (known.Exists(other => other.Address == address && other.Confirmed is not null)) throw new DirectoryException("That address is confirmed already.");
                if (known.Count >= MostAddresses && !known.Exists(other => other.Address == address)) throw new DirectoryException($"There are {MostAddresses} addresses already. Remove one first.");
                ForwardRows.ForgetCodes(sql, Database.IdAt(now - Counted));
                var (own, there) = ForwardRows.Codes(sql, account.Id, address);
                if (own >= CodesOfAccount || there >= CodesToAddress) throw new DirectoryException("A code was sent too often today. Look into that mailbox, its junk folder as well; a new code can be sent tomorrow.");
                ForwardRows.NoteCode(sql, id, account.Id, address);
                ForwardRows.Ask(sql, account.Id, address, digest, now, now + CodeLasts);
                return code;
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes a code that somebody typed in; spaces in it do not matter.</summary>
    public async ValueTask<CodeOutcome> ConfirmAsync(Account account, EmailAddress address, string code, CancellationToken cancellation)
    {
        var digest = await DigestAsync(account.Id, address, string.Concat(code.Where(char.IsAsciiDigit)), cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow();
        return await database.WriteAsync(
            sql =>
            {
                if (ForwardRows.Code(sql, account.Id, address) is not var (wanted, expires, tries) || expires <= now || tries >= MostTries) return CodeOutcome.Ended;
                if (CryptographicOperations.FixedTimeEquals(wanted, digest))
                {
                    ForwardRows.Confirm(sql, account.Id, address, now);
                    return CodeOutcome.Confirmed;
                }
                ForwardRows.Tried(sql, account.Id, address, tries + 1);
                return tries + 1 < MostTries ? CodeOutcome.Wrong : CodeOutcome.Ended;
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends the account's mail on from now on; null sends it nowhere. Throws <see cref="DirectoryException"/> where the address is not confirmed.</summary>
    public async ValueTask SetAsync(Account account, EmailAddress? target, bool keeps, CancellationToken cancellation) => await directory.ChangeAsync(
        sql =>
        {
            if (target is null) ForwardRows.Stop(sql, account.Id);
            else if (!ForwardRows.Addresses(sql, account.Id).Exists(known => known.Address == target && known.Confirmed is not null)) throw new DirectoryException($"{target} is not confirmed yet. Type in the code that was sent there.");
            else ForwardRows.Start(sql, account.Id, target, keeps, time.GetUtcNow());
            return true;
        },
        cancellation).ConfigureAwait(false);

    /// <summary>Takes an address away, and ends what is sent on to it; false where there was none.</summary>
    public ValueTask<bool> RemoveAsync(Account account, EmailAddress address, CancellationToken cancellation) => directory.ChangeAsync(
        sql =>
        {
            if (ForwardRows.Of(sql, account.Id)?.Target == address) ForwardRows.Stop(sql, account.Id);
            return ForwardRows.Remove(sql, account.Id, address);
        },
        cancellation);

    /// <summary>Ends, inside the caller's transaction, what was set up since a moment; null where nothing was.</summary>
    public static StoppedForward? StopSince(Sql sql, long accountId, DateTimeOffset since)
    {
        var forward = ForwardRows.Of(sql, accountId) is { } found && found.Changed >= since ? found : null;
        var addresses = ForwardRows.Addresses(sql, accountId).FindAll(address => address.Confirmed is null || address.Confirmed >= since);
        if (forward is not null) ForwardRows.Stop(sql, accountId);
        foreach (var address in addresses) ForwardRows.Remove(sql, accountId, address.Address);
        var confirmed = addresses.FindAll(address => address.Confirmed is not null);
        return forward is null && confirmed.Count == 0 ? null : new StoppedForward(forward?.Target.ToString() ?? "", forward?.Keeps ?? true, [.. confirmed.Select(address => address.Address.ToString())]);
    }

    /// <summary>Takes <see cref="StopSince"/> back, inside the caller's transaction.</summary>
    public static void Restore(Sql sql, long accountId, StoppedForward stopped, DateTimeOffset now)
    {
        foreach (var text in stopped.Addresses)
        {
            if (!EmailAddress.TryParse(text, out var address)) continue;
            ForwardRows.Ask(sql, accountId, address, null, now, now);
            ForwardRows.Confirm(sql, accountId, address, now);
        }
        if (EmailAddress.TryParse(stopped.Target, out var target)) ForwardRows.Start(sql, accountId, target, stopped.Keeps, now);
    }

    // Whose code it is, and for what, goes into it: one that was seen is good for nothing else.
    private async ValueTask<byte[]> DigestAsync(long accountId, EmailAddress address, string code, CancellationToken cancellation) =>
        HMACSHA256.HashData((await key.ReadAsync(make: true, cancellation).ConfigureAwait(false))!, Encoding.UTF8.GetBytes($"{accountId}\0{address.Key}\0{code}"));
}
