using Microsoft.Extensions.Logging;

namespace Sternpost.Filter;

/// <summary>Log events 5000 to 5999.</summary>
internal static partial class FilterLog
{
    [LoggerMessage(5001, LogLevel.Information, "Judged {Reference}: {Disposition}, score {Score:0.00}, {Findings} findings in {Milliseconds:0.00} ms; {Reason}")]
    internal static partial void Judged(this ILogger logger, string reference, string disposition, double score, int findings, double milliseconds, string reason);

    [LoggerMessage(5002, LogLevel.Warning, "Judge {Judge} failed on {Reference}; the message was judged without it")]
    internal static partial void JudgeFailed(this ILogger logger, Exception exception, string judge, string reference);

    [LoggerMessage(5003, LogLevel.Warning, "Judge {Judge} did not answer within {Seconds:0.0} s on {Reference}; the message was judged without it")]
    internal static partial void JudgeLate(this ILogger logger, string judge, double seconds, string reference);

    [LoggerMessage(5004, LogLevel.Information, "Account {AccountId} taught a message as {Label}: its score moved by {Shift:0.00}")]
    internal static partial void Taught(this ILogger logger, long accountId, string label, float shift);

    [LoggerMessage(5005, LogLevel.Warning, "Account {AccountId} taught more messages today than it may; this one was not learned")]
    internal static partial void TaughtTooMuch(this ILogger logger, long accountId);
}
