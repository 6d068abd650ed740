using System.CommandLine;
using System.Globalization;
using Sternpost.Composition;
using Sternpost.Filter;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Corpora;

namespace Sternpost.Commands;

/// <summary><c>mass-check INDEX…</c>.</summary>
internal static class MassCheckCommand
{
    private const string RulesSymbol = "SPAMASSASSIN";

    public static Command Create()
    {
        var indexes = new Argument<string[]>("index") { Description = "Corpus indexes with lines 'spam|ham PATH', paths relative to their folders.", HelpName = "INDEX", Arity = ArgumentArity.OneOrMore };
        var rules = new Option<string[]>("--rules") { Description = "A folder of SpamAssassin rules, each of which is counted as well; may be repeated.", HelpName = "FOLDER" };
        var rates = new Option<string?>("--rates") { Description = "Write or renew these corpora's columns of a table of rates, from which docs/symbols.md is made.", HelpName = "FILE" };
        var json = CommonOptions.Json();
        var command = new Command("mass-check", "Counts on labelled mail how often each symbol is found in spam and in wanted mail.") { indexes, rules, rates, json };
        command.SetAction(async (result, cancellation) =>
        {
            var configuration = FilterComposition.ConfigurationOf(result);
            configuration.Filter.SpamAssassinRules = result.GetValue(rules) ?? [];
            var panel = FilterComposition.Panel(configuration, new StatisticalClassifier(FilterComposition.Model(configuration.Filter.Model)), null, null, TimeProvider.System);
            var weights = StandardJudges.UsualWeights(FilterComposition.Options(configuration));
            var all = new List<SymbolFact>();
            foreach (var index in result.GetRequiredValue(indexes))
            {
                var counts = await CountAsync(panel, TrainCommand.Index(index), cancellation);
                var corpus = Path.GetFileNameWithoutExtension(index);
                var facts = counts.Facts(corpus, weights);
                if (result.GetValue(rates) is { } file) SymbolRates.Renew(file, corpus, facts);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{corpus}: {counts.Spam} spam, {counts.Ham} wanted"));
                all.AddRange(facts);
            }
            Print(all, result.GetValue(json));
        });
        return command;
    }

    private static async Task<SymbolCounts> CountAsync(JudgePanel panel, IReadOnlyList<LabelledMessage> messages, CancellationToken cancellation)
    {
        var counts = new SymbolCounts();
        await foreach (var (message, verdict) in new Evaluation(panel, TimeProvider.System).VerdictsAsync(messages, cancellation))
        {
            var symbols = verdict.Findings.Select(finding => finding.Symbol);
            var ruleNames = verdict.Findings.Where(finding => finding.Symbol == RulesSymbol).SelectMany(finding => finding.Data?.GetValueOrDefault("rules")?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? []);
            counts.Add(message.Spam, symbols.Concat(ruleNames));
        }
        return counts;
    }

    private static void Print(IReadOnlyList<SymbolFact> facts, bool json) => Facts.PrintList(facts, json, "Nothing was found in any message.",
        ("corpus", fact => fact.Corpus),
        ("symbol", fact => fact.Symbol),
        ("spam %", fact => fact.SpamPercent.ToString("0.000", CultureInfo.InvariantCulture)),
        ("ham %", fact => fact.HamPercent.ToString("0.000", CultureInfo.InvariantCulture)),
        ("S/O", fact => fact.SpamOverAll.ToString("0.000", CultureInfo.InvariantCulture)),
        ("weight", fact => fact.Weight?.ToString("0.0##", CultureInfo.InvariantCulture) ?? ""));
}

/// <summary>How often a symbol was found; printed as it is with <c>--json</c>.</summary>
internal sealed record SymbolFact(string Corpus, string Symbol, int Messages, double SpamPercent, double HamPercent, double SpamOverAll, double? Weight);

/// <summary>Counts of symbols by class.</summary>
internal sealed class SymbolCounts
{
    private readonly Dictionary<string, (int Spam, int Ham)> found = new(StringComparer.Ordinal);

    public int Spam { get; private set; }

    public int Ham { get; private set; }

    public void Add(bool spam, IEnumerable<string> symbols)
    {
        if (spam) Spam++;
        else Ham++;
        foreach (var symbol in symbols.Distinct(StringComparer.Ordinal))
        {
            var (inSpam, inHam) = found.GetValueOrDefault(symbol);
            found[symbol] = spam ? (inSpam + 1, inHam) : (inSpam, inHam + 1);
        }
    }

    /// <summary>The most telling first.</summary>
    public IReadOnlyList<SymbolFact> Facts(string corpus, IReadOnlyDictionary<string, double> weights) =>
        [.. found.Select(pair => Fact(corpus, pair.Key, pair.Value, weights)).OrderByDescending(fact => fact.SpamOverAll).ThenByDescending(fact => fact.Messages).ThenBy(fact => fact.Symbol, StringComparer.Ordinal)];

    private SymbolFact Fact(string corpus, string symbol, (int Spam, int Ham) count, IReadOnlyDictionary<string, double> weights)
    {
        var (spam, ham) = (Percent(count.Spam, Spam), Percent(count.Ham, Ham));
        return new SymbolFact(corpus, symbol, count.Spam + count.Ham, Math.Round(spam, 4), Math.Round(ham, 4), Math.Round(spam + ham == 0 ? 0 : spam / (spam + ham), 4), weights.TryGetValue(symbol, out var weight) ? weight : null);
    }

    private static double Percent(int part, int whole) => whole == 0 ? 0 : 100.0 * part / whole;
}
