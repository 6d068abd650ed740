using Microsoft.Extensions.Logging;

namespace Sternpost.Queue;

/// <summary>What the queue logs, with stable ids from 4000.</summary>
internal static partial class QueueLog
{
    [LoggerMessage(4000, LogLevel.Information, "{Id}: accepted in session {Session} from {ReversePath} for {Local} mailboxes and {Outside} outside recipients, {Size} octets")]
    internal static partial void Accepted(this ILogger log, string id, string session, string reversePath, int local, int outside, int size);

    [LoggerMessage(4001, LogLevel.Information, "{Id}: refused with {Code}: {Reason}")]
    internal static partial void Refused(this ILogger log, string id, int code, string reason);

    [LoggerMessage(4002, LogLevel.Warning, "{Id}: {Sender} has reached the {Limit} ({Allowed})")]
    internal static partial void LimitReached(this ILogger log, string id, string sender, string limit, long allowed);

    [LoggerMessage(4003, LogLevel.Warning, "{Id}: held, from {Sender}: {Reason}")]
    internal static partial void Held(this ILogger log, string id, string sender, string reason);

    [LoggerMessage(4004, LogLevel.Information, "{Holds} holds are over; {Domains} domains have mail again")]
    internal static partial void HoldsOver(this ILogger log, int holds, int domains);

    [LoggerMessage(4005, LogLevel.Information, "{Id}: held in quarantine, brought in session {Session} from {ReversePath} for {Recipients} recipients: {Reason}")]
    internal static partial void Quarantined(this ILogger log, string id, string session, string reversePath, int recipients, string reason);

    [LoggerMessage(4010, LogLevel.Information, "{Id}: delivered to {Recipient} by {Host} ({Tls}): {Reply}")]
    internal static partial void Delivered(this ILogger log, string id, string recipient, string host, string tls, string reply);

    [LoggerMessage(4011, LogLevel.Information, "{Id}: {Recipient} deferred until {Next} after attempt {Attempt}: {Reason} ({Tls})")]
    internal static partial void Deferred(this ILogger log, string id, string recipient, DateTimeOffset next, int attempt, string reason, string tls);

    [LoggerMessage(4012, LogLevel.Warning, "{Id}: {Recipient} failed for good: {Reason} ({Tls})")]
    internal static partial void Failed(this ILogger log, string id, string recipient, string reason, string tls);

    [LoggerMessage(4014, LogLevel.Warning, "{Id}: nobody can be told that {Recipient} failed, because the message is a notification itself")]
    internal static partial void NobodyToTell(this ILogger log, string id, string recipient);

    [LoggerMessage(4013, LogLevel.Debug, "{Destination}: {Reason}")]
    internal static partial void DestinationFailed(this ILogger log, string destination, string reason);

    [LoggerMessage(4050, LogLevel.Warning, "None of {Tried} mail servers lately tried could be reached: the provider of this machine may block port 25 outwards. Ask for it to be opened, or set queue.smarthost to send through a relay")]
    internal static partial void WayOutClosed(this ILogger log, int tried);

    [LoggerMessage(4051, LogLevel.Warning, "{Target}: too much of what an alias passes on is refused there; until {Until} it gets only what is surely wanted. Last: {Reply}")]
    internal static partial void ForwardTargetRests(this ILogger log, string target, DateTimeOffset until, string reply);

    [LoggerMessage(4052, LogLevel.Warning, "{Provider} asks for less: it gets {Rate} messages a minute from now on, and more again after each hour without such a word. It said: {Reply}")]
    internal static partial void ProviderSlowed(this ILogger log, string provider, double rate, string reply);

    [LoggerMessage(4053, LogLevel.Information, "{Id}: not passed on to {Target}: {Reason}")]
    internal static partial void NotPassedOn(this ILogger log, string id, string target, string reason);

    [LoggerMessage(4020, LogLevel.Information, "The queue runs: {Messages} messages wait for {Recipients} recipients")]
    internal static partial void Started(this ILogger log, int messages, int recipients);

    [LoggerMessage(4021, LogLevel.Information, "The queue has stopped; {Left} deliveries were cut short and will be tried again")]
    internal static partial void Stopped(this ILogger log, int left);

    [LoggerMessage(4022, LogLevel.Error, "The queue could not read or write its state and tries again")]
    internal static partial void StoreFailed(this ILogger log, Exception exception);

    [LoggerMessage(4023, LogLevel.Error, "{Destination}: a delivery ended in an error of this program; its mail is tried again later")]
    internal static partial void DeliveryFaulted(this ILogger log, Exception exception, string destination);

