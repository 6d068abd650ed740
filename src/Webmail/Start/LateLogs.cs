using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Sternpost.Webmail.Start;

/// <summary>Logs that wait for the first warning before Blazor's own, which write to the browser's console and show that the page is broken, are made.</summary>
internal sealed class LateLogs(IServiceProvider services) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new LateLog(services, categoryName);

    public ILogger<T> For<T>() => new LateLog<T>(services);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("Providers are registered as services.");

    public void Dispose()
    {
    }

    private sealed class LateLog<T>(IServiceProvider services) : LateLog(services, typeof(T).FullName!), ILogger<T>;

    private class LateLog(IServiceProvider services, string category) : ILogger
    {
        private readonly List<ILogger> logs = [];

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            if (logs.Count == 0)
                foreach (var provider in services.GetServices<ILoggerProvider>()) logs.Add(provider.CreateLogger(category));
            foreach (var log in logs) log.Log(logLevel, eventId, state, exception, formatter);
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
    }
}
