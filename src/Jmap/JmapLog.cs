using Microsoft.Extensions.Logging;

namespace Sternpost.Jmap;

/// <summary>The log lines of JMAP; events 1700 to 1749.</summary>
internal static partial class JmapLog
{
    [LoggerMessage(1700, LogLevel.Error, "The method {Method} failed for {Account}")]
    internal static partial void MethodFailed(this ILogger log, Exception failure, string method, string account);

    [LoggerMessage(1701, LogLevel.Information, "Sign-in over HTTPS from {Client} refused: {Reason}")]
    internal static partial void SignInRefused(this ILogger log, System.Net.IPAddress client, string reason);

    [LoggerMessage(1702, LogLevel.Warning, "Push to {Host} for {Account} failed: {Reason}")]
    internal static partial void PushFailed(this ILogger log, string host, string account, string reason);

    [LoggerMessage(1703, LogLevel.Error, "The submission {Submission} could not be handed over at its time")]
    internal static partial void SubmissionFailed(this ILogger log, Exception failure, long submission);

    [LoggerMessage(1704, LogLevel.Error, "The upkeep of JMAP failed")]
    internal static partial void UpkeepFailed(this ILogger log, Exception failure);

    [LoggerMessage(1705, LogLevel.Information, "A remote picture of {Host} was not fetched: {Reason}")]
    internal static partial void PictureNotFetched(this ILogger log, string host, string reason);

    [LoggerMessage(1706, LogLevel.Information, "A list of {Host} was not left by one request: {Reason}")]
    internal static partial void ListNotLeft(this ILogger log, string host, string reason);
}
