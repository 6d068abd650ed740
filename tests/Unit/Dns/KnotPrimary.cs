using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sternpost.Dns;
using Sternpost.Dns.Updates;

namespace Sternpost.Unit.Dns;

/// <summary>A knot on loopback that is the primary of example.com and takes signed updates. Where knot is not installed, the test is skipped.</summary>
internal sealed class KnotPrimary : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sternpost-knot-").FullName;
    private readonly Process process;

    private KnotPrimary(IPEndPoint address, string records)
    {
        Address = address;
        Key = new TsigKey(DomainName.Parse("sternpost.example.com"), DomainName.Parse("hmac-sha256"), [.. Enumerable.Range(0, 32).Select(n => (byte)n)]);
        File.WriteAllText(Path.Combine(folder, "example.com.zone"), $"$ORIGIN example.com.\n$TTL 60\n@ SOA ns root 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n{records}\n");
        File.WriteAllText(Path.Combine(folder, "knot.conf"), $"""
            server:
              listen: {address.Address}@{address.Port}
              rundir: {folder}
            database:
              storage: {folder}
            log:
              - target: stderr
                any: info
            key:
              - id: {Key.Name.Ascii}
                algorithm: {Key.Algorithm.Ascii}
                secret: {Convert.ToBase64String(Key.Secret)}
            acl:
              - id: ours
                key: {Key.Name.Ascii}
                action: [query, update]
            zone:
              - domain: example.com
                storage: {folder}
                file: example.com.zone
                acl: ours
            """);
        process = Process.Start(new ProcessStartInfo("knotd", ["-c", Path.Combine(folder, "knot.conf")]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        // Read, or a full pipe would stop it.
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    public IPEndPoint Address { get; }

    public TsigKey Key { get; }

    public PrimaryServer Primary(TsigKey? key = null) => new(Address, key ?? Key, TimeSpan.FromSeconds(10), TimeProvider.System);

    public static async Task<KnotPrimary> StartAsync(string records = "")
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin");
        Assert.SkipUnless(path.Any(folder => File.Exists(Path.Combine(folder, "knotd"))), "knotd is not installed (apt-get install knot).");
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = (IPEndPoint)probe.LocalEndpoint;
        probe.Stop();
        var knot = new KnotPrimary(address, records);
        for (var tries = 0; ; tries++)
        {
            if ((await knot.Primary().FindAsync(DomainName.Parse("example.com"), "SOA", default)).State == PrimaryState.Done) return knot;
            if (tries == 200 || knot.process.HasExited) throw new InvalidOperationException("knotd did not start.");
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
