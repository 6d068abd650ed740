using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Transport;

/// <summary>
/// A small Internet in network namespaces, with mail on port 25 and policies on port 443 as they are outside: <c>alpha</c> and <c>beta</c> are
/// Sternposts, <c>gamma</c> is a Postfix, and <c>dns</c> runs knot, which signs alpha.test and gamma.test but not beta.test, and unbound, which
/// validates. Needs root and these programs; where something is missing the test is skipped and says what.
/// </summary>
internal sealed class TransportLab : IAsyncDisposable
{
    internal const string Alpha = "10.77.0.2", Beta = "10.77.0.3", Gamma = "10.77.0.4", Resolver = "10.77.0.1";
    private static readonly string[] Nodes = ["dns", "alpha", "beta", "gamma"];

    private readonly string prefix = "spt" + (Environment.ProcessId % 100_000) + "-";
    private readonly List<ServerProcess> servers = [];

    private TransportLab()
    {
        Folder = Directory.CreateTempSubdirectory("sternpost-lab-").FullName;
        Certificates = new LabCertificates(Folder);
    }

    internal string Folder { get; }

    internal LabCertificates Certificates { get; }

    internal static void NeedAll()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Network namespaces need root.");
        foreach (var program in new[] { "ip", "knotd", "keymgr", "unbound", "postfix", "swaks" }) Peer.Need(program);
    }

    internal static async Task<TransportLab> StartAsync()
    {
        var lab = new TransportLab();
        try
        {
            await lab.BuildAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program at a node to its end.</summary>
    internal Task<Peer.Outcome> RunAsync(string node, string program, IEnumerable<string> arguments, string? input = null) =>
        Peer.RunAsync("ip", ["netns", "exec", prefix + node, program, .. arguments], input);

    /// <summary>Starts a program at a node; the lab ends it where nobody did before.</summary>
    internal ServerProcess Start(string node, params string[] command)
    {
        var server = ServerProcess.StartProgram("ip", ["netns", "exec", prefix + node, .. command], new Dictionary<string, string> { ["SSL_CERT_FILE"] = Certificates.Authority });
        servers.Add(server);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers) server.Dispose();
        if (File.Exists(Path.Combine(Folder, "postfix", "conf", "main.cf"))) await RunAsync("gamma", "postfix", ["-c", Path.Combine(Folder, "postfix", "conf"), "stop"]);
        foreach (var node in Nodes)
        {
            await Peer.RunAsync("ip", ["netns", "delete", prefix + node]);
            if (Directory.Exists("/etc/netns/" + prefix + node)) Directory.Delete("/etc/netns/" + prefix + node, recursive: true);
        }
        Certificates.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task BuildAsync()
    {
        // The servers give up root, and must reach their files all the same.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
        var steps = new List<string> { $"ip netns add {prefix}dns", $"ip -n {prefix}dns link add lab0 type bridge", $"ip -n {prefix}dns addr add {Resolver}/24 dev lab0", $"ip -n {prefix}dns link set lab0 up", $"ip -n {prefix}dns link set lo up" };
        for (var n = 1; n < Nodes.Length; n++)
        {
            var node = prefix + Nodes[n];
            steps.AddRange([
                $"ip netns add {node}", $"ip -n {node} link set lo up",
                $"ip link add eth0 netns {node} type veth peer name port{n} netns {prefix}dns",
                $"ip -n {node} addr add 10.77.0.{n + 1}/24 dev eth0", $"ip -n {node} link set eth0 up",
                $"ip -n {prefix}dns link set port{n} master lab0", $"ip -n {prefix}dns link set port{n} up",
                // ip netns exec shows these to the programs at the node in place of the machine's own.
                $"mkdir -p /etc/netns/{node}", $"echo 'nameserver {Resolver}\noptions trust-ad' > /etc/netns/{node}/resolv.conf",
            ]);
        }
        var built = await Peer.RunAsync("sh", ["-ec", string.Join('\n', steps)]);
        Assert.SkipUnless(built.ExitCode == 0, "Network namespaces cannot be made here: " + built.Errors.Trim());
    }

    /// <summary>Starts knot with the zones, each a name and its records, and unbound over it.</summary>
    internal async Task StartDnsAsync(IReadOnlyDictionary<string, (bool Signed, string Records)> zones)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "knot")).FullName;
        var knot = $"server:\n  listen: 127.0.0.1@5353\n  rundir: {folder}\ndatabase:\n  storage: {folder}\npolicy:\n  - id: lab\n    algorithm: ecdsap256sha256\nlog:\n  - target: stderr\n    any: info\nzone:\n";
        foreach (var (name, (signed, records)) in zones)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name + ".zone"), $"$ORIGIN {name}.\n$TTL 60\n@ SOA ns.{name}. hostmaster.{name}. 1 3600 600 86400 60\n@ NS ns.{name}.\nns A {Resolver}\n{records}");
            knot += $"  - domain: {name}\n    storage: {folder}\n    file: {name}.zone\n{(signed ? "    dnssec-signing: on\n    dnssec-policy: lab\n" : "")}";
        }
        var configuration = Path.Combine(folder, "knot.conf");
        await File.WriteAllTextAsync(configuration, knot);
        var server = Start("dns", "knotd", "-c", configuration);
        await server.WaitAsync(async () => (await Task.WhenAll(zones.Where(zone => zone.Value.Signed).Select(zone => DsAsync(configuration, zone.Key)))).All(ds => ds.Length > 0) && server.Said.Contains("server started", StringComparison.Ordinal));

        var unbound = $"server:\n  interface: {Resolver}\n  access-control: 10.77.0.0/24 allow\n  do-daemonize: no\n  username: \"\"\n  chroot: \"\"\n  directory: \"{folder}\"\n  pidfile: \"{folder}/unbound.pid\"\n  use-syslog: no\n  verbosity: 1\n  do-not-query-localhost: no\n  do-ip6: no\n  local-zone: \"test.\" nodefault\n";
        foreach (var (name, (signed, _)) in zones)
        {
            if (signed) unbound += $"  trust-anchor: \"{await DsAsync(configuration, name)}\"\n";
        }
        foreach (var name in zones.Keys) unbound += $"stub-zone:\n  name: \"{name}\"\n  stub-addr: 127.0.0.1@5353\n";
        var unboundConfiguration = Path.Combine(folder, "unbound.conf");
        await File.WriteAllTextAsync(unboundConfiguration, unbound);
        var resolver = Start("dns", "unbound", "-d", "-c", unboundConfiguration);
        await resolver.WaitAsync(() => Task.FromResult(resolver.Said.Contains("start of service", StringComparison.Ordinal)));
    }

    // The DS record of the zone's key, made from what knot keeps, in SHA-256.
    private async Task<string> DsAsync(string configuration, string zone)
    {
        var keys = await RunAsync("dns", "keymgr", ["-c", configuration, zone + ".", "ds"]);
        return keys.Output.Split('\n').FirstOrDefault(line => line.Contains(" 13 2 ", StringComparison.Ordinal))?.Trim() ?? "";
    }
}
