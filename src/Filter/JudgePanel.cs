using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sternpost.Filter.Attachments;
using Sternpost.Filter.Evidence;
using Sternpost.Filter.Judges;
using Sternpost.Filter.Judges.Attachments;
using Sternpost.Filter.Lessons;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter;

/// <summary>Runs all judges on a message and makes one verdict. Never throws for what a message holds; never loses or blocks mail because a judge failed.</summary>
public sealed class JudgePanel
{
    private readonly FilterOptions options;
    private readonly IJudge[] local;
    private readonly IJudge[] network;
    private readonly IJudge[] last;
    private readonly IJudge[] outgoing;
    private readonly VerdictRule rule;
    private readonly FindingWeights weights;
    private readonly AccountLessons? lessons;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    /// <summary>A panel of <paramref name="judges"/>; see <see cref="StandardJudges"/> for the usual ones. Without <paramref name="lessons"/> every account has the server's verdict.</summary>
    public JudgePanel(FilterOptions options, IReadOnlyList<IJudge> judges, AccountLessons? lessons, TimeProvider time, ILogger<JudgePanel>? logger = null)
    {
        this.options = options;
        local = [.. judges.Where(judge => judge is { AsksNetwork: false, ReadsFindings: false })];
        network = [.. judges.Where(judge => judge is { AsksNetwork: true, ReadsFindings: false })];
        last = [.. judges.Where(judge => judge.ReadsFindings)];
        outgoing = [.. judges.Where(judge => judge is TestVirusJudge or AttachmentContentJudge)];
        rule = new VerdictRule(options);
        weights = FindingWeights.Of(options, judges);
        this.lessons = lessons;
        this.time = time;
        this.logger = logger ?? NullLogger<JudgePanel>.Instance;
    }

    /// <summary>This server's own history, for the judges that go by it; null where it has no say. Set once at composition.</summary>
    public ServerEvidence? Evidence { get; init; }

    /// <summary>The virus scanner; null where there is none. Set once at composition.</summary>
    public MalwareGate? Malware { get; init; }

    /// <summary>Judges a message from outside.</summary>
    public async ValueTask<Judgement> JudgeAsync(MessageUnderJudgement message, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var findings = await FindAsync(message, cancellation).ConfigureAwait(false);
        var verdict = rule.Decide(findings, message.Session.SessionId);
        string? deferral = null;
        if (verdict.Disposition != Disposition.Reject) (verdict, deferral) = await ScanAsync(message, findings, verdict, cancellation).ConfigureAwait(false);
        var elapsed = time.GetElapsedTime(start);
        var disposition = DispositionName(verdict.Disposition);
        FilterMetrics.RecordJudged(disposition, elapsed);
        logger.Judged(verdict.Reference, disposition, verdict.Score, findings.Count, elapsed.TotalMilliseconds, verdict.Reason);
        return new Judgement { Verdict = verdict, AuthenticationResults = message.AuthenticationResults ?? "", Authentication = message.Authentication, Lesson = LessonOf(message), Facts = message.Facts, Deferral = deferral, Stripped = AttachmentStripping.Strip(message, options.Attachments) };
    }

    /// <summary>Looks at a message that one of our own users sends: for malware and forbidden attachments alone.</summary>
    public async ValueTask<Judgement> InspectOutgoingAsync(MessageUnderJudgement message, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        foreach (var judge in outgoing)
        {
            // What only weighs is for judging strangers; what is forbidden is forbidden to all.
            findings.AddRange((await AskLocalAsync(judge, message, cancellation).ConfigureAwait(false)).Where(finding => finding.Compels is not null || finding.Quarantines));
        }
        var verdict = rule.Decide(findings, message.Session.SessionId);
        string? deferral = null;
        if (verdict.Disposition != Disposition.Reject) (verdict, deferral) = await ScanAsync(message, findings, verdict, cancellation).ConfigureAwait(false);
        return new Judgement { Verdict = verdict, AuthenticationResults = "", Deferral = deferral };
    }

