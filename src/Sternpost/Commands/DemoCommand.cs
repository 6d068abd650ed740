using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Sternpost.Composition;
using Sternpost.Demo;

namespace Sternpost.Commands;

/// <summary><c>demo</c>.</summary>
internal static class DemoCommand
{
    private static readonly Option<bool> Once = new("--once") { Description = "Play the scene, check its outcome, and exit: 0 where every mail ended where it must." };
    // For tests and 'bench', which run several demos at once or look at no scene.
    private static readonly Option<int> PortOffset = new("--port-offset") { Hidden = true };
    private static readonly Option<bool> NoScene = new("--no-scene") { Hidden = true };
    private static readonly Option<bool> NeverRefuse = new("--never-refuse") { Hidden = true };
    private static readonly Option<string?> NameServer = new("--name-server") { Hidden = true };

    public static Command Create()
    {
        var command = new Command("demo", "A complete server on loopback, for trying: accounts, ports, and a scene of six mails. Runs until interrupted.") { Once, PortOffset, NoScene, NeverRefuse, NameServer };
        command.SetAction((result, _) => RunAsync(result));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result)
    {
        var folder = result.GetRequiredValue(CommonOptions.Data);
        using var loggers = LogLines.ToStandardError(LogLevel.Warning);
        using var signals = new StopSignals(reload: null);
        await using var demo = await DemoServer.StartAsync(folder, new DemoPorts(result.GetValue(PortOffset)), refuse: !result.GetValue(NeverRefuse), result.GetValue(NameServer) is { } server ? IPEndPoint.Parse(server) : null, loggers, signals.Stop);
        Console.Out.WriteLine(DemoCard.Of(demo.Facts, folder));
        if (!result.GetValue(NoScene))
        {
            Console.Out.WriteLine("The scene: six mails come in for alice.");
            var right = await demo.PlayAsync(Console.Out, signals.Stop);
            if (result.GetValue(Once))
            {
                Console.Out.WriteLine(right ? "\nEvery mail ended where it should." : "\nNot every mail ended where it should.");
                return right ? 0 : CommandLine.Failed;
            }
        }
        Console.Out.WriteLine("\nRunning. Stop it with Ctrl+C.");
        await signals.WaitAsync();
        return 0;
    }
}
