using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using MailKit.Net.Imap;
using MailKit.Security;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Dns;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Certificates;

/// <summary>
/// A certificate authority (Debian's pebble), a knot that holds the zone of the domain and takes updates, and a server made by <c>setup</c> that orders from the
/// one and is proved by the other.
/// </summary>
internal sealed class PebbleLab : IAsyncDisposable
{
    public const string Host = "localhost.company.example";
    private const string Secret = "c2VjcmV0IG9mIGF0IGxlYXN0IDMyIG9jdGV0cywgbm90IHJlYWw=";

    private readonly string folder;
    private readonly ServerProcess knot;
    private readonly int dnsPort, acmePort, managementPort;
    private ServerProcess? pebble;

    private PebbleLab(string folder, ServerProcess knot, int dnsPort, int acmePort, int managementPort, InstalledServer server)
    {
        this.folder = folder;
        this.knot = knot;
        (this.dnsPort, this.acmePort, this.managementPort) = (dnsPort, acmePort, managementPort);
        Server = server;
    }

    public InstalledServer Server { get; }

    /// <summary>The authority's root, once it runs.</summary>
    public string Root => Path.Combine(folder, "root.pem");

    /// <summary>Starts all but the authority; <paramref name="records"/> are lines of the zone beside the host's, <paramref name="settings"/> lines of configuration.</summary>
    public static async Task<PebbleLab> StartAsync(string records, string settings, params string[] accounts)
    {
        Peer.Need("pebble");
        Peer.Need("knotd");
        Peer.Need("curl");
        Peer.Need("openssl");
        var folder = Directory.CreateTempSubdirectory("sternpost-pebble-").FullName;
        var (dns, acme, management) = (Ports.Free(), Ports.Free(), Ports.Free());
        await File.WriteAllTextAsync(Path.Combine(folder, "zone"), $"$ORIGIN {InstalledServer.Domain}.\n$TTL 1\n@ SOA ns root 1 3600 600 86400 1\n@ NS ns\nns A 127.0.0.1\nlocalhost A 127.0.0.1\n{records}\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "secret"), Secret + "\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "knot.conf"), $"server:\n  listen: 127.0.0.1@{dns}\n  rundir: {folder}\ndatabase:\n  storage: {folder}\nlog:\n  - target: stderr\n    any: info\nkey:\n  - id: ours.example\n    algorithm: hmac-sha256\n    secret: {Secret}\nacl:\n  - id: ours\n    key: ours.example\n    action: [query, update]\nzone:\n  - domain: {InstalledServer.Domain}\n    storage: {folder}\n    file: zone\n    acl: ours\n");
        var knot = ServerProcess.StartProgram("knotd", ["-c", Path.Combine(folder, "knot.conf")]);
        await knot.WaitAsync(() => Task.FromResult(knot.Said.Contains("server started", StringComparison.Ordinal)));
        WriteIdentity(folder);
        var server = await InstalledServer.StartAsync(
            $"""
            acme.accept_terms = true
            acme.directory = "https://localhost:{acme}/dir"
            acme.authority_file = "{Path.Combine(folder, "authority.pem")}"
            server.addresses = ["127.0.0.1", "127.0.0.9"]
            dns.resolvers = ["127.0.0.1:{dns}"]
            {settings.Replace("UPDATE", $"dns.update.server = \"127.0.0.1:{dns}\"\ndns.update.key = \"ours.example\"\ndns.update.secret_file = \"{Path.Combine(folder, "secret")}\"", StringComparison.Ordinal)}
            """, accounts);
        return new PebbleLab(folder, knot, dns, acme, management, server);
    }

    /// <summary>Starts the authority; it refuses <paramref name="nonces"/> percent of good nonces, as it does by itself with five.</summary>
    public async Task StartAuthorityAsync(int lifeSeconds = 90 * 24 * 3600, int? httpPort = null, int? tlsPort = null, int nonces = 5)
    {
        pebble?.Dispose();
        await File.WriteAllTextAsync(Path.Combine(folder, "pebble.json"), JsonSerializer.Serialize(new
        {
            pebble = new
            {
                listenAddress = $"127.0.0.1:{acmePort}",
                managementListenAddress = $"127.0.0.1:{managementPort}",
                certificate = Path.Combine(folder, "pebble.pem"),
                privateKey = Path.Combine(folder, "pebble.key"),
                httpPort = httpPort ?? Server.Ports["http"],
                tlsPort = tlsPort ?? Server.Ports["https"],
                ocspResponderURL = "",
                externalAccountBindingRequired = false,
                certificateValidityPeriod = lifeSeconds,
            },
        }));
        pebble = ServerProcess.StartProgram("pebble", ["-config", Path.Combine(folder, "pebble.json"), "-dnsserver", $"127.0.0.1:{dnsPort}", "-strict"], new Dictionary<string, string>
        {
            ["PEBBLE_VA_NOSLEEP"] = "1",
            ["PEBBLE_WFE_NONCEREJECT"] = nonces.ToString(),
        });
        await pebble.WaitAsync(async () => (await Peer.RunAsync("curl", ["-sf", "--cacert", Path.Combine(folder, "authority.pem"), "-o", Root, $"https://localhost:{managementPort}/roots/0"])).ExitCode == 0);
    }

    /// <summary>What the authority said.</summary>
    public string AuthoritySaid => pebble?.Said ?? "";

    /// <summary><c>certificate renew</c>, which must do it.</summary>
    public async Task RenewAsync(string name = "host")
    {
        var renewed = await Server.CommandAsync(null, "certificate", "renew", name);
        Assert.True(renewed.ExitCode == 0, renewed.Output + renewed.Errors + "\n" + Server.Said + "\n" + AuthoritySaid);
    }

    /// <summary><c>certificate renew</c>, which must fail and say so.</summary>
    public async Task RenewFailsAsync(string advice)
    {
        var failed = await Server.CommandAsync(null, "certificate", "renew");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains(advice, failed.Errors);
    }

    /// <summary>What <c>certificate list --json</c> prints.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListAsync()
    {
        var listed = await Server.CommandAsync(null, "certificate", "list", "--json");
        Assert.True(listed.ExitCode == 0, listed.Errors);
        using var json = JsonDocument.Parse(listed.Output);
        return [.. json.RootElement.Clone().EnumerateArray()];
    }

    /// <summary>What openssl sees at a listener, having verified it by the authority's root for the name; empty where it does not believe it.</summary>
    public async Task<string> SeenAsync(string listener, string name = Host, string? startTls = null)
    {
        var seen = await Peer.RunAsync("openssl", ["s_client", "-connect", $"127.0.0.1:{Server.Ports[listener]}", "-servername", name, "-verify_hostname", name, "-verify_return_error", "-CAfile", Root, .. startTls is null ? (string[])[] : ["-starttls", startTls]], "");
        return seen.Output.Contains("Verify return code: 0 (ok)", StringComparison.Ordinal) ? X509Certificate2.CreateFromPem(seen.Output).SerialNumber : "";
    }

    /// <summary>An IMAP session by MailKit, with whatever certificate of the server.</summary>
    public async Task<ImapClient> ImapAsync(string account)
    {
        var client = new ImapClient { CheckCertificateRevocation = false, ServerCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown && Server.Trusts(shown) };
        await client.ConnectAsync("localhost", Server.Ports["imaps"], SecureSocketOptions.SslOnConnect);
        await client.AuthenticateAsync(account, Server.Passwords[account]);
        return client;
    }

    /// <summary>What the zone says of a name's texts, by the primary itself.</summary>
    public async Task<IReadOnlyList<string>> TextsAsync(string name) =>
        (await new DnsResolver(new DnsResolverOptions { Servers = [new IPEndPoint(IPAddress.Loopback, dnsPort)] }, TimeProvider.System, NullLogger<DnsResolver>.Instance).TxtAsync(DomainName.Parse(name), CancellationToken.None)).Records;

    public async ValueTask DisposeAsync()
    {
        pebble?.Dispose();
        await Server.DisposeAsync();
        knot.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    // What pebble shows as itself, and who vouches for it.
    private static void WriteIdentity(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Lab authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leaf = new CertificateRequest("CN=localhost", leafKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        leaf.CertificateExtensions.Add(names.Build());
        using var certificate = leaf.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(300), [1, 2, 3, 4]);
        File.WriteAllText(Path.Combine(folder, "authority.pem"), authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "pebble.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "pebble.key"), leafKey.ExportPkcs8PrivateKeyPem());
    }
}
