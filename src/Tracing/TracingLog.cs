using Microsoft.Extensions.Logging;

namespace Sternpost.Tracing;

/// <summary>What tracing logs, with stable ids from 9000.</summary>
internal static partial class TracingLog
{
    [LoggerMessage(9000, LogLevel.Error, "A refusal could not be written down for 'trace'")]
    internal static partial void TraceLost(this ILogger log, Exception exception);

    [LoggerMessage(9002, LogLevel.Warning, "More is refused than can be written down; 'trace' will not know of some refusals")]
    internal static partial void TraceDropped(this ILogger log);

    [LoggerMessage(9001, LogLevel.Error, "Old traces could not be forgotten; it is tried again in an hour")]
    internal static partial void ForgettingFailed(this ILogger log, Exception exception);
}
