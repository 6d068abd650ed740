using Sternpost.Filter.Corpora;
using Sternpost.Filter.Evidence.Findings;
using Sternpost.Filter.Judges;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Filter.Evidence.Refitting;

/// <summary>Judges stored messages again, with another model, other lists or other rules. What the judges at hand cannot tell stays as it was found.</summary>
public sealed class Rejudge
{
    private readonly JudgePanel panel;
    private readonly HashSet<string> symbols;
    private readonly TimeProvider time;

    /// <summary>With <paramref name="judges"/>, whose findings stand in place of the kept ones.</summary>
    public Rejudge(FilterOptions options, IReadOnlyList<IJudge> judges, TimeProvider time)
    {
        panel = new JudgePanel(options, judges, null, time);
        symbols = judges.SelectMany(judge => judge.Symbols).Select(symbol => symbol.Name).ToHashSet(StringComparer.Ordinal);
        this.time = time;
    }

    /// <summary>What these judges alone find in a stored copy.</summary>
    internal async ValueTask<List<Finding>> FoundAsync(ReadOnlyMemory<byte> stored, int prefixLength, CancellationToken cancellation)
    {
        var arrived = new Arrival().Of(stored, "again", time);
        return await panel.FindAsync(new MessageUnderJudgement(arrived.Session, arrived.Envelope, stored[prefixLength..]), cancellation).ConfigureAwait(false);
    }

    /// <summary>The findings of a message as they would be now.</summary>
    /// <param name="message">What was found.</param>
    /// <param name="stored">The copy as stored, with the header lines this server put before it.</param>
    /// <param name="prefixLength">How many octets those lines are: they say how it arrived and are no part of what is judged.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async ValueTask<IReadOnlyList<Finding>> FindingsAsync(KeptMessage message, ReadOnlyMemory<byte> stored, int prefixLength, CancellationToken cancellation)
    {
        return [.. await FoundAsync(stored, prefixLength, cancellation).ConfigureAwait(false), .. message.Findings.Where(finding => !symbols.Contains(finding.Symbol))];
    }
}
