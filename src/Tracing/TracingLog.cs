using Microsoft.Extensions.Logging;

namespace Sternpost.Tracing;

/// <summary>What tracing logs, with stable ids from 9000.</summary>
internal static partial class TracingLog
{
    [LoggerMessage(9000, LogLevel.Error, "{Count} refusals could not be written down for 'trace'")]
    internal static partial void TraceLost(this ILogger log, Exception exception, int count);

    [LoggerMessage(9001, LogLevel.Error, "Old traces could not be forgotten; it is tried again in an hour")]
    internal static partial void ForgettingFailed(this ILogger log, Exception exception);
}
