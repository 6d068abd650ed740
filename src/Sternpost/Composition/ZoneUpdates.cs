using Sternpost.Configuration;
using Sternpost.Dns;
using Sternpost.Dns.Updates;
using Sternpost.Queue.Publishing;
using Sternpost.Storage;

namespace Sternpost.Composition;

/// <summary>What changes zones, where the configuration names a primary server and a key.</summary>
internal static class ZoneUpdates
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Null where zones are left to the administrator.</summary>
    /// <exception cref="InvalidOperationException">The key's secret is not where the configuration says, or is no base64.</exception>
    public static ZonePublisher? Publisher(ServerConfiguration configuration, Database database, TimeProvider time) =>
        Primary(configuration, database.Folder, time) is { } primary ? new ZonePublisher(database, primary, time) : null;

    /// <summary>The primary server itself; null likewise.</summary>
    /// <exception cref="InvalidOperationException">Likewise.</exception>
    public static PrimaryServer? Primary(ServerConfiguration configuration, string folder, TimeProvider time)
    {
        if (configuration.Dns.Update is not { Server: { } server, Key: { } name, Secret: { } secret } update) return null;
        var octets = new byte[512];
        if (!Convert.TryFromBase64String(secret.Reveal(folder), octets, out var length) || length == 0)
            throw new InvalidOperationException($"The first line of {secret}, named in the configuration by dns.update.secret_file, is not the secret of a key in base64.");
        return new PrimaryServer(server, new TsigKey(name, DomainName.Parse(update.Algorithm), octets[..length]), Patience, time);
    }
}
