using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Sternpost.Composition;

/// <summary>The log: standard error, one line per event, times in UTC. Under systemd each line carries its priority, so that journalctl can filter.</summary>
internal static class LogLines
{
    public static ILoggerFactory ToStandardError(string level) => ToStandardError(Enum.Parse<LogLevel>(level, ignoreCase: true));

    public static ILoggerFactory ToStandardError(LogLevel least) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(least);
        // What Kestrel says of each connection is for its developers.
        logging.AddFilter("Microsoft", least > LogLevel.Warning ? least : LogLevel.Warning);
        logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        // systemd sets this where standard error is the journal (systemd.exec(5)).
        if (Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 }) logging.AddSystemdConsole(options => options.IncludeScopes = false);
        else
        {
            logging.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                options.ColorBehavior = LoggerColorBehavior.Disabled;
            });
        }
    });
}
