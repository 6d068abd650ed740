using System.CommandLine;
using Sternpost.Composition;
using Sternpost.Configuration;

namespace Sternpost.Commands;

/// <summary><c>serve</c>.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Runs the server until SIGTERM or Ctrl+C. SIGHUP reads the certificate again.");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult result, CancellationToken cancellation)
    {
        var configuration = ConfigurationFile.Load(CommonOptions.ConfigurationPath(result));
        using var loggers = LogLines.ToStandardError(configuration.Logging.Level);
        ServerHost? host = null;
        using var signals = new StopSignals(() => host?.Certificate.Reload());
        host = await ServerHost.StartAsync(configuration, result.GetRequiredValue(CommonOptions.Data), new HostOptions(), TimeProvider.System, loggers, signals.Stop);
        await using (host)
        {
            ServiceNotification.Ready();
            await WatchAsync(host, signals);
            ServiceNotification.Stopping();
        }
    }

    // Tells the supervisor that the server lives, as often as it asked for, until told to stop.
    private static async Task WatchAsync(ServerHost host, StopSignals signals)
    {
        if (ServiceNotification.WatchdogInterval is not { } interval)
        {
            await signals.WaitAsync();
            return;
        }
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(signals.Stop))
            {
                if (await host.IsHealthyAsync(signals.Stop)) ServiceNotification.Alive();
            }
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
        {
            // Told to stop.
        }
    }
}
