using System.Globalization;
using System.Text;
using Sternpost.Dns;
using Sternpost.Filter;
using Sternpost.Filter.Attachments;
using Sternpost.Filter.Classifier;
using Sternpost.Filter.Evidence;
using Sternpost.Filter.Verdicts;

namespace Sternpost.Unit.House;

/// <summary>docs/symbols.md is made from what the judges declare. STERNPOST_REGENERATE=1 writes it anew.</summary>
public sealed class SymbolTableTests
{
    [Fact]
    public void The_table_of_symbols_is_as_the_judges_declare_them()
    {
        var table = Render();
        var file = RepositoryRoot.File("docs", "symbols.md");
        if (Environment.GetEnvironmentVariable("STERNPOST_REGENERATE") == "1") File.WriteAllText(file, table);
        Assert.True(File.Exists(file) && File.ReadAllText(file) == table, "docs/symbols.md is stale: run the unit tests with STERNPOST_REGENERATE=1 and commit it.");
    }

    [Fact]
    public void A_symbol_belongs_to_one_judge_and_says_what_it_means()
    {
        var symbols = Judges().SelectMany(judge => judge.Symbols).Concat(ServerEvidence.Symbols.Values.SelectMany(symbols => symbols)).ToList();
        Assert.Equal(symbols.Count, symbols.Select(symbol => symbol.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(symbols, symbol => Assert.EndsWith(".", symbol.Meaning));
    }

    private static IReadOnlyList<Sternpost.Filter.Judges.IJudge> Judges() =>
        StandardJudges.All(new FilterOptions(), new ZoneResolver(), new StatisticalClassifier(null));

    private static string Render()
    {
        var rates = Rates();
        var page = new StringBuilder();
        page.Append("# Symbols\n\nWhat a judge may find in a message. The weight is in log-odds of spam: positive speaks for spam, negative for wanted mail; a judge may\n")
            .Append("give another weight where its evidence is graded. `sternpost check` shows the findings of a message; `X-Sternpost-Verdict` names them.\n")
            .Append("The columns of a corpus say in how many percent of its spam and of its wanted mail a symbol was found, and are empty where it never was\n")
            .Append("(symbols that ask DNS or go by the server's history are not found in files). This page is made by the unit tests from the judges and\n")
            .Append("from docs/symbol-rates.tsv, which `sternpost mass-check INDEX… --rates docs/symbol-rates.tsv` renews.\n");
        foreach (var judge in Judges().OrderBy(judge => judge.Name, StringComparer.Ordinal)) Section(page, judge.Name, judge.Symbols, rates);
        page.Append("\nThe rest goes by the server's own history, and is not found by `check` and `evaluate`.\n");
        foreach (var (judge, symbols) in ServerEvidence.Symbols) Section(page, judge, symbols, []);
        page.Append("\nThe virus scanner, where one is configured, is asked about every message that is not refused anyway.\n");
        Section(page, "virus-scanner", MalwareGate.Symbols, []);
        return page.ToString();
    }

    private static void Section(StringBuilder page, string judge, IEnumerable<Symbol> symbols, SortedDictionary<string, Dictionary<string, (string Spam, string Ham)>> rates)
    {
        var known = rates.Where(corpus => symbols.Any(symbol => corpus.Value.ContainsKey(symbol.Name))).ToList();
        page.Append("\n## ").Append(judge).Append("\n\n| symbol | weight | meaning |").Append(string.Concat(known.Select(corpus => $" {corpus.Key}: spam, ham % |")));
        page.Append("\n|---|---|---|").Append(string.Concat(known.Select(_ => "---|"))).Append('\n');
        foreach (var symbol in symbols)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{symbol.Name}` | {symbol.Weight:0.0} | {symbol.Meaning.Replace("|", "\\|", StringComparison.Ordinal)} |");
            foreach (var corpus in known) page.Append(corpus.Value.TryGetValue(symbol.Name, out var rate) ? $" {rate.Spam}, {rate.Ham} |" : " |");
            page.Append('\n');
        }
    }

    private static SortedDictionary<string, Dictionary<string, (string Spam, string Ham)>> Rates()
    {
        var rates = new SortedDictionary<string, Dictionary<string, (string Spam, string Ham)>>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(RepositoryRoot.File("docs", "symbol-rates.tsv")))
        {
            var columns = line.Split('\t');
            if (!rates.TryGetValue(columns[0], out var corpus)) rates.Add(columns[0], corpus = []);
            corpus[columns[1]] = (columns[2], columns[3]);
        }
        return rates;
    }
}
