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
        Milter = 21332 + offset;
        Spamd = 20783 + offset;
        Rspamd = 21333 + offset;
        ContentFilter = 20024 + offset;
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
        var offset = Harness.Ports.NextOffset() - 10_000;
        var server = await InstalledServer.StartAsync($"""
            dns.resolvers = ["{dns.Address}"]
            listeners.milter.port = {21332 + offset}
            listeners.spamd.port = {20783 + offset}
            listeners.rspamd.port = {21333 + offset}
            listeners.content_filter.port = {20024 + offset}
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
