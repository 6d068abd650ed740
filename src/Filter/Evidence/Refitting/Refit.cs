using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sternpost.Filter.Evidence.Findings;
using Sternpost.Storage;

namespace Sternpost.Filter.Evidence.Refitting;

/// <summary>
/// Looks for weights and thresholds that would have served this server's own labelled mail better, under the ceiling on lost ham. It
/// proposes; nothing changes until the administrator writes it into the configuration.
/// </summary>
internal sealed class Refit(Database database, FindingsBook findings, FilterOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Wanted messages that must be known before the threshold of Junk is chosen by them: three times as many as lose one at 0.1 %.</summary>
    internal const int HamForJunk = 3_000;

    /// <summary>The same for refusal at 0.001 %.</summary>
    internal const int HamForReject = 300_000;

    /// <summary>Messages of each kind that weights are fitted by.</summary>
    internal const int FewestOfEach = 50;

    // A symbol seen less often says too little about itself.
    private const int FewestHits = 15;
    private const int Rounds = 150;

    // How strongly a weight holds to what it is: as if that many messages had said so.
    private const double Hold = 20;

    // What weights are fitted by is held in memory; thresholds are chosen by all there is.
    private const int MostFitted = 60_000;

    /// <summary>Fits, and keeps the proposal where there is one.</summary>
    internal async ValueTask<Proposal?> ProposeAsync(CancellationToken cancellation)
    {
        var since = time.GetUtcNow() - options.KeepFindings;
        var newest = new Queue<KeptMessage>();
        await foreach (var message in LabelledAsync(since, cancellation).ConfigureAwait(false))
        {
            newest.Enqueue(message);
            if (newest.Count > MostFitted) newest.Dequeue();
        }
        if (!IsEnough(newest.Count(message => message.IsSpam == false), newest.Count(message => message.IsSpam == true))) return null;
        var scores = new LabelledScores(Factors([.. newest]));
        newest.Clear();
        await foreach (var message in LabelledAsync(since, cancellation).ConfigureAwait(false)) scores.Add(message);
        if (Propose(scores, options) is not { } proposal) return null;
        var content = JsonSerializer.Serialize(proposal);
        await database.WriteAsync(sql => sql.Execute($"insert into filter_proposals (id, content) values ({database.NextId()}, {content})"), cancellation).ConfigureAwait(false);
        logger.Proposed(scores.Ham.Count + scores.Spam.Count, proposal.InWords);
        return proposal;
    }

    /// <summary>The proposal for labelled messages; null where they are too few or nothing better was found.</summary>
    internal static Proposal? Fit(IReadOnlyList<KeptMessage> messages, FilterOptions options)
    {
        var labelled = messages.Where(message => message.IsSpam is not null).ToList();
        if (!IsEnough(labelled.Count(message => message.IsSpam == false), labelled.Count(message => message.IsSpam == true))) return null;
        var scores = new LabelledScores(Factors(labelled));
        foreach (var message in labelled) scores.Add(message);
        return Propose(scores, options);
    }

    private static Proposal? Propose(LabelledScores scores, FilterOptions options)
    {
        var ham = scores.Ham.Count;
        var now = scores.OutcomeNow(options.JunkThreshold, options.RejectThreshold);
        var junkAt = ham >= HamForJunk ? scores.Threshold(options.HamCeilingForJunk) : options.JunkThreshold;
        var rejectAt = ham >= HamForReject ? Math.Max(scores.Threshold(options.HamCeilingForReject), junkAt + 1) : Math.Max(options.RejectThreshold, junkAt + 1);
        var then = scores.OutcomeThen(junkAt, rejectAt);
        // The ceiling holds for what is proposed, and where it is passed already, nothing may make it worse.
        var mostLost = Math.Max(now.LostHam, (int)(ham * options.HamCeilingForJunk));
        if (then.LostHam > mostLost || then.RefusedHam > now.RefusedHam || then.MissedSpam > now.MissedSpam) return null;
        if (then.LostHam == now.LostHam && then.MissedSpam == now.MissedSpam) return null;
        return new Proposal(Math.Round(junkAt, 2), Math.Round(rejectAt, 2), scores.Factors, ham, scores.Spam.Count, now.LostHam, then.LostHam, now.MissedSpam, then.MissedSpam);
    }

    private static bool IsEnough(int ham, int spam) => ham >= FewestOfEach && spam >= FewestOfEach;

    private async IAsyncEnumerable<KeptMessage> LabelledAsync(DateTimeOffset since, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var message in findings.SinceAsync(since, cancellation).ConfigureAwait(false))
        {
            if (message.IsSpam is not null) yield return message;
        }
    }

    // Logistic regression over the findings' present weights: each symbol gets a factor, held near 1 and between a half and two.
    private static Dictionary<string, double> Factors(List<KeptMessage> messages)
    {
        var hits = messages.SelectMany(message => message.Findings).Where(finding => finding.Weight != 0).GroupBy(finding => finding.Symbol, StringComparer.Ordinal)
            .Where(group => group.Count() >= FewestHits).Select(group => group.Key).Order(StringComparer.Ordinal).ToList();
        var index = hits.Select((symbol, i) => (symbol, i)).ToDictionary(pair => pair.symbol, pair => pair.i, StringComparer.Ordinal);
        var factors = Enumerable.Repeat(1.0, hits.Count).ToArray();
        var gradient = new double[hits.Count];
        var curvature = new double[hits.Count];
        for (var round = 0; round < Rounds; round++)
        {
            Array.Clear(gradient);
            Array.Clear(curvature);
            foreach (var message in messages)
            {
                var score = 0.0;
                foreach (var finding in message.Findings) score += finding.Weight * (index.TryGetValue(finding.Symbol, out var i) ? factors[i] : 1);
                var probability = 1 / (1 + Math.Exp(-score));
                var error = (message.IsSpam == true ? 1 : 0) - probability;
                foreach (var finding in message.Findings)
                {
                    if (!index.TryGetValue(finding.Symbol, out var i)) continue;
                    gradient[i] += error * finding.Weight;
                    curvature[i] += finding.Weight * finding.Weight * 0.25;
                }
            }
            for (var i = 0; i < factors.Length; i++)
            {
                // A step of each factor for itself, shortened because they move together.
                var step = (gradient[i] + (Hold * (1 - factors[i]))) / (curvature[i] + Hold) * 0.3;
                factors[i] = Math.Clamp(factors[i] + step, 0.5, 2);
            }
        }
        var changed = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var i = 0; i < factors.Length; i++)
        {
            if (Math.Abs(factors[i] - 1) >= 0.05) changed[hits[i]] = Math.Round(factors[i], 2);
        }
        return changed;
    }
}

