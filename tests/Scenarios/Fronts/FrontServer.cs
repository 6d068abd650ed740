using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Fronts;

/// <summary>An installed Sternpost with all fronts open, nothing to look up, and verdicts that depend on nothing but the message.</summary>
public sealed class FrontServer : IAsyncDisposable
{
    private readonly ScriptedDns dns;

    private FrontServer(ScriptedDns dns, InstalledServer server, int offset, int nextHop)
    {
        this.dns = dns;
        Server = server;
        Milter = 1332 + offset;
        Spamd = 783 + offset;
        Rspamd = 1333 + offset;
        ContentFilter = 24 + offset;
        NextHop = nextHop;
    }

    public InstalledServer Server { get; }

    public int Milter { get; }

    public int Spamd { get; }

    public int Rspamd { get; }

    public int ContentFilter { get; }

    public int NextHop { get; }

    public static async Task<FrontServer> StartAsync(int nextHop = 10025, string more = "")
    {
        var dns = new ScriptedDns();
        var offset = Harness.Ports.NextOffset();
        var server = await InstalledServer.StartAsync($"""
            dns.resolvers = ["{dns.Address}"]
            listeners.milter.port = {1332 + offset}
            listeners.spamd.port = {783 + offset}
            listeners.rspamd.port = {1333 + offset}
            listeners.content_filter.port = {24 + offset}
            content_filter.next_hop = "127.0.0.1:{nextHop}"
            {more}
            """);
        return new FrontServer(dns, server, offset, nextHop);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await dns.DisposeAsync();
    }
}
