using Microsoft.Extensions.Logging;

namespace Sternpost.Smtp.Client.Wires;

/// <summary>What connections to other servers have to say.</summary>
internal static partial class WiresLog
{
    [LoggerMessage(1080, LogLevel.Warning, "There is no wire keeper, so this process holds its connections to other servers itself: were it killed now, some mail under way would be sent twice")]
    internal static partial void KeeperFailed(this ILogger log, Exception exception);
}
