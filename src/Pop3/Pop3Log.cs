using System.Net;
using Microsoft.Extensions.Logging;
using Sternpost.Messages.Addresses;

namespace Sternpost.Pop3;

/// <summary>What POP3 sessions say to the administrator.</summary>
internal static partial class Pop3Log
{
    [LoggerMessage(8501, LogLevel.Information, "{Account} signed in by POP3 from {Client}: {Messages} messages")]
    internal static partial void SignedIn(this ILogger logger, EmailAddress account, IPEndPoint client, int messages);

    [LoggerMessage(8502, LogLevel.Information, "Refused a POP3 sign-in from {Client}: {Reason}")]
    internal static partial void Refused(this ILogger logger, IPEndPoint client, string reason);

    [LoggerMessage(8503, LogLevel.Information, "{Account} deleted {Messages} messages by POP3 from {Client}")]
    internal static partial void DeletedAtQuit(this ILogger logger, EmailAddress account, int messages, IPEndPoint client);

    [LoggerMessage(8504, LogLevel.Warning, "{Account} asked by POP3 from {Client} to delete {Messages} messages, and some are still there")]
    internal static partial void NotAllDeleted(this ILogger logger, EmailAddress account, IPEndPoint client, int messages);
}
