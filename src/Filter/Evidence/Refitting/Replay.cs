using Sternpost.Filter.Evidence.Findings;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Refitting;

/// <summary>What would become of the messages that are kept, under other thresholds, weights or findings. Nothing is changed by it.</summary>
public sealed class Replay
{
    private readonly VerdictRule rule;
    private readonly FindingWeights weights;

    /// <summary>A replay under <paramref name="options"/>, whose weights stand in place of <paramref name="usual"/> ones.</summary>
    /// <param name="options">The thresholds and weights to try.</param>
    /// <param name="usual">The weights in force, by symbol: what is written down was found under them.</param>
    public Replay(FilterOptions options, IReadOnlyDictionary<string, double> usual)
    {
        rule = new VerdictRule(options);
        weights = FindingWeights.Of(options.Weights, usual);
    }

    /// <summary>A message as it would be judged; null where nothing changes for any copy.</summary>
    /// <param name="message">The message as it was judged.</param>
    /// <param name="findings">Its findings, or what another model or other lists find in it.</param>
    public ReplayedMessage? Judge(KeptMessage message, IReadOnlyList<Finding> findings)
    {
        var changed = new List<Finding>(findings);
        weights.Apply(changed);
        var verdict = rule.Decide(changed, message.Reference);
        var copies = new List<ReplayedCopy>();
        if (message.Copies.Count == 0)
        {
            if (verdict.Disposition != message.Disposition) copies.Add(new ReplayedCopy(0, message.Disposition, verdict.Disposition, KnownLabel.None));
        }
        else
        {
            foreach (var copy in message.Copies)
            {
                var then = verdict.Disposition == Disposition.Reject || copy.Shift == 0 ? verdict : rule.Shift(verdict, copy.Shift);
                if (then.Disposition != copy.Disposition) copies.Add(new ReplayedCopy(copy.AccountId, copy.Disposition, then.Disposition, copy.Label));
            }
        }
        return copies.Count == 0 ? null : new ReplayedMessage(message, verdict.Score, copies);
    }
}

/// <summary>A message whose fate would change.</summary>
/// <param name="Message">As it was judged.</param>
/// <param name="Score">The score it would have.</param>
/// <param name="Copies">The copies that would go elsewhere.</param>
public sealed record ReplayedMessage(KeptMessage Message, double Score, IReadOnlyList<ReplayedCopy> Copies);

/// <summary>A copy that would go elsewhere.</summary>
/// <param name="AccountId">Whose; 0 for a message that was refused.</param>
/// <param name="Was">Where it went.</param>
/// <param name="Would">Where it would go.</param>
/// <param name="Label">What is known of it.</param>
public sealed record ReplayedCopy(long AccountId, Disposition Was, Disposition Would, KnownLabel Label);
