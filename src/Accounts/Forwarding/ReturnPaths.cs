using System.Security.Cryptography;
using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts.Forwarding;

/// <summary>Rewrites the reverse-paths of forwarded mail, and finds the way back for its bounces. The key is made once and shared by all processes.</summary>
internal sealed class ReturnPaths(Database database, TimeProvider time)
{
    private const string SecretName = "sender rewriting";
    private const int SecretSize = 32;

    private volatile byte[]? key;

    internal async ValueTask<EmailAddress> RewriteAsync(EmailAddress sender, DomainName own, CancellationToken cancellation)
    {
        var secret = await KeyAsync(make: true, cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow();
        if (SrsAddress.Rewrite(sender, own, secret!, now) is { } address) return address;
        var (fresh, milliseconds) = (database.NextId(), now.ToUnixTimeMilliseconds());
        var id = await database.WriteAsync(
            sql =>
            {
                sql.Execute($"delete from long_return_paths where used < {milliseconds - (long)(SrsAddress.GoodFor.TotalMilliseconds + TimeSpan.MillisecondsPerDay)}");
                sql.Execute($"insert into long_return_paths (id, address, used) values ({fresh}, {sender.ToString()}, {milliseconds}) on conflict (address) do update set used = excluded.used");
                return sql.First($"select id from long_return_paths where address = {sender.ToString()}", row => row.GetInt64(0));
            },
            cancellation).ConfigureAwait(false);
        return SrsAddress.RewriteStored(id, own, secret!, now);
    }

    internal async ValueTask<EmailAddress?> RestoreAsync(EmailAddress address, CancellationToken cancellation)
    {
        if (!SrsAddress.HasForm(address) || await KeyAsync(make: false, cancellation).ConfigureAwait(false) is not { } secret) return null;
        if (!SrsAddress.TryRestore(address, secret, time.GetUtcNow(), out var sender, out var id)) return null;
        if (sender is not null) return sender;
        var text = await database.ReadAsync(sql => sql.First($"select address from long_return_paths where id = {id}", row => row.GetString(0)), cancellation).ConfigureAwait(false);
        return EmailAddress.TryParse(text, out var kept) ? kept : null;
    }

    private async ValueTask<byte[]?> KeyAsync(bool make, CancellationToken cancellation)
    {
        if (key is { } known) return known;
        var stored = await database.ReadAsync(Read, cancellation).ConfigureAwait(false);
        if (stored is null && make)
        {
            stored = await database.WriteAsync(
                sql =>
                {
                    sql.Execute($"insert into directory_secrets (name, value) values ({SecretName}, {RandomNumberGenerator.GetBytes(SecretSize)}) on conflict (name) do nothing");
                    return Read(sql);
                },
                cancellation).ConfigureAwait(false);
        }
        return key = stored;

        static byte[]? Read(Sql sql) => sql.First($"select value from directory_secrets where name = {SecretName}", row => row.GetFieldValue<byte[]>(0));
    }
}
