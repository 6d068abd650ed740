using Microsoft.Extensions.Logging;

namespace Sternpost.Dns;

/// <summary>What the room logs (events 6000 to 6099).</summary>
internal static partial class DnsLog
{
    [LoggerMessage(6000, LogLevel.Debug, "DNS question {Type} {Name} failed: {Reason}")]
    public static partial void QuestionFailed(this ILogger logger, string type, string name, string reason);

    [LoggerMessage(6001, LogLevel.Warning, "DNS list {Zone} refuses our questions (answer {Code}): too many from this resolver, or a public resolver is used. It counts for nothing until it answers; see the list's terms.")]
    public static partial void ListRefuses(this ILogger logger, string zone, string code);
}
