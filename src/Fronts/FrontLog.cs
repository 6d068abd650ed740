using Microsoft.Extensions.Logging;

namespace Sternpost.Fronts;

/// <summary>What the fronts log, with stable ids from 9000.</summary>
internal static partial class FrontLog
{
    [LoggerMessage(9000, LogLevel.Information, "{Front}: {Client} asked about a message of {Octets} octets ({Reference}): {Disposition}")]
    internal static partial void Asked(this ILogger log, string front, string client, long octets, string reference, string disposition);

    [LoggerMessage(9001, LogLevel.Information, "{Front}: {Client} sent what is not the protocol: {Reason}")]
    internal static partial void Malformed(this ILogger log, string front, string client, string reason);

    [LoggerMessage(9002, LogLevel.Warning, "{Front}: a message of {Octets} octets from {Client} is larger than is judged; it passes unjudged")]
    internal static partial void TooLarge(this ILogger log, string front, string client, long octets);

    [LoggerMessage(9003, LogLevel.Information, "{Front}: {Client} taught a message as {Lesson}")]
    internal static partial void Taught(this ILogger log, string front, string client, string lesson);
}