/// <summary>What a refit proposes, and what it would have meant for the mail it was made of.</summary>
/// <param name="JunkAt">Threshold of Junk.</param>
/// <param name="RejectAt">Threshold of refusal.</param>
/// <param name="Factors">By what a symbol's weight is multiplied.</param>
/// <param name="Ham">Known wanted messages it was made of.</param>
/// <param name="Spam">Known spam it was made of.</param>
/// <param name="LostHamNow">Wanted messages that are junk now.</param>
/// <param name="LostHamThen">Those that would be.</param>
/// <param name="MissedSpamNow">Spam in inboxes now.</param>
/// <param name="MissedSpamThen">Spam that would be.</param>
public sealed record Proposal(double JunkAt, double RejectAt, IReadOnlyDictionary<string, double> Factors, int Ham, int Spam, int LostHamNow, int LostHamThen, int MissedSpamNow, int MissedSpamThen)
{
    /// <summary>In a sentence.</summary>
    public string InWords => string.Create(
        CultureInfo.InvariantCulture,
        $"junk_at {JunkAt:0.00}, reject_at {RejectAt:0.00} and {Factors.Count} weights would lose {LostHamThen} instead of {LostHamNow} of {Ham} wanted messages and miss {MissedSpamThen} instead of {MissedSpamNow} of {Spam} spam");
}