    [LoggerMessage(4025, LogLevel.Error, "{Id}: the content cannot be read; its sender is told without it")]
    internal static partial void ContentUnreadable(this ILogger log, Exception exception, string id);

    [LoggerMessage(4024, LogLevel.Critical, "The queue met an error of this program and goes on")]
    internal static partial void RunnerFaulted(this ILogger log, Exception exception);

    [LoggerMessage(4037, LogLevel.Information, "{Recipients} recipients had got their mail when this server was cut off before it could note so; they are not sent it again")]
    internal static partial void HandoversFound(this ILogger log, int recipients);

    [LoggerMessage(4039, LogLevel.Error, "Mail that may have arrived when this server last ended cannot be looked after; it waits for the next start")]
    internal static partial void LeftHandoversFailed(this ILogger log, Exception exception);

    [LoggerMessage(4038, LogLevel.Warning, "The journal of handovers cannot be written: were this server killed now, some mail under way would be sent twice")]
    internal static partial void JournalFailed(this ILogger log, Exception exception);

    [LoggerMessage(4052, LogLevel.Warning, "{Account}: its script {Script} cannot be run, so mail is kept: {Problem}")]
    internal static partial void ScriptUnsound(this ILogger log, string account, string script, string problem);

    [LoggerMessage(4053, LogLevel.Information, "{Account}: its script {Script} failed in line {Line}, so the message is kept as it came: {Problem}")]
    internal static partial void ScriptFailed(this ILogger log, string account, string script, int line, string problem);

    [LoggerMessage(4040, LogLevel.Information, "{Domain}: MTA-STS policy {PolicyId} fetched, mode {Mode}, good for {MaxAge}")]
    internal static partial void PolicyFetched(this ILogger log, string domain, string policyId, string mode, TimeSpan maxAge);

    [LoggerMessage(4041, LogLevel.Warning, "{Domain}: its MTA-STS policy could not be fetched: {Reason}; {Consequence}")]
    internal static partial void PolicyNotFetched(this ILogger log, string domain, string reason, string consequence);

    [LoggerMessage(4042, LogLevel.Error, "The upkeep of transport security failed and is tried again in an hour")]
    internal static partial void UpkeepFailed(this ILogger log, Exception exception);

    [LoggerMessage(4043, LogLevel.Information, "{Domain}: TLS report {ReportId} queued to {Addresses}, {Sessions} sessions")]
    internal static partial void TlsReportSent(this ILogger log, string domain, string reportId, string addresses, long sessions);

    [LoggerMessage(4044, LogLevel.Information, "TLS report {ReportId} was not taken by {Place}: {Reason}")]
    internal static partial void TlsReportNotTaken(this ILogger log, string reportId, string place, string reason);

    [LoggerMessage(4031, LogLevel.Warning, "{Domain}: its DKIM keys are due to change. Publish the next ones: sternpost dns show {Domain}")]
    internal static partial void NextKeysMade(this ILogger log, string domain);

    [LoggerMessage(4032, LogLevel.Information, "{Domain}: the next DKIM key {Selector} is in DNS and signs from {From} on")]
    internal static partial void NextKeySeen(this ILogger log, string domain, string selector, DateTimeOffset from);

    [LoggerMessage(4033, LogLevel.Information, "{Domain}: the DKIM key {Selector} signs from now on")]
    internal static partial void KeyTookOver(this ILogger log, string domain, string selector);

    [LoggerMessage(4034, LogLevel.Information, "{Domain}: the DKIM key {Selector} is revoked. Publish its record anew: sternpost dns show {Domain}")]
    internal static partial void KeyRevoked(this ILogger log, string domain, string selector);

    [LoggerMessage(4050, LogLevel.Information, "{Account} is away: {Sender} was answered")]
    internal static partial void Answered(this ILogger log, string account, string sender);

    [LoggerMessage(4051, LogLevel.Error, "The automatic answer of {Account} failed")]
    internal static partial void AnswerFailed(this ILogger log, Exception failure, string account);

    [LoggerMessage(4036, LogLevel.Warning, "{Domain}: its DKIM keys are not all in DNS: {Reason}. See: sternpost dns publish {Domain}")]
    internal static partial void KeysNotPublished(this ILogger log, string domain, string reason);

    [LoggerMessage(4035, LogLevel.Error, "The change of DKIM keys failed and is tried again")]
    internal static partial void RotationFailed(this ILogger log, Exception exception);

    [LoggerMessage(4030, LogLevel.Information, "{Domain}: DKIM keys made with the selectors {Selectors}")]
    internal static partial void KeysMade(this ILogger log, string domain, string selectors);
}
