using System.Text.Json;
using Sternpost.Scenarios.Harness;

namespace Sternpost.Scenarios.Sending;

/// <summary>A full queue against destinations of which some refuse, defer, hang or close early: what the whole run of <c>bench queue</c> measures, on a smaller scale.</summary>
[Collection(Alone.Name)]
public sealed class QueueLoadTests
{
    private const int Connections = 50;

    [Fact]
    public async Task Each_message_is_delivered_or_bounced_exactly_once()
    {
        var run = await RunAsync("--messages", "3000", "--destinations", "300");
        Assert.Equal(0, run.GetProperty("missing").GetInt32());
        Assert.Equal(3000 - run.GetProperty("bounced").GetInt32(), run.GetProperty("delivered").GetInt32());
        Assert.True(run.GetProperty("bounced").GetInt32() > 0, "Some destinations refuse.");
        Assert.Equal(0, run.GetProperty("deliveredAgain").GetInt32());
        Assert.Equal(0, run.GetProperty("bouncedAgain").GetInt32());
    }

    [Fact]
    public async Task Killed_twice_it_loses_nothing_and_repeats_nothing()
    {
        const int Kills = 2;
        var run = await RunAsync("--messages", "5000", "--destinations", "500", "--kills", Kills.ToString());
        Assert.Equal(Kills, run.GetProperty("kills").GetInt32());
        Assert.Equal(0, run.GetProperty("missing").GetInt32());
        Assert.Equal(5000, run.GetProperty("delivered").GetInt32() + run.GetProperty("bounced").GetInt32());
        // RFC 1047: what another server has taken and the killed one had not heard yet is heard by the keeper of its connections.
        Assert.Equal(0, run.GetProperty("deliveredAgain").GetInt32());
        Assert.Equal(0, run.GetProperty("bouncedAgain").GetInt32());
    }

    private static async Task<JsonElement> RunAsync(params string[] arguments)
    {
        var run = await Peer.RunAsync("dotnet", [ServerProcess.Program, "bench", "queue", "--connections", Connections.ToString(), "--json", .. arguments], patience: TimeSpan.FromMinutes(10));
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        return JsonDocument.Parse(run.Output).RootElement[0];
    }
}
