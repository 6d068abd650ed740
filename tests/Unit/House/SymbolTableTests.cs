using System.Globalization;
using System.Text;
using Sternpost.Dns;
using Sternpost.Filter;
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
        var page = new StringBuilder();
        page.Append("# Symbols\n\nWhat a judge may find in a message. The weight is in log-odds of spam: positive speaks for spam, negative for wanted mail; a judge may\n")
            .Append("give another weight where its evidence is graded. `sternpost check` shows the findings of a message; `X-Sternpost-Verdict` names them.\n")
            .Append("This page is made from the judges by the unit tests.\n");
        foreach (var judge in Judges().OrderBy(judge => judge.Name, StringComparer.Ordinal))
        {
            page.Append("\n## ").Append(judge.Name).Append("\n\n| symbol | weight | meaning |\n|---|---|---|\n");
            foreach (var symbol in judge.Symbols) Row(page, symbol);
        }
        page.Append("\nThe rest goes by the server's own history, and is not found by `check` and `evaluate`.\n");
        foreach (var (judge, symbols) in ServerEvidence.Symbols)
        {
            page.Append("\n## ").Append(judge).Append("\n\n| symbol | weight | meaning |\n|---|---|---|\n");
            foreach (var symbol in symbols) Row(page, symbol);
        }
        return page.ToString();
    }

    private static void Row(StringBuilder page, Symbol symbol) =>
        page.Append(CultureInfo.InvariantCulture, $"| `{symbol.Name}` | {symbol.Weight:0.0} | {symbol.Meaning.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
}
