using Sternpost.Dns;
using Sternpost.Messages.Addresses;
using Sternpost.Storage;

namespace Sternpost.Accounts.Forwarding;

/// <summary>Rewrites the reverse-paths of forwarded mail, and finds the way back for its bounces. The key is made once and shared by all processes.</summary>
internal sealed class ReturnPaths(Database database, TimeProvider time)
{
    private readonly DirectorySecret key = new(database, "sender rewriting");

    internal async ValueTask<EmailAddress> RewriteAsync(EmailAddress sender, DomainName own, CancellationToken cancellation)
    {
        var secret = await key.ReadAsync(make: true, cancellation).ConfigureAwait(false);
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
        if (!SrsAddress.HasForm(address) || await key.ReadAsync(make: false, cancellation).ConfigureAwait(false) is not { } secret) return null;
        if (!SrsAddress.TryRestore(address, secret, time.GetUtcNow(), out var sender, out var id)) return null;
        if (sender is not null) return sender;
        var text = await database.ReadAsync(sql => sql.First($"select address from long_return_paths where id = {id}", row => row.GetString(0)), cancellation).ConfigureAwait(false);
        return EmailAddress.TryParse(text, out var kept) ? kept : null;
    }
}
