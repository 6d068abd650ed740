using Sternpost.Commands;
using Sternpost.Setup;
using Sternpost.Watch;

namespace Sternpost.Administration;

/// <summary>How the server is, on one screen: what an administrator looks at first.</summary>
/// <param name="At">When it was looked at.</param>
/// <param name="Host">Which server.</param>
/// <param name="Version">Its release.</param>
/// <param name="Queue">Outgoing mail.</param>
/// <param name="Day">The last 24 hours.</param>
/// <param name="Findings">What <c>doctor</c> finds that is not in order, without asking anything outside.</param>
/// <param name="Watched">What others see that is not in order: lists, names, records.</param>
/// <param name="Certificates">Those that are shown or ordered.</param>
/// <param name="Alerts">The newest.</param>
/// <param name="Contained">Accounts that are locked.</param>
/// <param name="Holds">Outgoing mail that is kept back.</param>
/// <param name="Quarantine">Incoming mail that is kept for somebody to look at, the newest.</param>
/// <param name="Near">Who has used most of what may be sent.</param>
internal sealed record ServerStatus(
    DateTimeOffset At, string Host, string Version, QueueStatus Queue, DayStatus Day, IReadOnlyList<CheckResult> Findings, IReadOnlyList<WatchedProblem> Watched, IReadOnlyList<CertificateFact> Certificates,
    IReadOnlyList<AlertStatus> Alerts, IReadOnlyList<ContainedStatus> Contained, IReadOnlyList<HoldStatus> Holds, IReadOnlyList<QuarantinedStatus> Quarantine,
    IReadOnlyList<NearLimitStatus> Near);

/// <summary>Outgoing mail.</summary>
/// <param name="Messages">Messages that wait.</param>
/// <param name="Recipients">Recipients that are owed.</param>
/// <param name="Trouble">Why nothing can go out; empty where it can.</param>
/// <param name="Causes">What keeps mail back, the gravest first.</param>
internal sealed record QueueStatus(long Messages, long Recipients, string Trouble, IReadOnlyList<CauseStatus> Causes);

/// <summary>What keeps mail back.</summary>
internal sealed record CauseStatus(string Cause, string Remedy, long Waiting, long Failed, IReadOnlyList<string> Domains);

/// <summary>The last 24 hours.</summary>
/// <param name="Inbox">Messages that were judged wanted.</param>
/// <param name="Junk">Messages that went to Junk.</param>
/// <param name="Refused">Refusals while the client was connected.</param>
/// <param name="Delivered">Copies that other servers took.</param>
/// <param name="Deferred">Attempts that failed for now.</param>
/// <param name="Failed">Copies that could not be passed on.</param>
internal sealed record DayStatus(long Inbox, long Junk, long Refused, long Delivered, long Deferred, long Failed);

/// <summary>An alert.</summary>
internal sealed record AlertStatus(DateTimeOffset At, string Kind, string Subject, string Body);

/// <summary>A locked account.</summary>
internal sealed record ContainedStatus(string Address, DateTimeOffset At, string Reason, bool Automatic);

/// <summary>Outgoing mail that is kept back.</summary>
internal sealed record HoldStatus(string Id, string Account, DateTimeOffset Since, DateTimeOffset ReleaseAt, string Reason);

/// <summary>Incoming mail that is kept.</summary>
internal sealed record QuarantinedStatus(string Id, DateTimeOffset Received, string Author, string Subject, IReadOnlyList<string> Recipients, string Reason, bool Malware, bool Releasing);

/// <summary>A sender near a limit.</summary>
/// <param name="Of">Who, in words.</param>
/// <param name="Address">The account's address; null where it is none.</param>
/// <param name="Limit">Which limit.</param>
/// <param name="Used">How much was sent.</param>
/// <param name="Allowed">How much may be.</param>
/// <param name="IsHard">Whether what is more is refused, and not only held.</param>
internal sealed record NearLimitStatus(string Of, string? Address, string Limit, long Used, long Allowed, bool IsHard);
