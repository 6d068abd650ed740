using Microsoft.Extensions.Logging;
using Sternpost.Filter.Evidence.Expected;
using Sternpost.Filter.Evidence.Reputation;
using Sternpost.Filter.Judges.Phishing;
using Sternpost.Filter.Verdicts;
using Sternpost.MailAuth.Spf;
using Sternpost.Messages.Envelopes;
using Sternpost.Storage;

namespace Sternpost.Filter.Evidence.Greylisting;

/// <summary>
/// Asks a client to come back, once, where nobody knows it, nothing proves its sender and something about it is odd. A mail server
/// does so by itself; spam engines rarely do. Kept by the client's network and the sender's domain, in the database, so
/// that every node and every machine of a sender's farm counts as the same.
/// </summary>
public sealed class Greylist
{
    // RFC 5321 §4.5.4.1: a sender waits at least thirty minutes as a rule, and gives up after four or five days.
    private static readonly TimeSpan ComesBackWithin = TimeSpan.FromHours(50);
    private static readonly TimeSpan PassRemembered = TimeSpan.FromDays(60);
    private const int MostWaiting = 500_000;

    // What is this far below the threshold is let through at once, odd or not; and beyond refusal there is nothing to wait for.
    private const double BandBelowThreshold = 3.0;

    private readonly Database database;
    private readonly FilterOptions options;
    private readonly ReputationBook reputation;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    internal Greylist(Database database, FilterOptions options, ReputationBook reputation, TimeProvider time, ILogger logger)
    {
        this.database = database;
        this.options = options;
        this.reputation = reputation;
        this.time = time;
        this.logger = logger;
    }

    /// <summary>The text of a 451 4.7.1 reply where the client shall come back; null where its message may go on. What it writes is durable.</summary>
    public async ValueTask<string?> AskAsync(Judgement judgement, SessionFacts session, Envelope envelope, CancellationToken cancellation)
    {
        if (!options.Greylist || judgement.Facts is not { } facts || judgement.Authentication is not { } authentication) return null;
        if (IsKnown(facts) || Oddity(judgement) is not { } odd) return null;
        // While DNS does not answer, nothing says that the sender cannot prove himself; then the score alone is no reason.
        if (authentication.Spf.Kind == SpfKind.TempError && odd.Length == 0) return null;
        var domain = envelope.ReversePath is { } path ? RelatedDomains.Registered(path.Domain.Ascii).ToString() : facts.SenderDomain;
        var network = EvidenceKey.Of(EvidenceKind.Network, session.ClientAddress);
        var pair = EvidenceKey.Of(EvidenceKind.Greylist, $"{network:x} {domain}");
        var client = EvidenceKey.Of(EvidenceKind.Greylist, $"{EvidenceKey.Of(EvidenceKind.Address, session.ClientAddress):x}");
        var wait = await database.WriteAsync(sql => Wait(sql, pair, client), cancellation).ConfigureAwait(false);
        if (wait <= TimeSpan.Zero) return null;
        var reason = $"{(odd.Length > 0 ? odd + " " : "")}Nothing proves who sent this, and this server has not met yours before; send it again in {Words(wait)}, as mail servers do by themselves. Publishing SPF or signing with DKIM avoids the wait";
        FilterMetrics.RecordGreylisted();
        logger.Greylisted(session.ClientAddress.ToString(), envelope.ReversePath?.ToString() ?? "<>", envelope.Recipients.Count, odd);
        return reason;
    }

    /// <summary>Forgets who did not come back, and passes that were not used for long. In a write transaction.</summary>
    internal void Forget(Sql sql)
    {
        var now = time.GetUtcNow();
        sql.Execute($"delete from greylist where passed is null and last_seen < {(now - ComesBackWithin).ToUnixTimeMilliseconds()}");
        sql.Execute($"delete from greylist where last_seen < {(now - PassRemembered).ToUnixTimeMilliseconds()}");
        sql.Execute($"delete from greylist where last_seen <= coalesce((select last_seen from greylist order by last_seen desc limit 1 offset {MostWaiting}), 0)");
    }

    private bool IsKnown(MessageFacts facts)
    {
        if (!facts.ClientKnown || facts.AnythingPassed || facts.Is(FactBits.LoginCode) || facts.Is(FactBits.Notice)) return true;
        foreach (var relation in facts.Relations)
        {
            if (!relation.IsFirstContact) return true;
        }
        // Somebody waits for it now.
        foreach (var account in facts.Accounts)
        {
            if (ExpectedCodeJudge.IsExpected(facts, account)) return true;
        }
        foreach (var (kind, key) in facts.Keys)
        {
            if (kind is EvidenceKind.Address or EvidenceKind.Network && reputation.Find(key) is { IsUnknown: false } standing && standing.Wanted > standing.Unwanted) return true;
        }
        return false;
    }

    // Null where nothing is odd; else a sentence, which may be empty where only the score is.
    private string? Oddity(Judgement judgement)
    {
        var verdict = judgement.Verdict;
        if (verdict.Disposition == Disposition.Reject || verdict.Score >= options.RejectThreshold) return null;
        foreach (var finding in verdict.Findings)
        {
            if (finding.Symbol.StartsWith("RDNS_", StringComparison.Ordinal) || finding.Symbol.StartsWith("HELO_", StringComparison.Ordinal) || finding.Symbol == "PROTOCOL_FAULT") return finding.Explanation;
        }
        return verdict.Score >= options.JunkThreshold - BandBelowThreshold ? "" : null;
    }

    // How long the client shall still wait; zero or less where it may pass.
    private TimeSpan Wait(Sql sql, long pair, long client)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var rows = sql.Query($"select greylist_key, first_seen, passed from greylist where greylist_key in ({pair}, {client})", row => (Key: row.GetInt64(0), First: row.GetInt64(1), Passed: !row.IsDBNull(2)));
        if (rows.Any(row => row.Passed))
        {
            foreach (var row in rows) sql.Execute($"update greylist set last_seen = {now} where greylist_key = {row.Key}");
            return TimeSpan.Zero;
        }
        var waiting = rows.FirstOrDefault(row => row.Key == pair);
        if (waiting.Key == 0 || now - waiting.First > ComesBackWithin.TotalMilliseconds)
        {
            sql.Execute($"""
                insert into greylist (greylist_key, first_seen, last_seen, passed) values ({pair}, {now}, {now}, null)
                on conflict (greylist_key) do update set first_seen = excluded.first_seen, last_seen = excluded.last_seen, passed = null
                """);
            return options.GreylistDelay;
        }
        var left = options.GreylistDelay - TimeSpan.FromMilliseconds(now - waiting.First);
        if (left > TimeSpan.Zero) return left;
        // What came back once comes back always: the machine itself is asked no more, whatever it brings.
        foreach (var key in (ReadOnlySpan<long>)[pair, client])
        {
            sql.Execute($"""
                insert into greylist (greylist_key, first_seen, last_seen, passed) values ({key}, {now}, {now}, {now})
                on conflict (greylist_key) do update set last_seen = excluded.last_seen, passed = excluded.passed
                """);
        }
        return TimeSpan.Zero;
    }

    private static string Words(TimeSpan wait) => wait.TotalSeconds <= 90 ? $"{Math.Ceiling(wait.TotalSeconds):0} seconds" : $"{Math.Ceiling(wait.TotalMinutes):0} minutes";
}
