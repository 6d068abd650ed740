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

    [LoggerMessage(5010, LogLevel.Warning, "More was judged than could be written down; the findings of some messages are not kept")]
    internal static partial void EvidenceDropped(this ILogger logger);

    [LoggerMessage(5011, LogLevel.Error, "Evidence could not be written")]
    internal static partial void EvidenceFailed(this ILogger logger, Exception exception);

    [LoggerMessage(5012, LogLevel.Error, "The upkeep of stored evidence failed; it is tried again in the next round")]
    internal static partial void EvidenceUpkeepFailed(this ILogger logger, Exception exception);

    [LoggerMessage(5013, LogLevel.Warning, "Moved a delivered message to Junk: {Reason} Account {AccountId}, email {EmailId}; undo with: sternpost after-delivery undo {Move:x}")]
    internal static partial void MovedLater(this ILogger logger, string reason, long accountId, long emailId, long move);

    [LoggerMessage(5014, LogLevel.Information, "Asked {Client} to come back ({Sender} to {Recipients} recipients): {Reason}")]
    internal static partial void Greylisted(this ILogger logger, string client, string sender, int recipients, string reason);

    [LoggerMessage(5015, LogLevel.Warning, "Account {AccountId} is being signed up everywhere: {Messages} such messages from {Domains} domains within an hour; further ones go to Junk")]
    internal static partial void BombBegan(this ILogger logger, long accountId, int messages, int domains);

    [LoggerMessage(5016, LogLevel.Information, "The nightly refit of {Messages} messages proposes: {Proposal}")]
    internal static partial void Proposed(this ILogger logger, int messages, string proposal);

    [LoggerMessage(5017, LogLevel.Information, "Account {AccountId} gave more testimony today than counts; reputation does not move by it")]
    internal static partial void TestimonyRefused(this ILogger logger, long accountId);
}
