using Microsoft.Extensions.Logging;

namespace Sternpost.Dns;

/// <summary>What the room logs (events 6000 to 6099).</summary>
internal static partial class DnsLog
{
    [LoggerMessage(6000, LogLevel.Debug, "DNS question {Type} {Name} failed: {Reason}")]
    public static partial void QuestionFailed(this ILogger logger, string type, string name, string reason);

    [LoggerMessage(6001, LogLevel.Warning, "DNS list {Zone} refuses our questions (answer {Code}): too many from this resolver, or a public resolver is used. It counts for nothing until it answers; see the list's terms.")]
    public static partial void ListRefuses(this ILogger logger, string zone, string code);

    [LoggerMessage(6002, LogLevel.Warning, "DNS server {Server} does not answer ({Reason}); it is asked last until it does")]
    public static partial void UpstreamSilent(this ILogger logger, string server, string reason);

    [LoggerMessage(6003, LogLevel.Information, "DNS server {Server} answers again")]
    public static partial void UpstreamAnswersAgain(this ILogger logger, string server);

    [LoggerMessage(6004, LogLevel.Warning, "The operating system's DNS servers could not be read ({Reason}); the resolver on this machine is asked")]
    public static partial void NoSystemServers(this ILogger logger, string reason);
}
