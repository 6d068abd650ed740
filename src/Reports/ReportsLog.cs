using Microsoft.Extensions.Logging;
using Sternpost.Reports.Received;

namespace Sternpost.Reports;

/// <summary>What this room logs, with stable ids from 6200.</summary>
internal static partial class ReportsLog
{
    [LoggerMessage(6200, LogLevel.Information, "{Kind} report on {Domain} from {Organisation}: {Passed} passed, {Failed} failed")]
    internal static partial void ReportKept(this ILogger log, ReportKind kind, string domain, string organisation, long passed, long failed);

    [LoggerMessage(6201, LogLevel.Information, "{Kind} report on {Domain} from {Organisation} came again ({ReportId}); it counts once")]
    internal static partial void ReportRepeated(this ILogger log, ReportKind kind, string domain, string organisation, string reportId);

    [LoggerMessage(6202, LogLevel.Warning, "A report from {Sender} cannot be used: {Reason}. It is delivered as mail")]
    internal static partial void ReportRefused(this ILogger log, string sender, string reason);

    [LoggerMessage(6203, LogLevel.Information, "A report from {Sender} is about {Domain}, which is not ours. It is delivered as mail")]
    internal static partial void ReportOfOthers(this ILogger log, string sender, string domain);

    [LoggerMessage(6210, LogLevel.Information, "DMARC report on {Domain} with {Rows} rows: {Outcome}")]
    internal static partial void ReportSent(this ILogger log, string domain, int rows, string outcome);

    [LoggerMessage(6211, LogLevel.Information, "DMARC report on {Domain}: {Outcome}")]
    internal static partial void ReportNotSent(this ILogger log, string domain, string outcome);

    [LoggerMessage(6212, LogLevel.Warning, "{Rows} different outcomes of DMARC were not counted: more were seen today than are kept")]
    internal static partial void ObservationsDropped(this ILogger log, int rows);

    [LoggerMessage(6213, LogLevel.Error, "The upkeep of reports failed and is tried again")]
    internal static partial void UpkeepFailed(this ILogger log, Exception exception);
}
