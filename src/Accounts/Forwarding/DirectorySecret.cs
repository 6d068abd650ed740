using System.Security.Cryptography;
using Sternpost.Storage;

namespace Sternpost.Accounts.Forwarding;

/// <summary>A key of the installation, made once and shared by all processes.</summary>
public sealed class DirectorySecret(Database database, string name)
{
    private const int Size = 32;

    private volatile byte[]? known;

    /// <summary>The key; null where it was never made and is not to be.</summary>
    public async ValueTask<byte[]?> ReadAsync(bool make, CancellationToken cancellation)
    {
        if (known is { } there) return there;
        var stored = await database.ReadAsync(Read, cancellation).ConfigureAwait(false);
        if (stored is null && make)
        {
            stored = await database.WriteAsync(
                sql =>
                {
                    sql.Execute($"insert into directory_secrets (name, value) values ({name}, {RandomNumberGenerator.GetBytes(Size)}) on conflict (name) do nothing");
                    return Read(sql);
                },
                cancellation).ConfigureAwait(false);
        }
        return known = stored;
    }

    private byte[]? Read(Sql sql) => sql.First($"select value from directory_secrets where name = {name}", row => row.GetFieldValue<byte[]>(0));
}
