using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Sternpost.Commands;
using Sternpost.Composition;
using Sternpost.Dns;
using Sternpost.Filter;

namespace Sternpost.Demo;

/// <summary>The whole server on loopback, with its accounts, its facts in demo.json, and a scene to play.</summary>
internal sealed class DemoServer : IAsyncDisposable
{
    private readonly ServerHost host;
    private readonly SceneWorld world;
    private readonly X509Certificate2 authority;

    private DemoServer(ServerHost host, SceneWorld world, X509Certificate2 authority, DemoFile facts)
    {
        this.host = host;
        this.world = world;
        this.authority = authority;
        Facts = facts;
    }

    /// <summary>What demo.json says.</summary>
    public DemoFile Facts { get; }

    /// <summary>Starts it; returns when all listeners accept and demo.json is written.</summary>
    /// <exception cref="OperationFailedException">The folder is that of a real server, or another runs on it.</exception>
    public static async Task<DemoServer> StartAsync(string folder, DemoPorts ports, bool refuse, IPEndPoint? nameServer, ILoggerFactory loggers, CancellationToken cancellation)
    {
        if (File.Exists(Path.Combine(folder, "sternpost.toml")))
        {
            throw new OperationFailedException($"{Path.GetFullPath(folder)} is the data folder of a real server; the demo must not touch it. Name another with --data.");
        }
        var earlier = DemoFile.EarlierPasswords(folder);
        var configuration = DemoConfiguration.Of(ports, refuse);
        var authority = DemoTls.Ensure(folder, Path.Combine(folder, configuration.Tls.Certificate), Path.Combine(folder, configuration.Tls.Key),
            ["localhost", DemoConfiguration.HostName, DemoAccounts.Domain], DateTimeOffset.UtcNow);
        // Tests bring senders of their own into the world, with a name server that knows them.
        var world = new SceneWorld(nameServer is null ? null : new DnsResolver(new DnsResolverOptions { Servers = [nameServer] }, TimeProvider.System, loggers.CreateLogger<DnsResolver>()));
        ServerHost? host = null;
        try
        {
            host = await ServerHost.StartAsync(configuration, folder, new HostOptions { Resolver = world.Resolver, LoopbackOnly = true }, TimeProvider.System, loggers, cancellation);
            // The facts of an earlier start are stale now, and who waits for the file must not read them.
            File.Delete(DemoFile.PathIn(folder));
            var accounts = await DemoAccounts.EnsureAsync(host.Parts.Directory, earlier, cancellation);
            var facts = new DemoFile(DemoAccounts.Domain, accounts, DemoPortsFact.Of(ports), DemoTls.AuthorityPath(folder), $"https://localhost:{ports.Https}/");
            facts.Write(folder);
            return new DemoServer(host, world, authority, facts);
        }
        catch
        {
            if (host is not null) await host.DisposeAsync();
            world.Dispose();
            authority.Dispose();
            throw;
        }
    }

    /// <summary>Plays the scene; prints a line for each mail as it is settled. True where all ended where they must.</summary>
    public async Task<bool> PlayAsync(TextWriter output, CancellationToken cancellation)
    {
        // A door of its own on a free port, where PROXY protocol may say what address a client has. The demo's MX port takes none.
        await using var doors = host.MoreDoors();
        await doors.ListenAsync(Doors.Proxied("scene", host.Parts, new IPEndPoint(IPAddress.Loopback, 0)), cancellation);
        var meanings = StandardJudges.All(new FilterOptions(), world.Resolver, host.Parts.Classifier).SelectMany(judge => judge.Symbols).ToDictionary(symbol => symbol.Name, symbol => symbol.Meaning);
        var play = new ScenePlay(world, doors.Bound[0].EndPoint, Facts.Ports.Imaps, authority, Facts.Accounts[0], meanings);
        var right = true;
        // All at once, as strangers come: each of them waits a second for the greeting.
        foreach (var playing in Scene.Mails.Select(mail => play.PlayAsync(mail, cancellation)).ToList())
        {
            var result = await playing;
            await output.WriteLineAsync(result.ToString());
            right &= result.IsRight;
        }
        return right;
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        world.Dispose();
        authority.Dispose();
    }
}
