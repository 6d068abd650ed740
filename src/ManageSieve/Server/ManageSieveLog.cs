using System.Net;
using Microsoft.Extensions.Logging;

namespace Sternpost.ManageSieve.Server;

/// <summary>Log events 8601 to 8699. Names of accounts and scripts are logged, passwords and the text of scripts never.</summary>
internal static partial class ManageSieveLog
{
    [LoggerMessage(8601, LogLevel.Information, "{Client} signed in by ManageSieve as {Account} by {Mechanism}, {Tls}")]
    internal static partial void SignedIn(this ILogger logger, IPEndPoint client, string account, string mechanism, string tls);

    [LoggerMessage(8602, LogLevel.Information, "{Client}: ManageSieve sign-in by {Mechanism} refused: {Reason}")]
    internal static partial void SignInRefused(this ILogger logger, IPEndPoint client, string mechanism, string reason);

    [LoggerMessage(8603, LogLevel.Debug, "{Client}: ManageSieve session of {Account} ended: {Reason}")]
    internal static partial void Ended(this ILogger logger, IPEndPoint client, string account, string reason);

    [LoggerMessage(8604, LogLevel.Error, "{Client}: ManageSieve's {Command} failed")]
    internal static partial void CommandFailed(this ILogger logger, Exception bug, IPEndPoint client, string command);

    [LoggerMessage(8605, LogLevel.Information, "{Client}: ManageSieve connection closed: {Reason}")]
    internal static partial void Closed(this ILogger logger, IPEndPoint client, string reason);

    [LoggerMessage(8606, LogLevel.Information, "{Account}, {Client}: the Sieve script '{Script}' is {Change}")]
    internal static partial void Changed(this ILogger logger, string account, IPEndPoint client, string script, string change);
}
