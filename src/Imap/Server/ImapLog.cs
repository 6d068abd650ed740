using System.Net;
using Microsoft.Extensions.Logging;

namespace Sternpost.Imap.Server;

/// <summary>Log events 8000 to 8499. Names of accounts are logged, passwords and message text never.</summary>
internal static partial class ImapLog
{
    [LoggerMessage(8001, LogLevel.Information, "{Client} signed in as {Account} by {Mechanism}, {Tls}")]
    internal static partial void SignedIn(this ILogger logger, IPEndPoint client, string account, string mechanism, string tls);

    [LoggerMessage(8002, LogLevel.Information, "{Client}: sign-in by {Mechanism} refused: {Reason}")]
    internal static partial void SignInRefused(this ILogger logger, IPEndPoint client, string mechanism, string reason);

    [LoggerMessage(8003, LogLevel.Debug, "{Client}: session of {Account} ended: {Reason}")]
    internal static partial void Ended(this ILogger logger, IPEndPoint client, string account, string reason);

    [LoggerMessage(8004, LogLevel.Error, "{Client}: {Command} failed")]
    internal static partial void CommandFailed(this ILogger logger, Exception bug, IPEndPoint client, string command);

    [LoggerMessage(8005, LogLevel.Debug, "{Client}: {Command} answered {Status} in {Milliseconds:0.0} ms")]
    internal static partial void Answered(this ILogger logger, IPEndPoint client, string command, string status, double milliseconds);

    [LoggerMessage(8006, LogLevel.Information, "{Client}: closed: {Reason}")]
    internal static partial void Closed(this ILogger logger, IPEndPoint client, string reason);
}