    private async ValueTask<(Verdict Verdict, string? Deferral)> ScanAsync(MessageUnderJudgement message, List<Finding> findings, Verdict verdict, CancellationToken cancellation)
    {
        if (Malware is null) return (verdict, null);
        var (found, deferral) = await Malware.AskAsync(message.Raw, options.MayRefuse, cancellation).ConfigureAwait(false);
        if (found is null) return (verdict, deferral);
        findings.Add(found);
        return (rule.Decide(findings, verdict.Reference), deferral);
    }

    /// <summary>All findings, without a verdict and without a trace in log or metrics.</summary>
    internal async ValueTask<List<Finding>> FindAsync(MessageUnderJudgement message, CancellationToken cancellation)
    {
        var findings = new List<Finding>(12);
        var waiting = network.Length == 0 ? [] : new Task<IReadOnlyList<Finding>>[network.Length];
        for (var i = 0; i < waiting.Length; i++) waiting[i] = AskNetworkAsync(network[i], message, cancellation);
        foreach (var judge in local) findings.AddRange(await AskLocalAsync(judge, message, cancellation).ConfigureAwait(false));
        foreach (var answer in waiting) findings.AddRange(await answer.ConfigureAwait(false));
        if (Evidence is not null) message.Facts = await Evidence.FactsAsync(message, cancellation).ConfigureAwait(false);
        message.Findings = findings;
        foreach (var judge in last) findings.AddRange(await AskLocalAsync(judge, message, cancellation).ConfigureAwait(false));
        weights.Apply(findings);
        return findings;
    }

    /// <summary>The verdict as the account's own lessons change it: accept and junk may differ, reject never does.</summary>
    public async ValueTask<Verdict> ForAccountAsync(Judgement judgement, long accountId, CancellationToken cancellation)
    {
        var verdict = judgement.Verdict;
        if (verdict.Disposition == Disposition.Reject) return verdict;
        var shift = lessons is null || judgement.Lesson is null ? 0 : await lessons.ShiftAsync(accountId, judgement.Lesson, cancellation).ConfigureAwait(false);
        var own = Evidence is null || judgement.Facts is null ? [] : Evidence.ForAccount(judgement.Facts, accountId, verdict.Findings);
        return shift == 0 && own.Count == 0 ? verdict : rule.Shift(verdict, shift, own);
    }

    private LessonFeatures? LessonOf(MessageUnderJudgement message)
    {
        if (lessons is null || message.Features is not { } features) return null;
        var authenticated = message.AuthenticationResults?.Contains("dmarc=pass", StringComparison.Ordinal) ?? false;
        return LessonFeatures.Of(message, features, authenticated);
    }

    private async ValueTask<IReadOnlyList<Finding>> AskLocalAsync(IJudge judge, MessageUnderJudgement message, CancellationToken cancellation)
    {
#pragma warning disable CA1031 // The isolation of judges is this catch: a bug in one is logged, counted and shown in the verdict, and mail goes on.
        try
        {
            return await judge.JudgeAsync(message, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            return Failed(judge, message, exception);
        }
#pragma warning restore CA1031
    }

    private async Task<IReadOnlyList<Finding>> AskNetworkAsync(IJudge judge, MessageUnderJudgement message, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(options.NetworkTimeout);
        var answer = AskLocalAsync(judge, message, deadline.Token).AsTask();
        try
        {
            // WaitAsync as well as the token: a judge that ignores its token must not hold the message.
            return await answer.WaitAsync(options.NetworkTimeout, time, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            logger.JudgeLate(judge.Name, options.NetworkTimeout.TotalSeconds, message.Session.SessionId);
            FilterMetrics.RecordFailure(judge.Name);
            return [FailedFinding(judge, "did not answer in time")];
        }
    }

    private Finding[] Failed(IJudge judge, MessageUnderJudgement message, Exception exception)
    {
        logger.JudgeFailed(exception, judge.Name, message.Session.SessionId);
        FilterMetrics.RecordFailure(judge.Name);
        return [FailedFinding(judge, "failed")];
    }

    private static Finding FailedFinding(IJudge judge, string how) =>
        new(judge.Name.ToUpperInvariant().Replace('-', '_') + "_FAILED", 0, $"The check '{judge.Name}' {how}; the message was judged without it.");

    private static string DispositionName(Disposition disposition) => disposition switch
    {
        Disposition.Accept => "accept",
        Disposition.Junk => "junk",
        _ => "reject",
    };
}
