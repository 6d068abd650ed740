using System.Text;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Fronts;

/// <summary>The OpenLDAP server of Debian with entries of its own, in clear with StartTLS and over TLS; with the addresses of an Active Directory.</summary>
public sealed class RealSlapd : IAsyncDisposable
{
    public const string Base = "dc=example,dc=com", User = "cn=sternpost,dc=example,dc=com", Password = "reads-addresses";

    private readonly string folder;
    private ServerProcess process;

    private RealSlapd(string folder, int port, ServerProcess process)
    {
        this.folder = folder;
        Port = port;
        this.process = process;
    }

    public int Port { get; }

    public int TlsPort => Port + 1;

    public string Certificate => Path.Combine(folder, "cert.pem");

    public string PasswordFile => Path.Combine(folder, "password");

    /// <summary>Starts one with these people: a name, and addresses as Exchange writes them.</summary>
    public static async Task<RealSlapd> StartAsync(params (string Name, string[] Proxies)[] people)
    {
        Peer.Need("slapd");
        var folder = Path.Combine(Path.GetTempPath(), "sternpost-slapd-" + Guid.NewGuid().ToString("n")[..12]);
        Directory.CreateDirectory(Path.Combine(folder, "db"));
        await RealDovecot.CertificateAsync(folder, "localhost");
        await File.WriteAllTextAsync(Path.Combine(folder, "password"), Password + "\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "slapd.conf"), $"""
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            attributetype ( 1.2.840.113556.1.2.210 NAME 'proxyAddresses' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
            objectclass ( 1.2.840.113556.1.5.9999 NAME 'mailRecipient' SUP top AUXILIARY MAY ( proxyAddresses ) )
            modulepath /usr/lib/ldap
            moduleload back_mdb
            TLSCertificateFile {folder}/cert.pem
            TLSCertificateKeyFile {folder}/key.pem
            require bind
            disallow bind_anon
            security simple_bind=128
            database mdb
            suffix "{Base}"
            rootdn "{User}"
            rootpw {Password}
            directory {folder}/db
            """ + "\n");
        var entries = new StringBuilder($"dn: {Base}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n");
        foreach (var (name, proxies) in people)
        {
            entries.Append($"dn: cn={name},{Base}\nobjectClass: inetOrgPerson\nobjectClass: mailRecipient\ncn: {name}\nsn: {name}\nmail: {name}@example.com\n");
            foreach (var proxy in proxies) entries.Append($"proxyAddresses: {proxy}\n");
            entries.Append('\n');
        }
        await File.WriteAllTextAsync(Path.Combine(folder, "entries.ldif"), entries.ToString());
        var added = await Peer.RunAsync("slapadd", ["-f", Path.Combine(folder, "slapd.conf"), "-l", Path.Combine(folder, "entries.ldif")]);
        Assert.True(added.ExitCode == 0, added.Errors);
        var port = 1389 + Ports.NextOffset();
        var slapd = new RealSlapd(folder, port, Run(folder, port));
        await slapd.process.WaitAsync(slapd.ListensAsync);
        return slapd;
    }

    public Task StopAsync() => process.TerminateAsync();

    public async Task StartAgainAsync()
    {
        process.Dispose();
        process = Run(folder, Port);
        await process.WaitAsync(ListensAsync);
    }

    public async ValueTask DisposeAsync()
    {
        process.Dispose();
        Directory.Delete(folder, recursive: true);
        await ValueTask.CompletedTask;
    }

    // In the foreground, saying connections and what is asked.
    private static ServerProcess Run(string folder, int port) =>
        ServerProcess.StartProgram("slapd", ["-f", Path.Combine(folder, "slapd.conf"), "-h", $"ldap://127.0.0.1:{port} ldaps://127.0.0.1:{port + 1}", "-d", "256"]);

    /// <summary>How many searches it was asked for.</summary>
    public int Searches => process.Said.Split(" SRCH base=").Length - 1;

    private async Task<bool> ListensAsync()
    {
        using var client = new System.Net.Sockets.TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", TlsPort);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
