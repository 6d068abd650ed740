using System.Net;
using Microsoft.Extensions.Logging;

namespace Sternpost.Smtp.Server;

/// <summary>What the SMTP server logs (events 3000 to 3499). What a client wrote has passed the grammar, so it holds no control characters.</summary>
internal static partial class SmtpLog
{
    [LoggerMessage(3000, LogLevel.Debug, "{Session}: {Client} connected to the {Door} port")]
    internal static partial void Connected(this ILogger log, string session, IPEndPoint client, string door);

    [LoggerMessage(3001, LogLevel.Debug, "{Session}: {Client} left after {Messages} messages and {Errors} errors: {How}")]
    internal static partial void Left(this ILogger log, string session, IPEndPoint client, int messages, int errors, string how);

    [LoggerMessage(3002, LogLevel.Information, "{Session}: {Client} ({Helo}), sender {ReversePath}: {Command} refused: {Reply}")]
    internal static partial void Refused(this ILogger log, string session, IPAddress client, string helo, string reversePath, string command, Reply reply);

    [LoggerMessage(3003, LogLevel.Information, "{Session}: {Client} ({Helo}), sender {ReversePath}, {Recipients} recipients, {Size} octets: message refused: {Reply}")]
    internal static partial void MessageRefused(this ILogger log, string session, IPAddress client, string helo, string reversePath, int recipients, long size, Reply reply);

    [LoggerMessage(3004, LogLevel.Information, "{Session}: {Client} signed in as {Account} by {Mechanism}")]
    internal static partial void SignedIn(this ILogger log, string session, IPAddress client, string account, string mechanism);

    [LoggerMessage(3005, LogLevel.Information, "{Session}: {Client} could not sign in by {Mechanism} ({Kind}): {Reason}")]
    internal static partial void NotSignedIn(this ILogger log, string session, IPAddress client, string mechanism, string kind, string reason);

    [LoggerMessage(3006, LogLevel.Debug, "{Session}: {Client} broke the rules: {Fault}")]
    internal static partial void RuleBroken(this ILogger log, string session, IPAddress client, string fault);

    [LoggerMessage(3007, LogLevel.Debug, "{Session}: TLS with {Client} failed")]
    internal static partial void TlsFailed(this ILogger log, string session, IPAddress client);

    [LoggerMessage(3008, LogLevel.Information, "{Session}: the connection of {Client} was ended: {Reply}")]
    internal static partial void Ended(this ILogger log, string session, IPAddress client, Reply reply);

    [LoggerMessage(3009, LogLevel.Error, "{Session}: a command of {Client} ended in an error of this program; the client was asked to come back")]
    internal static partial void Failed(this ILogger log, Exception exception, string session, IPAddress client);

    [LoggerMessage(3010, LogLevel.Information, "{Session}: {Count} Authentication-Results fields in the name of this server were cut out of a message from {Client}")]
    internal static partial void ForgedResults(this ILogger log, string session, int count, IPAddress client);
}
