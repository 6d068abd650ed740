using System.Globalization;
using Sternpost.Filter;
using Sternpost.Filter.Judges;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Fronts.Consulted;

/// <summary>
/// A filter of another maker as one more judge. Its word counts what the administrator says, neither more than twice as much nor, where
/// it finds nothing, for the message: and where it fails, is late or talks nonsense, it has said nothing.
/// </summary>
public sealed class ConsultedJudge : IJudge
{
    // Beyond this nobody's score says more, and a filter that praises a message does so for reasons of its own.
    private const double Most = 2;
    private const double Least = -0.25;

    private readonly ConsultedFilter filter;
    private readonly IConsultation consultation;
    private readonly Symbol symbol;

    /// <summary>One for each filter; <paramref name="number"/> tells several of a kind apart.</summary>
    public ConsultedJudge(ConsultedFilter filter, int number = 1)
    {
        this.filter = filter;
        consultation = filter.Kind switch
        {
            ConsultedKind.Spamd => new SpamdConsultation(),
            ConsultedKind.Rspamd => new RspamdConsultation(),
            ConsultedKind.Milter => new MilterConsultation(),
            _ => new AmavisConsultation(),
        };
        var kind = filter.Kind.ToString().ToLowerInvariant();
        Name = "consulted-" + kind + (number == 1 ? "" : "-" + number.ToString(CultureInfo.InvariantCulture));
        symbol = new Symbol(Name.ToUpperInvariant().Replace('-', '_'), filter.Weight, $"Another filter ({kind}), which the administrator has asked to be consulted, has an opinion of the message.");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Symbol> Symbols => [symbol];

    /// <inheritdoc/>
    public bool AsksNetwork => true;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Finding>> JudgeAsync(MessageUnderJudgement message, CancellationToken cancellation)
    {
        var opinion = await consultation.AskAsync(filter, message, cancellation).ConfigureAwait(false);
        var weight = Math.Round(Math.Clamp(opinion.Share, Least, Most) * filter.Weight, 3);
        return [symbol.Found($"{filter.Text} says: {opinion.Words}.", weight)];
    }

    internal static string Printable(string text) => string.Concat(text.Take(200).Select(c => c is >= ' ' and <= '~' ? c : '?'));
}
