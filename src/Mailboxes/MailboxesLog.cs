using Microsoft.Extensions.Logging;

namespace Sternpost.Mailboxes;

/// <summary>The log lines of the store; events 1750 to 1759.</summary>
internal static partial class MailboxesLog
{
    [LoggerMessage(1750, LogLevel.Warning, "The search index of account {Account} was damaged and is made anew")]
    internal static partial void IndexDamaged(this ILogger log, Exception failure, long account);
}
